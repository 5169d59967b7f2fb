import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, open, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { giveTo } from './postgres-account.ts';
import { type PostgresCluster, postgresEnvironment } from './postgres-cluster.ts';
import { isLivePostgres, type Postmaster, readPostmaster, removeStalePid } from './postmaster.ts';

/** Linux allows 107 bytes in the path of a socket, macOS 103. */
const maxSocketPath = 103;
const socketDirPrefix = 'causeway-';
const maxLogBytes = 10_000_000;

/** What a Postgres says that started beside another, or too soon after one that was killed. */
const passing = /lock file .* already exists|is the lock file|pre-existing shared memory block|is empty/;

/**
 * Returns the Postgres that runs on this cluster, after starting it where there is none. Safe to call from several
 * processes at once: Postgres lets one of them win, and the others join it.
 * @param settings of Postgres, as in postgresql.conf
 * @throws CausewayError `unavailable` with Postgres' own words if it does not get ready within `timeoutMs`
 */
export async function ensurePostmaster(
  cluster: PostgresCluster,
  settings: Readonly<Record<string, string>>,
  timeoutMs: number,
  log: Log,
): Promise<Postmaster> {
  const deadline = Date.now() + timeoutMs;
  let child: Awaited<ReturnType<typeof spawnPostmaster>> | undefined;
  for (;;) {
    const running = await readPostmaster(cluster.dir);
    if (running !== undefined && (await isLivePostgres(running.pid, cluster.dir))) {
      if (running.status === 'ready') return running;
    } else if (child === undefined) {
      if (running !== undefined) await discard(cluster, running, log);
      child = await spawnPostmaster(cluster, settings);
    } else if (child.ended()) {
      const said = await child.said();
      if (!passing.test(said)) throw notStarted(cluster, said);
      child = undefined;
      await delay(100);
    }
    if (Date.now() > deadline) throw notStarted(cluster, `it was not ready after ${timeoutMs / 1000} s.`);
    await delay(5);
  }
}

/** Asks Postgres to end its connections and write everything out, and waits until it is gone. */
export async function stopPostmaster(cluster: PostgresCluster, timeoutMs: number): Promise<void> {
  const running = await readPostmaster(cluster.dir);
  if (running === undefined || !(await isLivePostgres(running.pid, cluster.dir))) return;
  process.kill(running.pid, 'SIGINT');
  for (const deadline = Date.now() + timeoutMs; await isLivePostgres(running.pid, cluster.dir); await delay(5)) {
    if (Date.now() > deadline) {
      throw new CausewayError('timed-out', `The embedded Postgres did not stop within ${timeoutMs / 1000} s.`);
    }
  }
  await removeSocketDir(running.socketDir);
}

async function spawnPostmaster(cluster: PostgresCluster, settings: Readonly<Record<string, string>>) {
  const socketDir = await chooseSocketDir(cluster);
  const options = { ...settings, unix_socket_directories: socketDir };
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const before = await logSize(cluster);
  const output = await open(cluster.logFile, 'a', 0o600);
  try {
    // The log belongs to whoever runs Postgres, so that a later start as that user can write it.
    await giveTo(cluster.account, cluster.logFile);
    let failure: unknown;
    const postgres = spawn(cluster.binaries.postgres, ['-D', cluster.dir, ...args], {
      ...cluster.account,
      cwd: cluster.dir,
      env: postgresEnvironment,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    postgres.once('error', (thrown) => {
      failure = thrown;
    });
    postgres.unref();
    return {
      ended: () => failure !== undefined || postgres.exitCode !== null || postgres.signalCode !== null,
      async said(): Promise<string> {
        const written = (await readFile(cluster.logFile)).subarray(before).toString('utf8');
        return failure === undefined ? written.slice(-1000).trim() : String(failure);
      },
    };
  } finally {
    await output.close();
  }
}

/** Postgres' log starts afresh when it has grown: what matters of it is in ours. */
async function logSize({ logFile }: PostgresCluster): Promise<number> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= maxLogBytes) return size;
  await truncate(logFile);
  return 0;
}

/** The cluster's folder, or one with a short name: the same each time, so that connections find a Postgres that came back. */
async function chooseSocketDir(cluster: PostgresCluster): Promise<string> {
  if (Buffer.byteLength(join(cluster.dir, '.s.PGSQL.5432.lock')) <= maxSocketPath) return cluster.dir;
  const name = socketDirPrefix + createHash('sha256').update(cluster.dir).digest('hex').slice(0, 16);
  const known = join(tmpdir(), name);
  await mkdir(known, { mode: 0o700 }).then(
    () => giveTo(cluster.account, known),
    () => {}, // there already, or not to be made: what counts is whose it is
  );
  if (await isOurs(cluster, known)) return known;
  const other = await mkdtemp(join(tmpdir(), socketDirPrefix));
  await giveTo(cluster.account, other);
  return other;
}

async function isOurs({ account }: PostgresCluster, folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  const owner = account?.uid ?? process.getuid?.();
  return found?.isDirectory() === true && found.uid === owner && (found.mode & 0o077) === 0;
}

async function removeSocketDir(socketDir: string): Promise<void> {
  if (basename(socketDir).startsWith(socketDirPrefix)) await rm(socketDir, { recursive: true, force: true });
}

async function discard(cluster: PostgresCluster, stale: Postmaster, log: Log): Promise<void> {
  log.info('The embedded Postgres was not stopped in order; it recovers now', { pid: stale.pid });
  await removeStalePid(cluster.dir, stale);
}

function notStarted(cluster: PostgresCluster, said: string): CausewayError {
  return new CausewayError(
    'unavailable',
    `The embedded Postgres did not start: ${said} (its log is ${cluster.logFile})`,
  );
}
