import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { persistently } from './postgres-errors.ts';

type Said = 'secret-key-fingerprint' | 'blob-store';

/** Keys of this installation, the same for all nodes over one database. */
export interface InstallationSecrets {
  /** 32 random bytes, made when they are asked for the first time. @throws CausewayError `unavailable` */
  read(name: 'uid-pseudonyms'): Promise<Buffer>;
  /** Whether this is what the first who asked said. @throws CausewayError `unavailable` */
  agree(name: Said, said: Buffer): Promise<boolean>;
  /** What the first who asked said; undefined if nobody has. @throws CausewayError `unavailable` */
  said(name: Said): Promise<Buffer | undefined>;
}

export function createInstallationSecrets(pool: pg.Pool): InstallationSecrets {
  const known = new Map<string, Buffer>();
  return {
    async read(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      const secret = await persistently(() => readOrKeep(pool, name, randomBytes(32)));
      known.set(name, secret);
      return secret;
    },
    async agree(name, said) {
      return (await persistently(() => readOrKeep(pool, name, said))).equals(said);
    },
    said: (name) => persistently(() => readSecret(pool, name)),
  };
}

/** Of two nodes that make one at the same time, the first wins: both read what is there then. */
async function readOrKeep(pool: pg.Pool, name: string, made: Buffer): Promise<Buffer> {
  const make = 'insert into installation_secrets (name, secret) values ($1, $2) on conflict do nothing';
  await pool.query(make, [name, made]);
  return (await readSecret(pool, name))!;
}

async function readSecret(pool: pg.Pool, name: string): Promise<Buffer | undefined> {
  const { rows } = await pool.query<{ secret: Buffer }>('select secret from installation_secrets where name = $1', [
    name,
  ]);
  return rows[0]?.secret;
}
