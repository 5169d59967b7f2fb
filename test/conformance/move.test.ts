import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataSetOf } from '../support/dimse-server.ts';
import { freePort } from '../support/free-port.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describe.skipIf(!hasSharedFiles || !hasProgram('movescu'))('movescu (needs dcmtk and ../shared)', () => {
  let server: TestServer;
  let port: number;
  let nobodysPort: number;
  let folder: string;
  let destination: ChildProcess | undefined;
  const slices = sharedSeries('ct_philips_58').map((path) => readFileSync(path));
  let study: string;

  beforeAll(async () => {
    port = await freePort();
    nobodysPort = await freePort();
    server = await startTestServer({
      CAUSEWAY_PEERS: `WORK1@127.0.0.1,DEST@127.0.0.1:${port},NOBODY@localhost:${nobodysPort}`,
    });
    for (const bytes of slices) await (await stow(server.web, [bytes])).text();
    const [found] = (await (await fetch(`${server.web}/studies`)).json()) as Record<string, { Value: string[] }>[];
    study = found!['0020000D']!.Value[0]!;
  });
  afterAll(async () => {
    await server.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-move-'));
  });
  afterEach(async () => {
    if (destination?.exitCode === null && destination.signalCode === null) {
      const ended = once(destination, 'exit');
      destination.kill();
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function startDestination(...options: string[]): Promise<void> {
    destination = spawn('storescp', ['+B', '-aet', 'DEST', '-od', folder, ...options, String(port)], {
      stdio: 'ignore',
      env: { ...process.env, TCP_NODELAY: '1' },
    });
    await expect.poll(async () => (await runProgram('echoscu', ['127.0.0.1', String(port)])).code).toBe(0);
  }

  async function movescu(to: string, keys: readonly string[], caller = 'WORK1') {
    const { output } = await runProgram('movescu', [
      ...['-d', '-S', '-aet', caller, '-aec', 'CAUSEWAY', '-aem', to],
      ...keys.flatMap((key) => ['-k', key]),
      ...['127.0.0.1', String(server.dimsePort)],
    ]);
    return output;
  }
  const wholeStudy = () => ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${study}`];
  const received = () => readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const counts = (output: string) => {
    const last = (what: string) =>
      [...output.matchAll(new RegExp(`${what} Suboperations\\s*: (\\w+)`, 'g'))].at(-1)?.[1];
    return { completed: last('Completed'), failed: last('Failed'), warning: last('Warning') };
  };

  it('moves a study of 58 slices to another peer, the data sets byte for byte as they are stored', async () => {
    await startDestination();
    const output = await movescu('DEST', wholeStudy());
    expect(output).toMatch(/DIMSE Status\s*: 0x0000/);
    expect(counts(output)).toEqual({ completed: '58', failed: '0', warning: '0' });
    const files = new Set(received().map((file) => dataSetOf(file).toString('base64')));
    expect(files.size).toBe(58);
    for (const slice of slices) expect(files.has(dataSetOf(slice).toString('base64'))).toBe(true);
  });

  it('is answered A801 for a destination that is not known, or has no port', async () => {
    for (const unknown of ['STRANGER', 'WORK1']) {
      const output = await movescu(unknown, wholeStudy());
      expect(output).toMatch(/0xa801/i);
      expect(output).toContain('The move destination is no known peer with a port.');
    }
  });

  it('counts every image as failed, and names them, where the destination cannot be reached', async () => {
    const output = await movescu('NOBODY', wholeStudy());
    expect(output).toMatch(/DIMSE Status\s*: 0xa702/i);
    expect(counts(output)).toMatchObject({ completed: '0', failed: '58' });
  });

  it('goes on with a new association where the destination hangs up, and names what was lost', async () => {
    await startDestination('--abort-after');
    const output = await movescu('DEST', wholeStudy());
    expect(output).toMatch(/DIMSE Status\s*: 0x(a702|b000)/i);
    expect(Number(counts(output).failed)).toBeGreaterThan(50);
  });

  it('is refused to whoever is no known peer', async () => {
    const output = await movescu('DEST', wholeStudy(), 'STRANGER');
    expect(output).toMatch(/0x0124/);
    expect(output).toContain('not among the known peers');
  });
});
