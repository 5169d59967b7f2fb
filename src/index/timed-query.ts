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
      return ask<R>(client, statement, timeoutMs);
    }),
  );
}

type Ask = <R extends pg.QueryResultRow>(statement: SqlStatement) => Promise<R[]>;

/** The same with several searches: what `work` asks sees the same rows, whatever is stored meanwhile. */
export async function timedQueries<T>(pool: pg.Pool, timeoutMs: number, work: (ask: Ask) => Promise<T>): Promise<T> {
  return persistently(() =>
    inTransaction(pool, async (client) => {
      await client.query('set transaction isolation level repeatable read read only');
      await client.query(`set local statement_timeout = ${Math.ceil(timeoutMs)}`);
      return work((statement) => ask(client, statement, timeoutMs));
    }),
  );
}

async function ask<R extends pg.QueryResultRow>(
  client: pg.ClientBase,
  { text, values }: SqlStatement,
  timeoutMs: number,
): Promise<R[]> {
  try {
    return (await client.query<R>(text, values)).rows;
  } catch (thrown) {
    throw isCancelled(thrown) ? tooLong(timeoutMs, thrown) : thrown;
  }
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
