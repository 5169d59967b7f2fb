import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { Commitment } from '../../src/commitment/commitment.ts';
import type { ReferencedInstance } from '../../src/dicom/commitment-data-set.ts';
import { createCommitmentReports } from '../../src/dimse/commitment-reports.ts';
import { createDimseServer } from '../../src/dimse/create-dimse-server.ts';
import { defaultDimseLimits } from '../../src/dimse/limits.ts';
import { createCommitmentService } from '../../src/dimse/scp/commitment.ts';
import { createStoreService } from '../../src/dimse/scp/store.ts';
import { createScu } from '../../src/dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../../src/dimse/scu/open-association.ts';
import { createPeerAssociations } from '../../src/dimse/scu/peer-associations.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createApplicationEntity } from '../../src/library/application-entity.ts';
import { contentOf } from '../../src/library/file-content.ts';
import { sendingParts } from '../../src/library/sending-parts.ts';
import { createCertificates, type TestCertificates } from '../support/certificates.ts';
import { createFakeIngest, dataSetOf } from '../support/dimse-server.ts';
import { freePort } from '../support/free-port.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { dataSetHashesIn, smallSeries } from '../support/small-series.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const slices = 7;
const { study, slice, uidOf, writeTo, dataSetHashes } = smallSeries('1.2.826.0.1.3680043.10.999.77', slices, 'CLI-1');

describe('commands that call peers', () => {
  let server: TestServer;
  let folder: string;
  let peer: string;
  let certificates: TestCertificates;

  beforeAll(async () => {
    certificates = createCertificates();
    server = await startTestServer({
      CAUSEWAY_QUERY_ACCESS: 'anyone',
      CAUSEWAY_DIMSE_TLS_PORT: '0',
      CAUSEWAY_DIMSE_TLS_KEY: certificates.server.key,
      CAUSEWAY_DIMSE_TLS_CERTIFICATE: certificates.server.certificate,
      CAUSEWAY_DIMSE_TLS_CLIENT_CERTIFICATE: 'none',
    });
    folder = mkdtempSync(join(tmpdir(), 'causeway-cli-peers-'));
    writeTo(folder);
    peer = `CAUSEWAY@127.0.0.1:${server.dimsePort}`;
  });
  afterAll(async () => {
    await server.close();
    for (const made of [folder, certificates.folder]) rmSync(made, { recursive: true, force: true });
  });

  const run = (...args: string[]) => runUntil(new AbortController().signal, ...args);

  const runUntil = (signal: AbortSignal, ...args: string[]) => runWith({ signal, env: {} }, ...args);
  const runIn = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    runWith({ signal: new AbortController().signal, env }, ...args);

  async function runWith(given: { readonly signal: AbortSignal; readonly env: NodeJS.ProcessEnv }, ...args: string[]) {
    const printed: string[] = [];
    const complained: string[] = [];
    const exitCode = await runCommandLine(args, {
      terminal: { print: (line) => printed.push(line), complain: (line) => complained.push(line), interactive: false },
      workingDir: folder,
      ...given,
    });
    return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
  }

  it('echo tells that a peer answers, or why it does not', async () => {
    expect(await run('echo', peer)).toMatchObject({ exitCode: 0, printed: expect.stringContaining('answers, in') });
    const gone = await run('echo', 'GONE@127.0.0.1:1');
    expect(gone).toMatchObject({ exitCode: 1, complained: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    ['echo', () => [`CAUSEWAY@no-such-host.invalid:104`], 'there is no host of that name'],
    ['find', () => ['GONE@127.0.0.1:1'], 'nobody listens there; check the port'],
    ['send', () => ['GONE@127.0.0.1:1', '.'], 'nobody listens there; check the port'],
    ['echo', () => [`CAUSEWAY@127.0.0.1:${server.dimsePort}`, '--tls'], 'Call it without TLS, or at its port for TLS.'],
    ['echo', () => [`CAUSEWAY@127.0.0.1:${server.dimseTlsPort}`], 'it may want TLS'],
    ['echo', () => [`CAUSEWAY@127.0.0.1:${server.dimseTlsPort}`, '--tls'], 'its certificate is not accepted'],
    ['echo', () => [peer, '--tls', '--tls-ca', 'gone.pem'], '--tls-ca: the file'],
    ['send', () => [peer, 'empty'], 'empty: There is no DICOM file in it.'],
    ['commit', () => [peer, 'empty'], 'empty: There is no DICOM file in it.'],
    ['send', () => [peer, 'nowhere'], 'nowhere: There is no such file or folder.'],
    ['send', () => [peer, 'notes.txt'], 'notes.txt: '],
  ] as const)('%s says in one line what is wrong with %s', async (command, args, words) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    const paths = args().map((arg) => (/^(\.|empty|nowhere|notes.txt)$/.test(arg) ? join(folder, arg) : arg));
    const { exitCode, complained, printed } = await run(command, ...paths);
    expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: '' });
    expect(complained).toContain(words);
    expect(complained.replace(/^1 file passed over.*\n/, '')).not.toContain('\n');
  });

  it.each(['echo', 'find', 'worklist'])('%s ends at once when it is interrupted', async (command) => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const interruption = new AbortController();
    silent.once('connection', (socket) => {
      interruption.abort();
      socket.once('close', () => silent.close());
      socket.on('error', () => {});
      // The call that nobody waits for any more is over when the peer is.
      setImmediate(() => socket.destroy());
    });
    const { port } = silent.address() as { port: number };
    const interrupted = await runUntil(interruption.signal, command, `SILENT@127.0.0.1:${port}`);
    expect(interrupted).toMatchObject({ exitCode: 1, complained: 'Interrupted before the peer has answered.' });
  });

  it('send that is interrupted says what was not tried', async () => {
    const interruption = new AbortController();
    const receiver = createApplicationEntity({ aeTitle: 'SLOW', receive: async () => interruption.abort() });
    const { port } = await receiver.listen(0, { host: '127.0.0.1' });
    const sent = await runUntil(interruption.signal, 'send', '--json', `SLOW@127.0.0.1:${port}`, folder);
    await receiver.close({ graceMs: 0 });
    expect(sent.exitCode).toBe(1);
    const { sent: taken, untried } = JSON.parse(sent.printed) as { sent: number; untried: number };
    expect(taken + untried).toBe(slices);
    expect(untried).toBeGreaterThan(0);
    expect(sent.complained).toContain(`Interrupted: ${untried} instances were not tried. Send them again.`);
  });

  it.skipIf(!hasProgram('storescp') || !hasProgram('dcmcrle'))(
    'send converts what the peer does not take as it is, says so, and does not where that is not wanted',
    async () => {
      const received = mkdtempSync(join(tmpdir(), 'causeway-received-'));
      const compressed = join(received, '..', `${basename(received)}.dcm`);
      await runProgram('dcmcrle', [join(folder, '1.dcm'), compressed]);
      const port = await freePort();
      const receiver = spawn('storescp', ['+xi', '-od', received, String(port)], { stdio: 'ignore' });
      try {
        const called = `STORESCP@127.0.0.1:${port}`;
        await expect.poll(async () => (await run('echo', called)).exitCode).toBe(0);
        const refused = await run('send', '--no-convert', called, compressed);
        expect(refused).toMatchObject({ exitCode: 1, complained: expect.stringContaining('does not take RLE') });
        const sent = await run('send', called, compressed);
        expect(sent).toMatchObject({ exitCode: 0, complained: '' });
        expect(sent.printed).toContain('1 instance converted to Implicit VR Little Endian');
        const [file = ''] = readdirSync(received);
        expect(readFileSync(join(received, file)).subarray(-128)).toEqual(Buffer.alloc(128, 1));
      } finally {
        receiver.kill();
        for (const made of [received, compressed]) rmSync(made, { recursive: true, force: true });
      }
    },
  );

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
    expect(JSON.parse(named.printed)).toEqual({ sent: 1, warnings: 0, failed: 0, untried: 0, converted: {} });
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

  it('send that is interrupted before it has asked for commitment says so, and does not succeed', async () => {
    const interruption = new AbortController();
    const receive = async () => interruption.abort();
    const receiver = createApplicationEntity({ aeTitle: 'LAST', receive, commitment: ({ instances }) => instances });
    const { port } = await receiver.listen(0, { host: '127.0.0.1' });
    const called = `LAST@127.0.0.1:${port}`;
    const sent = await runUntil(interruption.signal, 'send', '--commit', called, join(folder, '1.dcm'));
    await receiver.close({ graceMs: 0 });
    expect(sent).toMatchObject({ exitCode: 1, printed: '1 instance sent, 0 with a warning, 0 failed' });
    expect(sent.complained).toBe('Storage commitment was not asked for: nothing is known to be committed.');
  });

  it('send waits for the report on commitment no longer than until it is interrupted', async () => {
    const interruption = new AbortController();
    const receiver = createApplicationEntity({
      aeTitle: 'NEVER',
      receive: async () => {},
      commitment() {
        interruption.abort();
        return new Promise(() => {});
      },
    });
    const { port } = await receiver.listen(0, { host: '127.0.0.1' });
    const called = `NEVER@127.0.0.1:${port}`;
    const sent = await runUntil(interruption.signal, 'send', '--commit', called, join(folder, '1.dcm'));
    await receiver.close({ graceMs: 0 });
    expect(sent).toMatchObject({ exitCode: 1, printed: '1 instance sent, 0 with a warning, 0 failed' });
    expect(sent.complained).toBe('Nothing is known to be committed: Interrupted before the peer has answered.');
  });

  it.each([['commit'], ['send', '--commit']])(
    '%s hears the report over an association that the peer opens',
    async (...command) => {
      const listenPort = await freePort();
      const later = await startLaterReporter(listenPort);
      try {
        const called = `LATER@127.0.0.1:${later.port}`;
        const asked = await run(...command, '--listen', String(listenPort), called, join(folder, '1.dcm'));
        expect(asked).toMatchObject({ exitCode: 0, complained: '' });
        expect(asked.printed).toContain('1 instance committed');
      } finally {
        await later.close();
      }
    },
  );

  it.each([['commit'], ['send', '--commit']])(
    '%s counts as committed nothing that is reported under another SOP class, or that it never asked about',
    async (...command) => {
      const listenPort = await freePort();
      const later = await startLaterReporter(listenPort, (asked) => [
        ...asked.map((one) => ({ ...one, sopClassUid: '1.2.840.10008.5.1.4.1.1.4' })),
        { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '2.25.404' },
      ]);
      try {
        const called = `LATER@127.0.0.1:${later.port}`;
        const asked = await run(...command, '--listen', String(listenPort), called, join(folder, '1.dcm'));
        expect(asked).toMatchObject({ exitCode: 1, complained: expect.stringContaining('not committed: ') });
        expect(asked.printed).toContain('0 instances committed');
      } finally {
        await later.close();
      }
    },
  );

  it('a peer is named by its AE title alone once somebody has made it known, and called as the user that it wants', async () => {
    const users: (string | undefined)[] = [];
    const archive = createApplicationEntity({
      aeTitle: 'KNOWN',
      checkUser(user) {
        users.push(user?.kind === 'user-name-and-passcode' ? `${user.name}:${user.passcode}` : user?.kind);
        return true;
      },
    });
    const { port } = await archive.listen(0, { host: '127.0.0.1' });
    const userIdentity = { userName: 'reader', passcode: 'secret' };
    const put = await fetch(new URL('/api/peers/KNOWN', server.web), {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ host: '127.0.0.1', port, userIdentity }),
    });
    expect(put.status, await put.text()).toBe(201);
    const passcode = join(folder, 'passcode');
    writeFileSync(passcode, 'other secret\n');
    const env = { DATABASE_URL: server.databaseUrl, CAUSEWAY_DATA_DIR: server.dataDir };
    try {
      expect(await runIn(env, 'echo', 'KNOWN')).toMatchObject({ exitCode: 0, complained: '' });
      await run('echo', `KNOWN@127.0.0.1:${port}`, '--user', 'other', '--passcode-file', passcode);
      expect(users).toEqual(['reader:secret', 'other:other secret']);
      const near = await runIn(env, 'echo', 'KNOWM');
      expect([near.exitCode, near.complained]).toEqual([2, expect.stringContaining('is KNOWN meant?')]);
      expect((await run('echo', 'KNOWN')).exitCode).toBe(2);
      expect((await run('echo', peer, '--passcode-file', passcode)).complained).toContain('goes with --user');
    } finally {
      rmSync(passcode);
      await archive.close({ graceMs: 0 });
    }
  });

  it('a peer that nobody knows is looked for without making, starting or migrating anything', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'causeway-cli-nobody-'));
    mkdirSync(join(empty, 'postgres'));
    const elsewhere = server.databaseUrl.replace(/\/test_\w+/, '/postgres');
    expect(elsewhere).not.toBe(server.databaseUrl);
    try {
      for (const database of [{}, { DATABASE_URL: server.databaseUrl }, { DATABASE_URL: elsewhere }]) {
        const { exitCode, complained } = await runIn({ ...database, CAUSEWAY_DATA_DIR: empty }, 'echo', 'TYPO');
        expect([exitCode, complained]).toEqual([2, expect.stringContaining('"TYPO" is neither')]);
        expect(complained.includes('cannot be read')).toBe(database.DATABASE_URL !== server.databaseUrl);
      }
      expect(readdirSync(empty, { recursive: true })).toEqual(['postgres']);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });

  it('no command listens for what it does not ask for, or where there is no port', async () => {
    for (const port of ['0', '70000', 'x'])
      expect((await run('commit', '--listen', port, peer, folder)).exitCode).toBe(2);
    const { exitCode, complained } = await run('send', '--listen', '1104', peer, folder);
    expect([exitCode, complained]).toEqual([2, expect.stringContaining('--listen goes with --commit.')]);
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
    expect(files).toEqual(Array.from({ length: slices }, (_, at) => `${uidOf(at + 1)}.dcm`));
    expect(dataSetHashesIn(output)).toEqual(dataSetHashes);
    const nothing = await run('get', peer, '-k', 'StudyInstanceUID=1.2.3');
    expect(nothing).toMatchObject({ exitCode: 1, complained: 'The peer has nothing of this.' });
  });

  it('get says that nothing can be written to a folder, once', async () => {
    const got = await run('get', peer, '-k', `StudyInstanceUID=${study}`, '-o', join(folder, 'notes.txt'));
    expect(got.exitCode).toBe(1);
    expect(got.printed).toBe('0 instances sent, 7 failed');
    expect(got.complained.match(/Nothing can be written to .*notes.txt \((EEXIST|ENOTDIR)\)/g)).toHaveLength(1);
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

/**
 * An archive that takes everything, and reports on storage commitment over an association of its own only.
 * @param promise what it says it commits to when it is asked
 */
async function startLaterReporter(
  listenPort: number,
  promise = (asked: readonly ReferencedInstance[]): readonly ReferencedInstance[] => asked,
) {
  const open = createOpenAssociation({ aeTitle: 'LATER', limits: defaultDimseLimits });
  const associations = createPeerAssociations({ open });
  const scu = createScu({
    open,
    associations,
    ingest: createFakeIngest(),
    retrieve: sendingParts({ contentOf: () => contentOf(''), converter: undefined }),
    reports: createCommitmentReports(),
    aeTitle: 'LATER',
    privateSopClassUids: [],
  });
  const caller = { aeTitle: 'CAUSEWAY', host: '127.0.0.1', port: listenPort, maxAssociations: 1 };
  const commitment: Commitment = {
    begin() {
      const committed: ReferencedInstance[] = [];
      return {
        take: async (instances) => void committed.push(...instances),
        async finish(transactionUid) {
          const report = {
            transactionUid,
            hasFailures: false,
            async *parts() {
              yield { committed: promise(committed), failed: [] };
            },
          };
          void scu.reportCommitment(caller, report, silentLog);
          return { report, committed: 1, failed: 0, missed: async () => {}, acknowledged: async () => {} };
        },
        abandon: async () => {},
      };
    },
  };
  const access = async () => undefined;
  const server = createDimseServer({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'LATER',
    strictAeTitle: false,
    services: [
      createStoreService({ ingest: createFakeIngest(), access, privateSopClassUids: [] }),
      createCommitmentService({ commitment, access, aeTitle: 'LATER', patienceMs: 600_000 }),
    ],
    log: silentLog,
  });
  const { port } = await server.listen();
  return {
    port,
    async close() {
      await server.close({ graceMs: 0 });
      await associations.close();
    },
  };
}
