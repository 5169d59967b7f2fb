import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { persistently } from './postgres-errors.ts';

/** Keys of this installation, the same for all nodes over one database. */
export interface InstallationSecrets {
  /** 32 random bytes, made when they are asked for the first time. @throws CausewayError `unavailable` */
  read(name: 'uid-pseudonyms'): Promise<Buffer>;
}

export function createInstallationSecrets(pool: pg.Pool): InstallationSecrets {
  const known = new Map<string, Buffer>();
  return {
    async read(name) {
      const before = known.get(name);
      if (before !== undefined) return before;
      const secret = await persistently(() => readOrMake(pool, name));
      known.set(name, secret);
      return secret;
    },
  };
}

/** Of two nodes that make one at the same time, the first wins: both read what is there then. */
async function readOrMake(pool: pg.Pool, name: string): Promise<Buffer> {
  const make = 'insert into installation_secrets (name, secret) values ($1, $2) on conflict do nothing';
  await pool.query(make, [name, randomBytes(32)]);
  const { rows } = await pool.query<{ secret: Buffer }>('select secret from installation_secrets where name = $1', [
    name,
  ]);
  return rows[0]!.secret;
}
