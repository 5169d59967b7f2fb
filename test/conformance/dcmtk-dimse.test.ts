import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataSetOf, startDimseServer, type TestDimseServer } from '../support/dimse-server.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, type SharedFile, sharedFiles, sharedSeries } from '../support/shared-files.ts';

const hasDcmtk = hasProgram('storescu');

let dimse: TestDimseServer;

beforeEach(async () => {
  dimse = await startDimseServer({ strictAeTitle: true });
});
afterEach(async () => {
  await dimse.server.close({ graceMs: 0 });
});

const address = (port: number): string[] => ['127.0.0.1', String(port)];
const called = ['-aec', 'CAUSEWAY'];

describe.skipIf(!hasDcmtk)('echoscu (needs dcmtk)', () => {
  it('is answered', async () => {
    const { code, output } = await runProgram('echoscu', ['-v', ...called, ...address(dimse.port)]);
    expect(code, output).toBe(0);
    expect(output).toContain('Received Echo Response (Success)');
    expect(output).toContain('Max Send PDV: 131060');
  });

  it('is answered over many presentation contexts, transfer syntaxes and messages', async () => {
    const many = ['--propose-ts', '20', '--propose-pc', '128', '--repeat', '50'];
    const { code, output } = await runProgram('echoscu', [...many, ...called, ...address(dimse.port)]);
    expect(code, output).toBe(0);
  });

  it('is answered where it gives a user identity', async () => {
    const identity = ['-usr', 'someone', '-pwd', 'secret'];
    const { code, output } = await runProgram('storescu', [
      ...['-v', ...identity, ...called, ...address(dimse.port)],
      join(import.meta.dirname, 'dcmtk-dimse.test.ts'),
    ]);
    // The file is no DICOM, so that only the association is tried.
    expect(output, String(code)).toContain('Association Accepted');
  });

  it('is told why it is rejected', async () => {
    const { code, output } = await runProgram('echoscu', ['-aec', 'OTHER', ...address(dimse.port)]);
    expect(code).not.toBe(0);
    expect(output).toContain('Called AE Title Not Recognized');
  });

  it.skipIf(!hasProgram('termscu'))('is answered after termscu asked in vain that the server end', async () => {
    const asked = await runProgram('termscu', ['-v', ...called, ...address(dimse.port)]);
    expect(asked.code).not.toBe(0);
    expect(asked.output).toContain('No Acceptable Presentation Contexts');
    const { code, output } = await runProgram('echoscu', [...called, ...address(dimse.port)]);
    expect(code, output).toBe(0);
  });

  it('can abort', async () => {
    const { output } = await runProgram('echoscu', ['-v', '--abort', ...called, ...address(dimse.port)]);
    expect(output).toContain('Received Echo Response (Success)');
    const { code } = await runProgram('echoscu', [...called, ...address(dimse.port)]);
    expect(code).toBe(0);
  });
});

/** DCMTK's bit-preserving receiver: the independent witness of what was sent. */
async function startStorescp(dir: string): Promise<{ port: number; stop(): Promise<void> }> {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const bound = probe.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  probe.close();
  await once(probe, 'close');
  const child = spawn('storescp', ['+xa', '+B', '-pm', '-od', dir, String(port)], {
    stdio: 'ignore',
    env: { ...process.env, TCP_NODELAY: '1' },
  });
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await runProgram('echoscu', address(port))).code === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

function storable(transferSyntaxUid: string): SharedFile[] {
  const files = sharedFiles().filter((file) => file.storable && file.transferSyntaxUid === transferSyntaxUid);
  const unique = files.filter(
    (file, at) => files.findIndex(({ sopInstanceUid }) => sopInstanceUid === file.sopInstanceUid) === at,
  );
  return unique.filter(({ path }) => statSync(path).size < 4_000_000).slice(0, 4);
}

describe.skipIf(!hasDcmtk || !hasSharedFiles)('storescu with real files (needs dcmtk and ../shared)', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'causeway-dcmtk-'));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it.each([
    ['-xe', 'Explicit VR Little Endian', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1'],
    ['-xi', 'Implicit VR Little Endian', '1.2.840.10008.1.2', '1.2.840.10008.1.2'],
    ['-xe', 'implicit as explicit', '1.2.840.10008.1.2', '1.2.840.10008.1.2.1'],
    ['-xb', 'Explicit VR Big Endian', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.2'],
    ['-xd', 'Deflated Explicit VR Little Endian', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99'],
    ['-xy', 'JPEG Baseline', '1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.4.50'],
    ['-xx', 'JPEG Extended', '1.2.840.10008.1.2.4.51', '1.2.840.10008.1.2.4.51'],
    ['-xs', 'JPEG Lossless', '1.2.840.10008.1.2.4.70', '1.2.840.10008.1.2.4.70'],
    ['-xt', 'JPEG-LS Lossless', '1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.80'],
    ['-xu', 'JPEG-LS Near-Lossless', '1.2.840.10008.1.2.4.81', '1.2.840.10008.1.2.4.81'],
    ['-xv', 'JPEG 2000 Lossless', '1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.4.90'],
    ['-xw', 'JPEG 2000', '1.2.840.10008.1.2.4.91', '1.2.840.10008.1.2.4.91'],
    ['-xr', 'RLE Lossless', '1.2.840.10008.1.2.5', '1.2.840.10008.1.2.5'],
  ])('%s (%s): the data sets are what DCMTK itself receives', async (option, name, stored, sent) => {
    const files = storable(stored);
    expect(files.length).toBeGreaterThan(0);
    const received = join(dir, `${option}-${name}`);
    mkdirSync(received);
    const storescp = await startStorescp(received);
    const paths = files.map(({ path }) => path);
    const options = [option, '--required', ...called];
    try {
      const toThem = await runProgram('storescu', [...options, ...address(storescp.port), ...paths]);
      expect(toThem.code, toThem.output).toBe(0);
    } finally {
      await storescp.stop();
    }
    const toUs = await runProgram('storescu', [...options, ...address(dimse.port), ...paths]);
    expect(toUs.code, toUs.output).toBe(0);

    const witnessed = readdirSync(received).map((each) => readFileSync(join(received, each)));
    const ours = dimse.ingest.finished.map(({ bytes }) => bytes);
    expect(ours).toHaveLength(files.length);
    const sorted = (all: readonly Buffer[]) => all.map((bytes) => dataSetOf(bytes).toString('base64')).sort();
    expect(sorted(ours).every((each, index) => each === sorted(witnessed)[index])).toBe(true);
    for (const bytes of ours) {
      const meta = bytes.subarray(0, bytes.length - dataSetOf(bytes).length).toString('latin1');
      expect(meta).toContain(`${sent}${sent.length % 2 === 0 ? '' : '\0'}`);
    }
  });

  it('all transfer syntaxes combined into one presentation context', async () => {
    const paths = storable('1.2.840.10008.1.2.1').map(({ path }) => path);
    const { code, output } = await runProgram('storescu', ['+C', ...called, ...address(dimse.port), ...paths]);
    expect(code, output).toBe(0);
    expect(dimse.ingest.finished).toHaveLength(paths.length);
  });

  it('the smallest PDUs that DCMTK sends', async () => {
    const paths = storable('1.2.840.10008.1.2.4.50').map(({ path }) => path);
    const small = ['-xy', '--required', '--max-pdu', '4096', '--max-send-pdu', '4096'];
    const { code, output } = await runProgram('storescu', [...small, ...called, ...address(dimse.port), ...paths]);
    expect(code, output).toBe(0);
    expect(dimse.ingest.finished).toHaveLength(paths.length);
  });
});

describe.skipIf(!hasDcmtk || sharedSeries('ct_philips_58').length === 0)(
  'a CT series (needs dcmtk and ../shared)',
  () => {
    const series = sharedSeries('ct_philips_58');

    it('by dcmsend, byte for byte as in the files', async () => {
      const { code, output } = await runProgram('dcmsend', ['-v', ...called, ...address(dimse.port), ...series]);
      expect(code, output).toBe(0);
      expect(dimse.ingest.finished).toHaveLength(series.length);
      const sent = new Set(series.map((path) => dataSetOf(readFileSync(path)).toString('base64')));
      for (const { bytes } of dimse.ingest.finished) expect(sent.has(dataSetOf(bytes).toString('base64'))).toBe(true);
    });

    it('by four storescu at a time, none lost', async () => {
      const results = await Promise.all(
        [1, 2, 3, 4].map((number) =>
          runProgram('storescu', ['-aet', `SCU${number}`, ...called, ...address(dimse.port), ...series]),
        ),
      );
      for (const { code, output } of results) expect(code, output).toBe(0);
      const counts = new Map<string, Set<string>>();
      for (const { source } of dimse.ingest.finished) {
        const title = source.callingAeTitle ?? '';
        counts.set(title, (counts.get(title) ?? new Set()).add(source.affected?.sopInstanceUid ?? ''));
      }
      expect([...counts.values()].map(({ size }) => size)).toEqual([1, 2, 3, 4].map(() => series.length));
    });
  },
);
