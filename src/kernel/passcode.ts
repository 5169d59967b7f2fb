import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string | Buffer, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);

/** 16 MiB and some hundredths of a second for each guess. */
const cost = { log2N: 14, r: 8, p: 1 };
const keyBytes = 32;
const written = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([A-Za-z0-9_-]{22,86}):([A-Za-z0-9_-]{43})$/;

/** What is kept of a passcode: `scrypt:log2N:r:p:salt:key`, from which it cannot be had back. RFC 7914 */
export async function hashPasscode(passcode: string | Buffer): Promise<string> {
  const salt = randomBytes(16);
  const { log2N, r, p } = cost;
  const key = await derive(passcode, salt, keyBytes, { N: 2 ** log2N, r, p });
  return ['scrypt', log2N, r, p, salt.toString('base64url'), key.toString('base64url')].join(':');
}

/** Whether a text is what `hashPasscode` makes, at a cost that can be borne. */
export function isPasscodeHash(text: string): boolean {
  const [, log2N, r, p] = written.exec(text) ?? [];
  return log2N !== undefined && Number(log2N) >= 10 && 2 ** Number(log2N) * Number(r) * Number(p) <= 2 ** 17;
}

/** @param hash as `hashPasscode` made it; anything else fits no passcode */
export async function fitsPasscode(passcode: string | Buffer, hash: string): Promise<boolean> {
  if (!isPasscodeHash(hash)) return false;
  const [, log2N, r, p, salt = '', key = ''] = written.exec(hash) ?? [];
  const costs = { N: 2 ** Number(log2N), r: Number(r), p: Number(p) };
  const derived = await derive(passcode, Buffer.from(salt, 'base64url'), keyBytes, costs);
  return timingSafeEqual(derived, Buffer.from(key, 'base64url'));
}
