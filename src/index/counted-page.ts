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
/** Of those that a text is looked for in: each costs a look into every column, and nobody pages through so many. */
const maxCountedByText = 10_000;
export const pageTimeoutMs = 10_000;
const countTimeoutMs = 2_000;

export interface PageWanted {
  readonly limit: number;
  readonly offset: number;
  /** Rows are found by a part of a text. */
  readonly isByText: boolean;
}

/**
 * A page for people, and how many rows there are, as far as that is quickly told.
 * @param all what follows `from` in a statement that selects the rows of all pages
 * @throws CausewayError `timed-out`, `unavailable`
 */
export async function countedPage<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  page: SqlStatement,
  all: SqlStatement,
  { limit, offset, isByText }: PageWanted,
): Promise<CountedPage<R>> {
  const most = isByText ? maxCountedByText : maxCounted;
  const rows = await timedQuery<R>(pool, page, pageTimeoutMs);
  const seen = offset + rows.length;
  if (rows.length < limit && (rows.length > 0 || offset === 0)) return { rows, total: seen, totalIsExact: true };
  const text = `select count(*)::int as total from (select from ${all.text} limit ${most + 1}) as counted`;
  const counted = await timedQuery<{ total: number }>(pool, { text, values: all.values }, countTimeoutMs).catch(
    nothingIfTooLong,
  );
  const total = counted?.[0]?.total ?? 0;
  const isExact = counted !== undefined && total <= most;
  // What is on the page is there, however few were counted.
  return {
    rows,
    total: isExact ? total : Math.max(Math.min(total, most), rows.length > 0 ? seen : 0),
    totalIsExact: isExact,
  };
}

function nothingIfTooLong(thrown: unknown): undefined {
  if (!(thrown instanceof CausewayError && thrown.code === 'timed-out')) throw thrown;
}
