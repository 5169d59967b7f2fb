import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const home = resolve(import.meta.dirname, '../..');

/** Causeway as a process of its own, as `npm start` runs it. */
export interface SpawnedServer {
  readonly pid: number;
  readonly web: string;
  readonly dimsePort: number;
  /** Everything on standard output and standard error so far. */
  output(): string;
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>;
  /** kill -9: the process only, or the embedded Postgres with it. */
  kill(what: 'process' | 'process and postgres'): Promise<void>;
}

/** Compiles `src/` if it is newer than `dist/`. */
export function build(): void {
  // Not in `dist`, which others pack meanwhile.
  const lock = join(home, 'node_modules/.causeway-building');
  for (const deadline = Date.now() + 300_000; !take(lock); ) {
    if (Date.now() > deadline)
      throw new Error(`Somebody has been building for 5 minutes; if nobody is, remove ${lock}.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  try {
    if (!isBuilt()) compile();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** One test compiles for all: none may start a server from files that another is writing. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    // It, or whose it is, may be gone by now.
    const holder = Number(contentOf(lock));
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
    return false;
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const buildInfo = join(home, 'dist/.tsbuildinfo');

function isBuilt(): boolean {
  const modifiedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const inSource = readdirSync(join(home, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^ui\b/.test(path),
  );
  const sources = [
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    ...inSource.map((path) => join('src', path)),
  ];
  return modifiedAt(buildInfo) >= Math.max(...sources.map((path) => modifiedAt(join(home, path))));
}

function compile(): void {
  const tsc = join(home, 'node_modules/typescript/bin/tsc');
  const startedAt = new Date();
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: home,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the build failed: ${stdout}`);
  // Written anew only where something else is written; what changed while it was compiled makes it stale.
  utimesSync(buildInfo, startedAt, startedAt);
}

function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolved) => child.once('exit', (code) => resolved(code)));
}

/** Starts the built server over `dataDir` and resolves when it has printed that it is ready. */
export async function spawnServer(dataDir: string, env: NodeJS.ProcessEnv = {}): Promise<SpawnedServer> {
  const child = spawn(process.execPath, [join(home, 'dist/main.js')], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CAUSEWAY_DATA_DIR: dataDir,
      CAUSEWAY_HTTP_PORT: '0',
      CAUSEWAY_DIMSE_PORT: '0',
      CAUSEWAY_DIMSE_HOST: '127.0.0.1',
      CAUSEWAY_LOG_LEVEL: 'warn',
      ...env,
    },
  });
  let output = '';
  const ready = new Promise<void>((resolved, rejected) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      if (/DICOMweb\s+http\S+[\s\S]*Data\s+\S+/.test(output)) resolved();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => rejected(new Error(`Causeway exited with ${code}: ${output}`)));
  });
  await ready;
  const web = /DICOMweb\s+(http\S+)/.exec(output)?.[1] ?? '';
  const dimsePort = Number(/Port\s+(\d+)/.exec(output)?.[1]);
  return {
    pid: child.pid!,
    web,
    dimsePort,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      return await exited(child);
    },
    async kill(what) {
      if (what === 'process and postgres') {
        const postmaster = Number(
          readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0],
        );
        process.kill(postmaster, 'SIGKILL');
      }
      child.kill('SIGKILL');
      await exited(child);
    },
  };
}
