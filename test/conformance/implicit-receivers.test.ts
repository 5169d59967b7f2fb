import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetOf } from '../support/dimse-server.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, type SharedFile, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const implicit = '1.2.840.10008.1.2';
/** Who makes a file of a transfer syntax native, before dcmconv makes it implicit. */
const decoders: Readonly<Record<string, string | undefined>> = {
  '1.2.840.10008.1.2.1': undefined,
  '1.2.840.10008.1.2.2': undefined,
  '1.2.840.10008.1.2.5': 'dcmdrle',
  '1.2.840.10008.1.2.4.70': 'dcmdjpeg',
  '1.2.840.10008.1.2.4.80': 'dcmdjpls',
};
const programs = ['movescu', 'storescp', 'dcmconv', 'dcmdrle', 'dcmdjpeg', 'dcmdjpls'];

/** Two real files of each transfer syntax. */
function someOfEach(): SharedFile[] {
  const ofImages = sharedFiles().filter(
    // One calls lossless what is a DCT: we say so, DCMTK does not (transcoding.test.ts).
    ({ name, storable, duplicate }) =>
      name.startsWith('real/') && storable && !duplicate && !name.endsWith('/test/sample-op.dcm'),
  );
  return Object.keys(decoders).flatMap((uid) => ofImages.filter((file) => file.transferSyntaxUid === uid).slice(0, 2));
}

describe.skipIf(!hasSharedFiles || !programs.every(hasProgram))(
  'a receiver that takes nothing but Implicit VR Little Endian (needs dcmtk and ../shared)',
  () => {
    const files = someOfEach();
    const folder = mkdtempSync(join(tmpdir(), 'causeway-implicit-'));
    const got = join(folder, 'got');
    let server: TestServer;
    let receiver: ChildProcess;

    beforeAll(async () => {
      const free = createServer().listen(0, '127.0.0.1');
      await once(free, 'listening');
      const { port } = free.address() as { port: number };
      free.close();
      mkdirSync(got);
      // Forked, it takes the next association while the last one lies idle.
      receiver = spawn('storescp', ['--fork', '+B', '+xi', '-od', got, String(port)], { stdio: 'ignore' });
      server = await startTestServer({ CAUSEWAY_QUERY_ACCESS: 'anyone', CAUSEWAY_PEERS: `OLD@127.0.0.1:${port}` });
      for (const { path } of files) await (await stow(server.web, [readFileSync(path)])).text();
      // The test's own time limit ends it if the receiver never comes.
      while ((await runProgram('echoscu', ['127.0.0.1', String(port)])).code !== 0);
    });
    afterAll(async () => {
      receiver.kill();
      await server.close();
      rmSync(folder, { recursive: true });
    });

    const keysOf = ({ studyInstanceUid, sopInstanceUid }: SharedFile) =>
      ['QueryRetrieveLevel=IMAGE', `StudyInstanceUID=${studyInstanceUid}`, `SOPInstanceUID=${sopInstanceUid}`].flatMap(
        (key) => ['-k', key],
      );
    const to = () => ['-aec', 'CAUSEWAY', '127.0.0.1', String(server.dimsePort)];

    async function receive(ask: () => Promise<unknown>): Promise<Buffer> {
      rmSync(got, { recursive: true });
      mkdirSync(got);
      await ask();
      const [name] = readdirSync(got);
      return readFileSync(join(got, name!));
    }

    /** The data set in Implicit VR, made by DCMTK: without group lengths, sequences of undefined length. */
    async function expected({ path, transferSyntaxUid }: SharedFile): Promise<Buffer> {
      const decoder = decoders[transferSyntaxUid];
      const native = decoder === undefined ? path : join(folder, 'native.dcm');
      if (decoder !== undefined) await runProgram(decoder, ['+te', path, native]);
      const made = join(folder, 'made.dcm');
      const { code, output } = await runProgram('dcmconv', ['-F', '+ti', '-e', '-g', native, made]);
      expect(code, output).toBe(0);
      return readFileSync(made);
    }

    it.each(files.map((file) => [file.name, file] as const))(
      'is sent %s as dcmconv makes it, byte for byte',
      async (_name, file) => {
        const received = await receive(() => runProgram('movescu', ['-S', '-aem', 'OLD', ...keysOf(file), ...to()]));
        expect(received.subarray(0, 600).toString('latin1')).toContain(`${implicit}\0`);
        expect(dataSetOf(received).equals(await expected(file))).toBe(true);
      },
    );
  },
);
