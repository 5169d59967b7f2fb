import type pg from 'pg';
import { isAbsence } from './postgres-errors.ts';

/** Runs `work` in a transaction (READ COMMITTED) on a connection of its own. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (thrown) {
    // A connection on which nothing is answered would have us wait for the rollback, too.
    broken = isAbsence(thrown);
    if (!broken) {
      await client.query('rollback').catch(() => {
        broken = true;
      });
    }
    throw thrown;
  } finally {
    client.release(broken);
  }
}
