import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { EmbeddedConnection } from '../../src/index/embedded-postgres.ts';
import { createPool } from '../../src/index/pool.ts';
import { silentLog } from '../../src/kernel/log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The migrated template database of this test run; nobody may be connected to it while it is cloned. */
    postgres: EmbeddedConnection;
  }
}

/** A migrated, empty database of one's own. */
export interface TestDatabase {
  readonly connection: EmbeddedConnection;
  /** For what takes a DATABASE_URL. */
  readonly url: string;
  readonly pool: pg.Pool;
  /** Closes the pool and removes the database, whoever still uses it. */
  drop(): Promise<void>;
}

/** Clones the template database of this test run (50 ms or so). Call `drop` when done. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = inject('postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = { ...template, database: 'postgres' };
  await withClient(server, async (client) => {
    // Two clones of a template at once would refuse each other.
    await client.query('select pg_advisory_lock(1)');
    await client.query(`create database ${name} template ${template.database}`);
  });
  const connection = { ...template, database: name };
  const pool = createPool({ connection, maxConnections: 10, log: silentLog });
  return {
    connection,
    url: `postgres://${connection.user}@/${name}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`,
    pool,
    async drop() {
      if (!pool.ended) await pool.end();
      await withClient(server, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}

/** One connection for as long as `use` takes. */
export async function withClient<T>(
  connection: EmbeddedConnection,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
