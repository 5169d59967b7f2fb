import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

/** Compiles `src/` if it is newer than `dist/`; quick when it is not. */
export function build(): void {
  const tsc = join(home, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: home,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the build failed: ${stdout}`);
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
