import { randomBytes } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from './config.ts';
import { CausewayError, errnoOf } from './kernel/errors.ts';
import type { Log } from './kernel/log.ts';
import { nameNewFile } from './kernel/name-new-file.ts';

const written = /^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=?)$/;

/** 32 bytes of a key as it is written: 64 hexadecimal digits or base64. */
export function parseSecretKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (!written.test(trimmed)) return undefined;
  const key = Buffer.from(trimmed, trimmed.length === 64 ? 'hex' : 'base64');
  return key.length === 32 ? key : undefined;
}

type KeySettings = Pick<Settings, 'secretKey' | 'secretKeyFile' | 'dataDir'>;

/**
 * The key as `readSecretKey` has it, but that none is made.
 * @throws CausewayError `configuration-invalid` if the file cannot be read or holds no key
 */
export async function findSecretKey(settings: KeySettings): Promise<Buffer | undefined> {
  const { secretKey, secretKeyFile } = settings;
  if (secretKey !== undefined) return parseSecretKey(secretKey)!;
  const path = secretKeyFile ?? ownKeyFile(settings);
  try {
    return await keyOfFile(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT' || secretKeyFile !== undefined) throw unreadable(path, thrown);
    return undefined;
  }
}

function ownKeyFile({ dataDir }: KeySettings): string {
  return join(dataDir, 'secret.key');
}

/**
 * The key by which secrets in the database are encrypted: that of the settings, of the file that they name, or of
 * `secret.key` in the data folder, which is made if there is none.
 * @throws CausewayError `configuration-invalid` if the file cannot be read or made, or holds no key
 */
export async function readSecretKey(settings: KeySettings, log: Log): Promise<Buffer> {
  const found = await findSecretKey(settings);
  if (found !== undefined) return found;
  const path = ownKeyFile(settings);
  await makeKeyFile(path).catch((thrown: unknown) => {
    const why = errnoOf(thrown) ?? 'it failed';
    const message = `${path} with a key for secrets cannot be made (${why}): set secretKey or secretKeyFile, or mend dataDir.`;
    throw new CausewayError('configuration-invalid', message, { cause: thrown });
  });
  log.info('a key for secrets was made: keep a copy of it, and give it to every node', { path });
  return keyOfFile(path);
}

async function keyOfFile(path: string): Promise<Buffer> {
  const key = parseSecretKey(await readFile(path, 'utf8'));
  if (key === undefined) throw unreadable(path, undefined);
  return key;
}

/** Of two processes that make one at the same time, the first wins: both read what is there then. */
async function makeKeyFile(path: string): Promise<void> {
  const partial = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(partial, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await nameNewFile(partial, path);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown;
  } finally {
    await rm(partial, { force: true });
  }
}

function unreadable(path: string, cause: unknown): CausewayError {
  if (cause instanceof CausewayError) return cause;
  return new CausewayError(
    'configuration-invalid',
    `${path} is no file with a secret key: 64 hexadecimal digits, or 32 bytes as base64.`,
    { cause },
  );
}
