import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { createDimseServer } from '../../src/dimse/create-dimse-server.ts';
import { createStoreService } from '../../src/dimse/scp/store.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { buildPart10, element, inTagOrder, pixelElements } from '../support/dicom-builder.ts';
import { createFakeIngest, dataSetOf } from '../support/dimse-server.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const study = '1.2.826.0.1.3680043.10.999.77';
const slices = 7;

function slice(number: number): Buffer {
  return buildPart10({
    elements: inTagOrder([
      element('00080005', 'CS', 'ISO_IR 192'),
      element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
      element('00080018', 'UI', `${study}.1.${number}`),
      element('00080020', 'DA', '20240301'),
      element('00080060', 'CS', 'CT'),
      element('00081030', 'LO', 'Schädel nativ'),
      element('00100010', 'PN', 'Müller^Jörg'),
      element('00100020', 'LO', 'CLI-1'),
      element('0020000D', 'UI', study),
      element('0020000E', 'UI', `${study}.1`),
      element('00200013', 'IS', String(number)),
      ...pixelElements({ rows: 8, columns: 8, pixelData: Buffer.alloc(128, number) }),
    ]),
  });
}

const hash = (bytes: Buffer): string => createHash('sha256').update(dataSetOf(bytes)).digest('hex');

describe('commands that call peers', () => {
  let server: TestServer;
  let folder: string;
  let peer: string;

  beforeAll(async () => {
    server = await startTestServer({ CAUSEWAY_QUERY_ACCESS: 'anyone' });
    folder = mkdtempSync(join(tmpdir(), 'causeway-cli-peers-'));
    for (let number = 1; number <= slices; number++) writeFileSync(join(folder, `${number}.dcm`), slice(number));
    writeFileSync(join(folder, 'notes.txt'), 'no image');
    peer = `CAUSEWAY@127.0.0.1:${server.dimsePort}`;
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(...args: string[]) {
    const printed: string[] = [];
    const complained: string[] = [];
    const exitCode = await runCommandLine(args, {
      terminal: { print: (line) => printed.push(line), complain: (line) => complained.push(line), interactive: false },
      env: {},
      workingDir: folder,
      signal: new AbortController().signal,
    });
    return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
  }

  it('echo tells that a peer answers, or why it does not', async () => {
    expect(await run('echo', peer)).toMatchObject({ exitCode: 0, printed: expect.stringContaining('answers, in') });
    const gone = await run('echo', 'GONE@127.0.0.1:1');
    expect(gone).toMatchObject({ exitCode: 1, complained: expect.stringContaining('ECONNREFUSED') });
  });

  it('no command calls in the clear where files for TLS are named', async () => {
    for (const option of ['--tls-ca', '--tls-cert', '--tls-key']) {
      const { exitCode, complained } = await run('echo', peer, option, 'a.pem');
      expect([exitCode, complained]).toEqual([2, expect.stringContaining('--tls')]);
    }
  });

  it('send sends a folder, passes over what is no DICOM, and has the peer commit to it', async () => {
    const sent = await run('send', '--commit', peer, folder);
    expect(sent).toMatchObject({ exitCode: 0, complained: '1 file passed over that is not DICOM' });
    expect(sent.printed).toContain('7 instances sent, 0 with a warning, 0 failed');
    expect(sent.printed).toContain('7 instances committed');
    const named = await run('send', '--json', peer, join(folder, 'notes.txt'), join(folder, '1.dcm'));
    expect(named.exitCode).toBe(1);
    expect(JSON.parse(named.printed)).toEqual({ sent: 1, warnings: 0, failed: 0 });
    expect(named.complained).toContain('notes.txt: ');
  });

  it('send says which DICOM files cannot be sent, and does not send what is cut off', async () => {
    const cut = join(folder, 'cut.dcm');
    writeFileSync(cut, slice(50).subarray(0, -10));
    const bare = join(folder, 'bare');
    writeFileSync(bare, dataSetOf(slice(1)));
    try {
      const sent = await run('send', peer, folder);
      expect(sent.exitCode).toBe(1);
      expect(sent.printed).toContain('8 instances sent, 0 with a warning, 0 failed');
      expect(sent.complained).toContain(`${cut}: `);
    } finally {
      rmSync(cut);
      rmSync(bare);
    }
  });

  it('send tells what was sent also where the peer commits to nothing', async () => {
    const services = [
      createStoreService({ ingest: createFakeIngest(), access: async () => undefined, privateSopClassUids: [] }),
    ];
    const address = { host: '127.0.0.1', port: 0, aeTitle: 'STORE', strictAeTitle: false };
    const store = createDimseServer({ ...address, services, log: silentLog });
    const { port } = await store.listen();
    try {
      const sent = await run('send', '--commit', `STORE@127.0.0.1:${port}`, join(folder, '1.dcm'));
      expect(sent).toMatchObject({ exitCode: 1, printed: '1 instance sent, 0 with a warning, 0 failed' });
      expect(sent.complained).toBe('Nothing is known to be committed: The peer does not offer storage commitment.');
    } finally {
      await store.close({ graceMs: 0 });
    }
  });

  it('find prints a table, or the matches as DICOM JSON', async () => {
    const table = await run('find', peer, '-k', 'PatientName=m*', '-k', '0008,0020');
    expect(table.exitCode).toBe(0);
    expect(table.printed).toMatch(/^PatientName +0008,0020 +PatientID/);
    expect(table.printed).toMatch(/Müller\^Jörg +20240301 +CLI-1 +CT +Schädel nativ/);
    const json = await run('find', peer, '--json', '-l', 'image', '-k', `StudyInstanceUID=${study}`, '--limit', '3');
    expect(JSON.parse(json.printed)).toHaveLength(3);
    const none = await run('find', peer, '--json', '-k', 'PatientID=NOBODY');
    expect(none).toMatchObject({ exitCode: 0, printed: '[]' });
  });

  it('get writes what a peer has into a folder, every data set as it was sent', async () => {
    const output = join(folder, 'out', 'of here');
    const got = await run('get', peer, '-k', `StudyInstanceUID=${study}`, '-o', output);
    expect(got).toMatchObject({ exitCode: 0, printed: '7 instances sent, 0 failed' });
    const files = readdirSync(output).sort();
    expect(files).toEqual(Array.from({ length: slices }, (_, at) => `${study}.1.${at + 1}.dcm`));
    expect(files.map((file) => hash(readFileSync(join(output, file))))).toEqual(
      Array.from({ length: slices }, (_, at) => hash(slice(at + 1))),
    );
    const nothing = await run('get', peer, '-k', 'StudyInstanceUID=1.2.3');
    expect(nothing).toMatchObject({ exitCode: 1, complained: 'The peer has nothing of this.' });
  });

  it('move says where a peer does not want to send to', async () => {
    const moved = await run('move', peer, '--to', 'NOBODY', '-k', `StudyInstanceUID=${study}`);
    expect(moved).toMatchObject({ exitCode: 1, complained: expect.stringContaining('C-MOVE with A801') });
  });

  it('commit tells what a peer does not have', async () => {
    const other = join(folder, 'other.dcm');
    writeFileSync(other, slice(99));
    const asked = await run('commit', peer, join(folder, '1.dcm'), other);
    expect(asked).toMatchObject({ exitCode: 1, printed: '1 instance committed, 1 not' });
    expect(asked.complained).toContain(`not committed: ${study}.1.99 (0112)`);
    rmSync(other);
  });
});
