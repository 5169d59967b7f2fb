import type pg from 'pg';
import { persistently } from './postgres-errors.ts';
import { inTransaction } from './transaction.ts';

/** Rows that are numbered in one go: the transaction stays short after a long time without readers. */
const numberedAtOnce = 10_000;

/**
 * Numbers the rows of transactions that are older than every running one: no row can still appear before them.
 * @param upTo numbers that are wanted; infinity for all rows that can have one
 * @returns the last number that was given
 */
export async function numberChanges(pool: pg.Pool, upTo = Number.POSITIVE_INFINITY): Promise<number> {
  for (;;) {
    const last = await persistently(() => lastNumber(pool));
    if (last >= upTo) return last;
    const numbered = await persistently(() => inTransaction(pool, numberOldest));
    if (numbered < numberedAtOnce) return last + numbered;
  }
}

async function lastNumber(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ sequence: string }>('select sequence from last_change');
  return Number(rows[0]?.sequence);
}

/**
 * The lock is taken in a statement of its own, so that the next one sees what the reader before has numbered. Dates
 * ascend with the numbers.
 */
async function numberOldest(client: pg.PoolClient): Promise<number> {
  if (!(await somethingToNumber(client))) return 0;
  await client.query('select from last_change for update');
  const { rowCount } = await client.query(
    `with ready as (
       select change_id, row_number() over oldest_first as n, max(at) over oldest_first as at
       from (
         select change_id, transaction_id, at from changes
         where sequence is null and transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         order by transaction_id, change_id limit $1
       ) oldest
       window oldest_first as (order by transaction_id, change_id)
     ), moved as (
       update last_change set sequence = sequence + (select count(*) from ready),
         at = greatest(at, (select max(at) from ready))
     )
     update changes set sequence = last_change.sequence + ready.n, at = greatest(ready.at, last_change.at)
     from ready, last_change where changes.change_id = ready.change_id`,
    [numberedAtOnce],
  );
  return rowCount ?? 0;
}

/** Readers that wait for news ask often, and mostly there are none. */
async function somethingToNumber(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    'select exists (select from changes where sequence is null) as there',
  );
  return rows[0]?.there ?? false;
}

/**
 * Numbers all rows that can have a number, and dates what comes later no earlier than `moment`: the time before it is
 * told completely. A moment to come is cut to the present.
 */
export async function closeTimeBefore(pool: pg.Pool, moment: Date): Promise<void> {
  await numberChanges(pool);
  await persistently(() =>
    pool.query(
      `update last_change set at = least($1::timestamptz, clock_timestamp())
       where at < least($1::timestamptz, clock_timestamp())`,
      [moment],
    ),
  );
}
