// Starts Causeway and Debian's Orthanc, each with a fresh store and full durability, for a benchmark.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const home = new URL('..', import.meta.url).pathname;
const postgresBin = '/usr/lib/postgresql/15/bin';

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function until(what, check, timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await check().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come up within ${timeoutMs} ms`);
}

/** Highest resident memory of a process so far, MB. */
export function peakMegabytes(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

function stopper(child, signal = 'SIGTERM') {
  return () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once('exit', resolve);
      child.kill(signal);
    });
}

/** @returns {Promise<{name: string, ae: string, dimsePort: number, web: string, pid: number, stop: () => Promise<void>}>} */
export async function startCauseway(dir, { nodeOptions = '', destinationPort } = {}) {
  const [httpPort, dimsePort] = [await freePort(), await freePort()];
  mkdirSync(dir, { recursive: true });
  const child = spawn(process.execPath, [join(home, 'dist/main.js')], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: nodeOptions,
      CAUSEWAY_DATA_DIR: join(dir, 'data'),
      CAUSEWAY_HTTP_PORT: String(httpPort),
      CAUSEWAY_DIMSE_PORT: String(dimsePort),
      CAUSEWAY_DIMSE_HOST: '127.0.0.1',
      CAUSEWAY_LOG_LEVEL: 'warn',
      ...(destinationPort === undefined
        ? {}
        : { CAUSEWAY_QUERY_ACCESS: 'anyone', CAUSEWAY_PEERS: `DEST@127.0.0.1:${destinationPort}` }),
    },
  });
  const origin = `http://127.0.0.1:${httpPort}`;
  await until('Causeway', async () => (await fetch(`${origin}/health/ready`)).ok);
  return {
    name: 'causeway',
    ae: 'CAUSEWAY',
    dimsePort,
    web: `${origin}/dicom-web`,
    pid: child.pid,
    stop: stopper(child),
  };
}

async function startPostgres(dir) {
  const port = await freePort();
  const data = join(dir, 'postgres');
  mkdirSync(data, { recursive: true });
  const asRoot = process.getuid() === 0;
  if (asRoot) {
    const id = (flag) => Number(spawnSync('id', [flag, 'postgres']).stdout);
    for (let path = dir; path !== '/tmp' && path !== '/'; path = join(path, '..')) chmodSync(path, 0o755);
    chownSync(data, id('-u'), id('-g'));
  }
  const as = (command, args) =>
    asRoot
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', command, ...args]]
      : [command, args];
  const [initdb, initdbArgs] = as(`${postgresBin}/initdb`, ['-D', data, '-U', 'postgres', '-A', 'trust']);
  const made = spawnSync(initdb, initdbArgs, { encoding: 'utf8', cwd: '/' });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const [postgres, postgresArgs] = as(`${postgresBin}/postgres`, [
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    data,
  ]);
  const child = spawn(postgres, postgresArgs, { stdio: 'ignore', cwd: '/' });
  await until(
    'Postgres',
    async () => spawnSync(`${postgresBin}/pg_isready`, ['-h', '127.0.0.1', '-p', String(port)]).status === 0,
  );
  spawnSync('psql', ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-c', 'create database orthanc']);
  return { port, stop: stopper(child, 'SIGINT') };
}

/** Orthanc with its PostgreSQL index and DICOMweb plugins; files on disk, synced. */
export async function startOrthanc(dir, { destinationPort } = {}) {
  mkdirSync(dir, { recursive: true });
  const postgres = await startPostgres(dir);
  const [httpPort, dimsePort] = [await freePort(), await freePort()];
  const configuration = join(dir, 'orthanc.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      Name: 'Bench',
      StorageDirectory: join(dir, 'storage'),
      SyncStorageArea: true,
      DicomPort: dimsePort,
      HttpPort: httpPort,
      DicomAet: 'ORTHANC',
      ...(destinationPort === undefined
        ? {}
        : {
            DicomAlwaysAllowGet: true,
            DicomAlwaysAllowMove: true,
            DicomModalities: { dest: ['DEST', '127.0.0.1', destinationPort] },
          }),
      AuthenticationEnabled: false,
      RemoteAccessAllowed: false,
      Plugins: [
        '/usr/share/orthanc/plugins/libOrthancDicomWeb.so',
        '/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so',
      ],
      DicomWeb: { Enable: true, Root: '/dicom-web/' },
      PostgreSQL: {
        EnableIndex: true,
        EnableStorage: false,
        Host: '127.0.0.1',
        Port: postgres.port,
        Database: 'orthanc',
        Username: 'postgres',
        Password: '',
        Lock: false,
      },
    }),
  );
  const child = spawn('/usr/sbin/Orthanc', [configuration], {
    stdio: 'ignore',
    env: { ...process.env, TCP_NODELAY: '1' },
  });
  const origin = `http://127.0.0.1:${httpPort}`;
  await until('Orthanc', async () => (await fetch(`${origin}/system`)).ok);
  const stop = stopper(child);
  return {
    name: 'orthanc',
    ae: 'ORTHANC',
    dimsePort,
    web: `${origin}/dicom-web`,
    pid: child.pid,
    stop: async () => {
      await stop();
      await postgres.stop();
    },
  };
}

/** Sends each folder over one association of DCMTK's storescu, all at the same time. @returns seconds */
export async function storescu(peer, folders) {
  const start = performance.now();
  await Promise.all(
    folders.map(
      (folder) =>
        new Promise((resolve, reject) => {
          const child = spawn('storescu', ['-aec', peer.ae, '+sd', '127.0.0.1', String(peer.dimsePort), folder], {
            env: { ...process.env, TCP_NODELAY: '1' },
            stdio: ['ignore', 'ignore', 'pipe'],
          });
          let complaints = '';
          child.stderr.on('data', (chunk) => {
            complaints += chunk;
          });
          child.on('error', reject);
          child.on('exit', (code) =>
            code === 0 && !/^[EF]:/m.test(complaints)
              ? resolve()
              : reject(new Error(`storescu to ${peer.name}: ${complaints}`)),
          );
        }),
    ),
  );
  return (performance.now() - start) / 1000;
}

export function filesOf(folder) {
  return readdirSync(folder).map((name) => join(folder, name));
}

/** DCMTK's storescp as AE DEST, which throws away what it gets. @returns {Promise<{port: number, stop: () => Promise<void>}>} */
export async function startDestination() {
  const port = await freePort();
  const child = spawn('storescp', ['--ignore', '-aet', 'DEST', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, TCP_NODELAY: '1' },
  });
  await until('storescp', async () => spawnSync('echoscu', ['127.0.0.1', String(port)]).status === 0);
  return { port, stop: stopper(child) };
}

/** movescu or getscu for one study, nothing of it kept. @returns seconds */
export function retrieveStudy(peer, program, study) {
  const how = program === 'movescu' ? ['-aem', 'DEST'] : ['--ignore'];
  const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${study}`];
  const start = performance.now();
  const ran = spawnSync(
    program,
    ['-v', '-S', '-aet', 'BENCH', '-aec', peer.ae, ...how, ...keys, '127.0.0.1', String(peer.dimsePort)],
    { encoding: 'utf8', env: { ...process.env, TCP_NODELAY: '1' }, maxBuffer: 2 ** 26 },
  );
  if (ran.status !== 0) throw new Error(`${program} of ${peer.name}: ${ran.stdout}${ran.stderr}`);
  return (performance.now() - start) / 1000;
}
