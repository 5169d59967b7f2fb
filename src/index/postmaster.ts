import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { link, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf } from '../kernel/errors.ts';

/** What `postmaster.pid` in a data directory says of the Postgres that runs there. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Folder of its Unix socket. */
  readonly socketDir: string;
  readonly status: 'starting' | 'stopping' | 'ready' | 'standby' | '';
}

/** @returns undefined if the file is not there; a pid of 0 if it does not hold one */
export async function readPostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  const content = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  });
  if (content === undefined) return undefined;
  const lines = content.split('\n');
  return {
    pid: pidOf(content),
    port: Number(lines[3] ?? 0),
    socketDir: lines[4] ?? '',
    status: (lines[7] ?? '').trim() as Postmaster['status'],
  };
}

function pidOf(content: string): number {
  const pid = Number.parseInt(content, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : 0;
}

/**
 * Whether the process runs and is the Postgres of this cluster: neither dead, nor a zombie, nor another program that got
 * its id. Where the system does not say which folder a process works in, any Postgres is taken for it.
 */
export async function isLivePostgres(pid: number, clusterDir: string): Promise<boolean> {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ESRCH') return false;
  }
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [, command, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
    return command === 'postgres' && state !== 'Z' && state !== 'X' && (await worksIn(pid, clusterDir));
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,comm=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return /^[^Z\s]\S*\s+.*postgres$/.test(stdout.trim());
}

/** Postgres works in the folder of its cluster; that of another may have got the id after a restart of the machine. */
async function worksIn(pid: number, clusterDir: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(clusterDir));
  } catch {
    return true; // it is somebody else's, of which one may not know
  }
}

/**
 * Removes the `postmaster.pid` that a dead Postgres left behind. Postgres itself would be stopped by it if another
 * process has got that id, or if the dead one is a zombie that nobody collects, as in containers.
 */
export async function removeStalePid(clusterDir: string, stale: Postmaster): Promise<void> {
  const file = join(clusterDir, 'postmaster.pid');
  // A Postgres that starts writes its id a moment after it made the file.
  if (stale.pid === 0 && Date.now() - (await stat(file)).mtimeMs < 2000) return;
  const aside = `${file}.stale-${randomBytes(4).toString('hex')}`;
  await rename(file, aside).catch((thrown: unknown) => {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  });
  const taken = await readFile(aside, 'utf8').catch(() => '');
  // Another Causeway may have been quicker: what was moved is then the file of the Postgres that it started.
  if (pidOf(taken) !== stale.pid) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}
