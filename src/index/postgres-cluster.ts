import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { type Account, canEnter, giveTo, postgresAccount } from './postgres-account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';

/** A database cluster on disk, and what it takes to run it. */
export interface PostgresCluster {
  /** What Postgres calls PGDATA. */
  readonly dir: string;
  /** Where Postgres writes what it has to say. */
  readonly logFile: string;
  readonly account: Account | undefined;
  readonly binaries: PostgresBinaries;
}

/** Name of the Postgres superuser; it has no password, as only the owner of the data folder reaches the socket. */
export const clusterUser = 'causeway';

/** Environment of Postgres' programs: none of the PG* variables that a person may have set for another server. */
export const postgresEnvironment: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };

/**
 * Opens the cluster in `postgres` of the data folder, and makes it first where there is none.
 * @throws CausewayError `unavailable` with the reason
 */
export async function openCluster(dataDir: string, log: Log): Promise<PostgresCluster> {
  await mkdir(dataDir, { recursive: true });
  const { home, account } = await openHome(await realpath(dataDir), log);
  const dir = join(home, 'cluster');
  const binaries = await findPostgresBinaries(account, home);
  if (!(await exists(join(dir, 'PG_VERSION')))) await createCluster(binaries, dir, account);
  return { dir, logFile: join(home, 'postgres.log'), account, binaries };
}

/** The folder of everything that belongs to Postgres, owned by whom it runs as. */
async function openHome(dataDir: string, log: Log): Promise<{ home: string; account: Account | undefined }> {
  const home = join(dataDir, 'postgres');
  const account = await postgresAccount(dataDir);
  if (account !== undefined && !(await exists(home)) && !(await letIn(account, dataDir))) {
    const elsewhere = join('/var/lib/causeway', createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
    await mkdir(elsewhere, { recursive: true, mode: 0o755 });
    await unlessThere(symlink(elsewhere, home));
    log.warn('Postgres may not run as root and cannot enter the data folder as another user: its files lie elsewhere', {
      link: home,
      folder: elsewhere,
    });
  }
  await unlessThere(mkdir(home, { mode: 0o700 }));
  const real = await realpath(home);
  const { uid, gid } = await stat(real);
  if (account === undefined) {
    if (process.getuid !== undefined && uid !== process.getuid()) {
      throw new CausewayError(
        'unavailable',
        `The database in ${real} belongs to another user: start Causeway as that user.`,
      );
    }
    return { home: real, account };
  }
  // Whoever made the cluster keeps it.
  if (uid !== 0) return { home: real, account: { uid, gid } };
  await giveTo(account, real);
  return { home: real, account };
}

/**
 * Lets the account pass through our own data folder, by its group and without reading it.
 * @returns false if a folder further up is closed, which is not ours to open
 */
async function letIn(account: Account, dataDir: string): Promise<boolean> {
  if (await canEnter(account, dataDir)) return true;
  const { uid, gid, mode } = await stat(dataDir);
  if (uid !== 0 || gid !== 0 || !(await canEnter(account, dirname(dataDir)))) return false;
  await chown(dataDir, uid, account.gid);
  await chmod(dataDir, (mode & 0o7777) | 0o010);
  return true;
}

async function createCluster(binaries: PostgresBinaries, dir: string, account: Account | undefined): Promise<void> {
  await removeAbandoned(dir);
  const growing = `${dir}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const options = [
    `--pgdata=${growing}`,
    `--username=${clusterUser}`,
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--auth-local=trust',
    '--auth-host=reject',
    '--data-checksums',
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(binaries.initdb, options, { ...account, cwd: join(dir, '..'), env: postgresEnvironment });
  } catch (thrown) {
    await rm(growing, { recursive: true, force: true });
    throw initdbFailed(thrown);
  }
  // Complete or not there: a crash before this line leaves a folder that the next start removes.
  await rename(growing, dir).catch(async (thrown: unknown) => {
    await rm(growing, { recursive: true, force: true });
    if (errnoOf(thrown) !== 'ENOTEMPTY' && errnoOf(thrown) !== 'EEXIST') throw thrown;
  });
}

function initdbFailed(thrown: unknown): CausewayError {
  const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr).trim() : '';
  if (errnoOf(thrown) === 'ENOENT') {
    return new CausewayError(
      'unavailable',
      'The embedded Postgres does not run here; it needs glibc 2.27 or newer. Set DATABASE_URL to a Postgres of your own.',
      { cause: thrown },
    );
  }
  if (said.includes('could not look up effective user ID')) {
    return new CausewayError(
      'unavailable',
      'Postgres needs a user with a name: the user id that Causeway runs as is not in /etc/passwd. Set DATABASE_URL to a Postgres of your own, or run as a named user.',
      { cause: thrown },
    );
  }
  return new CausewayError(
    'unavailable',
    `The embedded Postgres could not make its database: ${said || String(thrown)}`,
    {
      cause: thrown,
    },
  );
}

async function removeAbandoned(dir: string): Promise<void> {
  const home = join(dir, '..');
  for (const name of await readdir(home)) {
    const pid = Number(/^cluster\.(\d+)\./.exec(name)?.[1] ?? 0);
    if (pid !== 0 && !isAlive(pid)) await rm(join(home, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return errnoOf(thrown) === 'EPERM';
  }
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  await made.catch((thrown: unknown) => {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown;
  });
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
