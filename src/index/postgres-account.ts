import { chown, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CausewayError } from '../kernel/errors.ts';

/** The user that a child process runs as, where it is not our own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom Postgres runs as: undefined for ourselves. Postgres refuses to run as root, so root gives way to the owner of
 * the data directory, else to `postgres`, else to `nobody`.
 * @throws CausewayError `unavailable` if there is no such user
 */
export async function postgresAccount(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDir);
  if (owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const user = users.find(([name]) => name === wanted);
    if (user?.[2] !== undefined && user[3] !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new CausewayError(
    'unavailable',
    'Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as: start Causeway as another user, or set DATABASE_URL.',
  );
}

const groupBits = 0o050;
const otherBits = 0o005;

/** Whether `account` may enter `folder` and every folder above it, going by owner and mode alone. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const execute = uid === account.uid ? 0o100 : gid === account.gid ? groupBits & 0o011 : otherBits & 0o001;
    if ((mode & execute) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Gives a file or folder to the account that Postgres runs as. */
export async function giveTo(account: Account | undefined, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
