import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { calledPeer } from '../../src/dimse/scu/called-peer.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type CertificateFiles, createCertificates, type TestCertificates } from '../support/certificates.ts';
import { buildPart10, ctElements, pixelElements } from '../support/dicom-builder.ts';
import { associateRq, connectRaw } from '../support/dimse-raw-client.ts';
import { createMemoryLog, dataSetOf } from '../support/dimse-server.ts';
import { freePort } from '../support/free-port.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasOrthanc, startOrthanc } from '../support/orthanc.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const study = '2.25.4711';
const file = buildPart10({
  elements: ctElements(
    { study, series: `${study}.1`, instance: `${study}.1.1` },
    ...pixelElements({ rows: 64, columns: 64, pixelData: Buffer.alloc(8_192, 7) }),
  ),
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe.skipIf(!hasProgram('storescu') || !hasProgram('openssl'))('TLS (needs dcmtk and openssl)', () => {
  const log = createMemoryLog();
  let certificates: TestCertificates;
  let server: TestServer;
  let destinationPort: number;
  let received: string;
  let destination: ChildProcess | undefined;
  /** A way to the TLS port for getscu and movescu, which know no TLS. */
  let tunnel: Server;
  let tunnelPort: number;

  beforeAll(async () => {
    certificates = createCertificates();
    destinationPort = await freePort();
    received = join(certificates.folder, 'received');
    await writeFile(join(certificates.folder, 'ct.dcm'), file);
    const to = `127.0.0.1:${destinationPort}`;
    const names = certificates.issue('served');
    server = await startTestServer(
      {
        CAUSEWAY_DIMSE_TLS_PORT: '0',
        CAUSEWAY_DIMSE_TLS_KEY: names.key,
        CAUSEWAY_DIMSE_TLS_CERTIFICATE: names.certificate,
        CAUSEWAY_DIMSE_TLS_CA: certificates.ca,
        CAUSEWAY_QUERY_ACCESS: 'anyone',
        CAUSEWAY_PEERS: `SECURE@${to}/tls,ANYHOST@${to}/tls-any-host,PLAIN@${to}`,
      },
      log,
    );
    const credentials = {
      key: readFileSync(certificates.client.key),
      cert: readFileSync(certificates.client.certificate),
      ca: readFileSync(certificates.ca),
    };
    tunnel = createServer((plain) => {
      const secure = connectTls({ port: server.dimseTlsPort!, host: '127.0.0.1', ...credentials });
      plain.pipe(secure).pipe(plain);
      for (const socket of [plain, secure]) socket.on('error', () => {});
    });
    tunnelPort = await listening(tunnel);
  });
  afterEach(async () => {
    if (destination !== undefined) {
      destination.kill();
      await once(destination, 'exit');
    }
    destination = undefined;
    log.lines.length = 0;
  });
  afterAll(async () => {
    tunnel.close();
    await server.close();
    rmSync(certificates.folder, { recursive: true });
  });

  const withTls = ({ key, certificate }: CertificateFiles, ca = certificates.ca) => [
    '+tls',
    key,
    certificate,
    '+cf',
    ca,
  ];
  const to = (port: number | undefined, ...options: string[]) => [
    ...['-d', '-to', '5', '-aec', 'CAUSEWAY'],
    ...options,
    ...['127.0.0.1', String(port)],
  ];
  const tlsTo = (...options: string[]) => to(server.dimseTlsPort, ...options);
  const refusals = () => log.lines.filter(({ message }) => message === 'A TLS connection was refused.');

  it('echoes, stores, finds and gets over TLS with certificates on both sides, and says so in the log', async () => {
    const tls = withTls(certificates.client);
    const echo = await runProgram('echoscu', tlsTo(...tls));
    expect(echo.code, echo.output).toBe(0);
    const store = await runProgram('storescu', [...tlsTo(...tls), join(certificates.folder, 'ct.dcm')]);
    expect(store.code, store.output).toBe(0);
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${study}`];
    const find = await runProgram('findscu', tlsTo(...tls, '-S', ...keys));
    expect(find.output).toContain(study);
    mkdirSync(received, { recursive: true });
    const get = await runProgram('getscu', to(tunnelPort, '-S', '+B', '-od', received, ...keys));
    expect(get.code, get.output).toBe(0);
    const [got] = readdirSync(received).map((name) => readFileSync(join(received, name)));
    expect(dataSetOf(got!).equals(dataSetOf(file))).toBe(true);
    rmSync(received, { recursive: true });
    const ended = log.lines.find(({ message }) => message === 'Association ended.');
    expect(ended?.facts.tls).toMatchObject({
      protocol: expect.stringMatching(/^TLSv1\.[23]$/),
      certificate: 'CN=MODALITY1',
    });
  });

  it.each([
    [
      'an authority that is not known',
      () => withTls(certificates.stranger),
      'authority is not among those of dimseTlsCa',
    ],
    ['a certificate that has expired', () => withTls(certificates.expired), 'it has expired (CERT_HAS_EXPIRED)'],
    ['no certificate', () => ['+tla', '+cf', certificates.ca], 'shows no certificate'],
    [
      'no trust in our authority',
      () => withTls(certificates.client, certificates.otherCa),
      'does not know the authority',
    ],
    ['no TLS', () => [], 'it does not speak TLS'],
  ])('a caller with %s is refused, and the log says why', async (_what, options, words) => {
    const { code } = await runProgram('echoscu', tlsTo(...options()));
    expect(code).not.toBe(0);
    await expect.poll(() => refusals().map(({ facts }) => facts.reason)).toEqual([expect.stringContaining(words)]);
    expect(refusals()[0]?.level).toBe('warn');
  });

  it('a caller by TLS at the port without it is aborted, and the log says why', async () => {
    const { code } = await runProgram('echoscu', to(server.dimsePort, ...withTls(certificates.client)));
    expect(code).not.toBe(0);
    await expect
      .poll(() => log.lines.map(({ facts }) => facts.reason))
      .toContainEqual(expect.stringContaining('speaks TLS'));
  });

  it('TLS older than 1.2 and weak cipher suites are refused', async () => {
    for (const weak of [
      { maxVersion: 'TLSv1.1' as const, minVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' },
      { maxVersion: 'TLSv1.2' as const, ciphers: 'AES128-SHA:AES256-SHA:ECDHE-ECDSA-AES128-SHA' },
    ]) {
      const socket = connectTls({ port: server.dimseTlsPort!, host: '127.0.0.1', rejectUnauthorized: false, ...weak });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(String('code' in error && error.code)).toMatch(/ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE)/);
    }
    await expect
      .poll(() => refusals().map(({ facts }) => facts.reason))
      .toEqual([
        expect.stringContaining('does not speak TLS 1.2 or newer'),
        expect.stringContaining('no cipher suite'),
      ]);
  });

  it('a certificate that was renewed is shown to the next caller', async () => {
    const shown = async () => {
      const socket = connectTls({ port: server.dimseTlsPort!, host: '127.0.0.1', ca: readFileSync(certificates.ca) });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const before = await shown();
    certificates.issue('served');
    expect(await shown()).not.toBe(before);
    // Half of a pair is no reason to stop serving.
    copyFileSync(certificates.client.key, join(certificates.folder, 'served.key'));
    await shown();
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringContaining('TLS files') }),
    );
    certificates.issue('served');
  });

  it('what an attacker sends in place of a handshake, or behind it, locks nobody out', async () => {
    const hello = await clientHello();
    const plain = associateRq({});
    const sent: Buffer[] = [
      plain,
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(65_536, 0xff),
      ...Array.from({ length: 40 }, (_, at) => hello.subarray(0, Math.ceil((hello.length * (at + 1)) / 41))),
      ...Array.from({ length: 40 }, (_, at) => {
        const mutated = Buffer.from(hello);
        mutated[5 + ((at * 37) % (hello.length - 5))]! ^= 1 << (at % 8);
        return mutated;
      }),
    ];
    const attackers = await Promise.all(sent.map(() => connectRaw(server.dimseTlsPort!)));
    for (const [at, attacker] of attackers.entries()) attacker.send(sent[at]!);
    const { key, certificate } = certificates.client;
    const credentials = { key: readFileSync(key), cert: readFileSync(certificate), ca: readFileSync(certificates.ca) };
    const secured = connectTls({ port: server.dimseTlsPort!, host: '127.0.0.1', ...credentials });
    secured.on('error', () => {});
    await once(secured, 'secureConnect');
    secured.write(Buffer.alloc(4096, 0x41));
    const silent = await Promise.all(Array.from({ length: 1000 }, () => connectRaw(server.dimseTlsPort!)));
    const echo = await runProgram('echoscu', tlsTo(...withTls(certificates.client)));
    expect(echo.code, echo.output).toBe(0);
    for (const { destroy } of [...attackers, ...silent]) destroy();
    secured.destroy();
    expect((await runProgram('echoscu', tlsTo(...withTls(certificates.client)))).code).toBe(0);
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  /** The first bytes that a client sends. */
  async function clientHello(): Promise<Buffer> {
    const listener = createServer();
    const port = await listening(listener);
    const client = connectTls({ port, host: '127.0.0.1' });
    client.on('error', () => {});
    const [socket] = (await once(listener, 'connection')) as [import('node:net').Socket];
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    client.destroy();
    socket.destroy();
    listener.close();
    return bytes;
  }

  describe('commands', () => {
    const folder = () => certificates.folder;
    async function causeway(...args: string[]) {
      const output: string[] = [];
      const exitCode = await runCommandLine(args, {
        terminal: { print: (line) => output.push(line), complain: (line) => output.push(line), interactive: false },
        env: {},
        workingDir: folder(),
        signal: new AbortController().signal,
      });
      return { exitCode, output: output.join('\n') };
    }
    const call = (command: string, ...args: string[]) =>
      causeway(
        command,
        '--tls',
        '--tls-ca',
        'ca.pem',
        '--tls-cert',
        'MODALITY1.pem',
        '--tls-key',
        'MODALITY1.key',
        ...args,
      );

    it('call by TLS, with the certificate that they are given', async () => {
      const peer = `CAUSEWAY@127.0.0.1:${server.dimseTlsPort}`;
      expect(await call('send', '--commit', peer, join(folder(), 'ct.dcm'))).toMatchObject({ exitCode: 0 });
      const study = ['-k', 'StudyInstanceUID=2.25.4711'];
      expect((await call('find', peer, ...study)).output).toContain('2.25.4711');
      expect(await call('get', peer, ...study, '-o', 'got')).toMatchObject({ exitCode: 0 });
      const [got] = readdirSync(join(folder(), 'got')).map((name) => readFileSync(join(folder(), 'got', name)));
      expect(dataSetOf(got!).equals(dataSetOf(file))).toBe(true);
      // As a peer that is known for TLS is called, without an option.
      const known = ['--tls-ca', 'ca.pem', '--tls-cert', 'MODALITY1.pem', '--tls-key', 'MODALITY1.key', `${peer}/tls`];
      expect(await causeway('echo', ...known)).toMatchObject({ exitCode: 0 });
    });

    it('say in words why they cannot', async () => {
      const peer = `CAUSEWAY@127.0.0.1:${server.dimseTlsPort}`;
      const unknown = await causeway('echo', '--tls', peer);
      expect(unknown).toMatchObject({ exitCode: 1, output: expect.stringContaining('certificate is not accepted') });
      const unshown = await causeway('echo', '--tls', '--tls-ca', 'ca.pem', peer);
      expect(unshown.exitCode).toBe(1);
      const half = await causeway('echo', '--tls', '--tls-cert', 'MODALITY1.pem', peer);
      expect(half).toMatchObject({ exitCode: 2, output: expect.stringContaining('--tls-key and --tls-cert') });
    });
  });

  it.skipIf(!hasOrthanc)(
    'goes both ways with Orthanc: echo, store, query, retrieve and storage commitment; and gets from it',
    async () => {
      const keys = certificates.issue('orthanc');
      const orthanc = await startOrthanc(
        {},
        {
          aeTitle: 'ORTHANC',
          modalities: {},
          settings: {
            DicomTlsEnabled: true,
            DicomTlsCertificate: keys.certificate,
            DicomTlsPrivateKey: keys.key,
            DicomTlsTrustedCertificates: certificates.ca,
            DicomTlsRemoteCertificateRequired: true,
            DicomAlwaysAllowGet: true,
            DicomModalities: {
              causeway: { AET: 'CAUSEWAY', Host: '127.0.0.1', Port: server.dimseTlsPort, UseDicomTls: true },
            },
          },
        },
      );
      try {
        const peer = { aeTitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.dicomPort, tls: { checkHostName: true } };
        const added = await fetch(new URL('/api/peers', server.web), {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(peer),
        });
        expect(added.status, await added.text()).toBe(201);
        const echo = await fetch(new URL('/api/peers/ORTHANC/echo', server.web), { method: 'POST' });
        expect(await echo.json()).toMatchObject({ reached: true });
        const over = new URL('/peers/ORTHANC/dicom-web', server.web).href;
        const stored = await stow(over, [file]);
        expect(stored.status, await stored.text()).toBe(200);
        const found = (await (await fetch(`${over}/studies`)).json()) as unknown[];
        expect(found).toHaveLength(1);

        await orthanc.request('POST', '/modalities/causeway/echo', {});
        const [instance] = (await (await orthanc.request('GET', '/instances')).json()) as string[];
        await fetch(`${server.web}/studies/${study}`, { method: 'DELETE' });
        await orthanc.request('POST', '/modalities/causeway/store', [instance]);
        const here = await fetch(`${server.web}/studies/${study}`, {
          headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
        });
        expect(here.status).toBe(200);
        expect(Buffer.from(await here.arrayBuffer()).includes(dataSetOf(file))).toBe(true);

        await orthanc.request('DELETE', `/instances/${instance}`);
        const query = { Level: 'Study', Query: { StudyInstanceUID: study } };
        const asked = await orthanc.request('POST', '/modalities/causeway/query', query);
        const { ID: id } = (await asked.json()) as { ID: string };
        await orthanc.request('POST', `/queries/${id}/answers/0/retrieve`, { TargetAet: 'ORTHANC' });
        expect((await (await orthanc.request('GET', '/instances')).json()) as string[]).toEqual([instance]);

        await fetch(`${server.web}/studies/${study}`, { method: 'DELETE' });
        const { scu, peers } = server.house;
        const called = calledPeer(await peers.get('ORTHANC'));
        const ct = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: `${study}.1.1` };
        const target = { studyInstanceUid: study };
        const got = await scu.get(called, target, {}, silentLog);
        expect(got).toMatchObject({ completed: 1, failed: 0, warning: 0 });
        expect(await storedDataSet()).toEqual(dataSetOf(file));
        await fetch(`${server.web}/studies/${study}`, { method: 'DELETE' });
        const moved = await scu.move(called, target, 'CAUSEWAY', {}, silentLog);
        expect(moved).toMatchObject({ failed: 0, warning: 0, cancelled: false });
        expect(await storedDataSet()).toEqual(dataSetOf(file));

        const unknown = { ...ct, sopInstanceUid: `${study}.1.2` };
        const theirs = await scu.commit(called, [ct, unknown], { timeoutMs: 20_000 }, silentLog);
        expect(theirs.committed).toEqual([ct]);
        expect(theirs.failed).toEqual([{ ...unknown, failureReason: 0x0112 }]);

        const started = await orthanc.request('POST', '/modalities/causeway/storage-commitment', {
          DicomInstances: [ct, unknown].map(({ sopClassUid, sopInstanceUid }) => [sopClassUid, sopInstanceUid]),
        });
        const { ID: transaction } = (await started.json()) as { ID: string };
        const ours = async () =>
          (await (await orthanc.request('GET', `/storage-commitment/${transaction}`)).json()) as Record<
            string,
            unknown
          >;
        const told = { timeout: 25_000, interval: 100 };
        await expect.poll(async () => (await ours())['Status'], told).toBe('Failure');
        expect(await ours()).toMatchObject({
          Success: [{ SOPInstanceUID: ct.sopInstanceUid }],
          Failures: [{ SOPInstanceUID: unknown.sopInstanceUid, FailureReason: 0x0112 }],
        });
        const associations = log.lines.filter(({ facts }) => facts['callingAeTitle'] === 'ORTHANC');
        expect(associations.length).toBeGreaterThan(0);
        for (const { facts } of associations) expect(facts['tls'], JSON.stringify(facts)).toBeDefined();
      } finally {
        await orthanc.stop();
      }
    },
    60_000,
  );

  /** Of the one instance of the study that is here. */
  async function storedDataSet(): Promise<Buffer | undefined> {
    for await (const instance of server.house.retrieve.instances({ studyInstanceUid: study })) {
      return dataSetOf(await buffer(server.house.retrieve.file(instance)));
    }
    return undefined;
  }

  async function startDestination(files: CertificateFiles, ...options: string[]): Promise<void> {
    rmSync(received, { recursive: true, force: true });
    mkdirSync(received);
    destination = spawn('storescp', ['+B', '-od', received, ...withTls(files), ...options, String(destinationPort)], {
      stdio: 'ignore',
      env: { ...process.env, TCP_NODELAY: '1' },
    });
    const echo = ['-to', '5', '-ic', ...withTls(certificates.client), '127.0.0.1', String(destinationPort)];
    await expect.poll(async () => (await runProgram('echoscu', echo)).code).toBe(0);
  }

  async function move(destinationTitle: string): Promise<string> {
    const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${study}`];
    return (await runProgram('movescu', to(tunnelPort, '-S', '-aem', destinationTitle, ...keys))).output;
  }

  it('moves to a destination by TLS, asked by TLS', async () => {
    await startDestination(certificates.server);
    expect(await move('SECURE')).toMatch(/DIMSE Status\s*: 0x0000/);
    const [got] = readdirSync(received).map((name) => readFileSync(join(received, name)));
    expect(dataSetOf(got!).equals(dataSetOf(file))).toBe(true);
  });

  it('a destination whose certificate is for another host is taken only where that is allowed', async () => {
    await startDestination(certificates.elsewhere);
    expect(await move('SECURE')).toMatch(/DIMSE Status\s*: 0xa702/i);
    expect(log.lines.map(({ facts }) => facts.reason)).toContainEqual(
      expect.stringContaining('it is for another host name'),
    );
    expect(await move('ANYHOST')).toMatch(/DIMSE Status\s*: 0x0000/);
  });

  it.each([
    ['of another authority', () => certificates.stranger, 'authority is not among those of dimseTlsCa'],
    ['that has expired', () => certificates.expired, 'it has expired'],
  ])('a destination with a certificate %s gets nothing', async (_what, files, words) => {
    await startDestination(files());
    for (const title of ['SECURE', 'ANYHOST']) expect(await move(title)).toMatch(/DIMSE Status\s*: 0xa702/i);
    expect(log.lines.map(({ facts }) => facts.reason)).toContainEqual(expect.stringContaining(words));
    expect(readdirSync(received)).toEqual([]);
  });

  it('a destination that speaks TLS is not called without, nor the other way round', async () => {
    await startDestination(certificates.server);
    expect(await move('PLAIN')).toMatch(/DIMSE Status\s*: 0xa702/i);
  });
});
