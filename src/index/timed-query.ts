import pg from 'pg';
import { CausewayError } from '../kernel/errors.ts';
import { persistently } from './postgres-errors.ts';
import type { SqlStatement } from './search-sql.ts';
import { inTransaction } from './transaction.ts';

/** Runs a search. @throws CausewayError `timed-out` if Postgres worked on it for too long, `unavailable` */
export async function timedQuery<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: SqlStatement,
  timeoutMs: number,
): Promise<R[]> {
  return persistently(() =>
    inTransaction(pool, async (client) => {
      await client.query(`set local statement_timeout = ${Math.ceil(timeoutMs)}`);
      try {
        return (await client.query<R>(statement.text, statement.values)).rows;
      } catch (thrown) {
        throw isCancelled(thrown) ? tooLong(timeoutMs, thrown) : thrown;
      }
    }),
  );
}

function isCancelled(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && thrown.code === '57014';
}

function tooLong(timeoutMs: number, cause: unknown): CausewayError {
  return new CausewayError(
    'timed-out',
    `The search took longer than ${timeoutMs / 1_000} s and was stopped: narrow it by a date, or by three letters or more in a row.`,
    { cause, details: { limit: 'searchTimeoutMs' } },
  );
}
