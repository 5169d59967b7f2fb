import type pg from 'pg';
import { CausewayError } from '../kernel/errors.ts';
import type { SqlStatement } from './search-sql.ts';
import { timedQuery } from './timed-query.ts';

export interface CountedPage<R> {
  readonly rows: readonly R[];
  /** Of all pages; `totalIsExact` is false where there are more than were counted. */
  readonly total: number;
  readonly totalIsExact: boolean;
}

/** Rows that are counted; a page says that there are more. */
export const maxCounted = 100_000;
export const pageTimeoutMs = 10_000;
const countTimeoutMs = 2_000;

/**
 * A page for people, and how many rows there are, as far as that is quickly told.
 * @param all what follows `from` in a statement that selects the rows of all pages
 * @throws CausewayError `timed-out`, `unavailable`
 */
export async function countedPage<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  page: SqlStatement,
  all: SqlStatement,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<CountedPage<R>> {
  const rows = await timedQuery<R>(pool, page, pageTimeoutMs);
  const seen = offset + rows.length;
  if (rows.length < limit && (rows.length > 0 || offset === 0)) return { rows, total: seen, totalIsExact: true };
  const text = `select count(*)::int as total from (select from ${all.text} limit ${maxCounted + 1}) as counted`;
  const counted = await timedQuery<{ total: number }>(pool, { text, values: all.values }, countTimeoutMs).catch(
    nothingIfTooLong,
  );
  const total = counted?.[0]?.total ?? (rows.length > 0 ? seen : 0);
  return { rows, total: Math.min(total, maxCounted), totalIsExact: counted !== undefined && total <= maxCounted };
}

function nothingIfTooLong(thrown: unknown): undefined {
  if (!(thrown instanceof CausewayError && thrown.code === 'timed-out')) throw thrown;
}
