import { join } from 'node:path';
import pg from 'pg';
import { readPostmaster } from '../../src/index/postmaster.ts';

/**
 * Takes locks in the embedded Postgres of a server that runs, and holds them: what needs them comes this far and no
 * further, so that a test meets it midway whatever the machine does besides.
 * @param dataDir of the server
 * @param statements that take them, one after the other over one connection
 * @returns lets go; Postgres does so, too, when it is killed
 */
export async function holdLock(
  dataDir: string,
  statements: readonly (string | pg.QueryConfig)[],
): Promise<() => Promise<void>> {
  const { socketDir = '', port = 0 } = (await readPostmaster(join(dataDir, 'postgres/cluster'))) ?? {};
  const client = new pg.Client({ host: socketDir, port, user: 'causeway', database: 'causeway' });
  client.on('error', () => {}); // Postgres was killed
  await client.connect();
  for (const statement of statements) await client.query(statement);
  return () => client.end().catch(() => {});
}
