import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import pg from 'pg';
import { CausewayError } from '../kernel/errors.ts';
import type { PostgresConnection } from './pool.ts';

const oldestPostgres = 130_000;
/** Any number that nobody else takes; all Causeway nodes take this one. */
const migrationLock = 5_252_001;

/** The same place seen from `src/index` and from `dist/index`. */
const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the database to the state that this version needs. Safe when several nodes start at once, and after a node was
 * killed in the middle: one migrates under a lock that ends with its connection, the others wait.
 * @throws CausewayError `unavailable` if the database cannot be reached, is too old, or is newer than this Causeway
 */
export async function migrate(connection: PostgresConnection): Promise<void> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 30_000 });
  client.on('error', () => {}); // every query that it concerns rejects
  try {
    await client.connect();
    await checkVersion(client);
    const names = await migrationNames();
    if (!(await isComplete(client, names))) {
      // The transaction that holds the lock waits for another connection's work, however long that takes.
      await client.query('set idle_in_transaction_session_timeout = 0');
      await client.query('begin');
      await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
      if (!(await isComplete(client, names))) await runMigrations(connection, names);
      await client.query('commit');
    }
    await adoptChanges(client);
  } catch (thrown) {
    if (thrown instanceof CausewayError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CausewayError('unavailable', `The database cannot be prepared: ${reason}`, { cause: thrown });
  } finally {
    await client.end().catch(() => {});
  }
}

async function migrationNames(): Promise<string[]> {
  return (await readdir(migrationsDir)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort();
}

async function checkVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
  const version = Number(rows[0]?.server_version_num);
  if (version < oldestPostgres) {
    throw new CausewayError(
      'unavailable',
      `DATABASE_URL leads to Postgres ${Math.floor(version / 10_000)}; Causeway needs 13 or newer.`,
    );
  }
}

/** Asked without knex, which takes longer to load than all else at a start where nothing is to be done. */
async function isComplete(client: pg.Client, names: readonly string[]): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('causeway_migrations') is not null as there",
  );
  if (!rows[0]?.there) return false;
  const done = await client.query<{ name: string }>('select name from causeway_migrations');
  const unknown = done.rows.find(({ name }) => !names.includes(name));
  if (unknown) {
    throw new CausewayError(
      'unavailable',
      `The database was made by a newer Causeway (it has "${unknown.name}"): start that version or a newer one.`,
    );
  }
  return done.rows.length === names.length;
}

/**
 * Transactions of a restored dump have ids of the cluster that it was made of; here they begin anew. Changes that had no
 * number yet would wait for one until ours are as far, and all that follow with them.
 */
async function adoptChanges(client: pg.Client): Promise<void> {
  await client.query(
    `update changes set transaction_id = 0
     where sequence is null and transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint`,
  );
}

async function runMigrations(connection: PostgresConnection, names: readonly string[]): Promise<void> {
  const { knex } = (await import('knex')).default;
  const database = knex({ client: 'pg', connection, pool: { min: 0, max: 2 } });
  try {
    const source: Knex.MigrationSource<string> = {
      getMigrations: () => Promise.resolve([...names]),
      getMigrationName: (name) => name,
      getMigration: async (name) => {
        const sql = await readFile(join(migrationsDir, name), 'utf8');
        return {
          up: (step) => step.raw(sql.replaceAll('?', '\\?')),
          down: () => Promise.reject(new CausewayError('internal', 'Migrations only go forward.')),
        };
      },
    };
    const options = { migrationSource: source, tableName: 'causeway_migrations' };
    // Ours is the advisory lock; knex's own would stay behind a killed node.
    await database.migrate.forceFreeMigrationsLock(options);
    await database.migrate.latest(options);
  } finally {
    await database.destroy();
  }
}
