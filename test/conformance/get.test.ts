import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataSetOf } from '../support/dimse-server.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describe.skipIf(!hasSharedFiles || !hasProgram('getscu'))('getscu (needs dcmtk and ../shared)', () => {
  let server: TestServer;
  let folder: string;
  const slices = sharedSeries('ct_philips_58').map((path) => readFileSync(path));
  const compressed = sharedFiles().filter(
    ({ name, storable, transferSyntaxUid }) =>
      name.startsWith('real/') && storable && transferSyntaxUid.endsWith('.4.90'),
  );

  beforeAll(async () => {
    server = await startTestServer({ CAUSEWAY_QUERY_ACCESS: 'anyone' });
    for (const bytes of [...slices, ...compressed.map(({ path }) => readFileSync(path))]) {
      await (await stow(server.web, [bytes])).text();
    }
  });
  afterAll(async () => {
    await server.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-get-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function getscu(args: readonly string[], keys: readonly string[]) {
    const { output, code } = await runProgram('getscu', [
      ...['-v', '-aec', 'CAUSEWAY', '+B', '-od', folder, ...args],
      ...keys.flatMap((key) => ['-k', key]),
      ...['127.0.0.1', String(server.dimsePort)],
    ]);
    return { output, code, files: readdirSync(folder).map((name) => readFileSync(join(folder, name))) };
  }

  async function uidsOf(bytes: Buffer): Promise<{ study: string; sop: string }> {
    const text = bytes.subarray(0, 4_096).toString('latin1');
    const found = (await (await fetch(`${server.web}/instances?limit=1000`)).json()) as Record<
      string,
      { Value: string[] }
    >[];
    const match = found.find((each) => text.includes(each['00080018']!.Value[0]!))!;
    return { study: match['0020000D']!.Value[0]!, sop: match['00080018']!.Value[0]! };
  }

  it('retrieves a study of 58 slices, the data sets byte for byte as they are stored', async () => {
    const { study } = await uidsOf(slices[0]!);
    const { output, files, code } = await getscu(['-S'], ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${study}`]);
    expect(code, output).toBe(0);
    expect(files).toHaveLength(58);
    const sent = new Set(files.map((file) => dataSetOf(file).toString('base64')));
    for (const slice of slices) expect(sent.has(dataSetOf(slice).toString('base64'))).toBe(true);
    expect(output).toMatch(/Completed.*58|58/);
  });

  it('retrieves one image, also by the patient root', async () => {
    const { study, sop } = await uidsOf(slices[7]!);
    const { files, output } = await getscu(
      ['-P'],
      ['QueryRetrieveLevel=IMAGE', `StudyInstanceUID=${study}`, `SOPInstanceUID=${sop}`],
    );
    expect(files, output).toHaveLength(1);
    expect(dataSetOf(files[0]!).equals(dataSetOf(slices[7]!))).toBe(true);
  });

  it.skipIf(compressed.length === 0)('converts what is compressed for a peer that takes no compression', async () => {
    for (const { sopInstanceUid, studyInstanceUid } of compressed.slice(0, 3)) {
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(join(tmpdir(), 'causeway-get-'));
      const { files, output } = await getscu(
        ['-S'],
        ['QueryRetrieveLevel=IMAGE', `StudyInstanceUID=${studyInstanceUid}`, `SOPInstanceUID=${sopInstanceUid}`],
      );
      expect(files, output).toHaveLength(1);
      expect(files[0]!.subarray(0, 400).toString('latin1')).toContain('1.2.840.10008.1.2.1\0');
    }
  });

  it('ends well where nothing matches, and is refused in words where nothing says what to retrieve', async () => {
    const nothing = await getscu(['-S'], ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=1.2.3.4']);
    expect(nothing.output).toContain('Success');
    expect(nothing.files).toEqual([]);
    const everything = await getscu(['-d', '-S'], ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID']);
    expect(everything.output).toContain('StudyInstanceUID is missing');
    expect(everything.files).toEqual([]);
  });
});
