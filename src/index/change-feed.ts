import type pg from 'pg';
import type { AttributesVersion, Change } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { inTransaction } from './transaction.ts';
import { nilKey, uidKey } from './uid-key.ts';

interface ChangeRow {
  readonly sequence: string;
  readonly action: Change['action'];
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
  readonly at: Date;
}

/** Changes after a sequence, in order; those that still have no number get theirs first, as many as are wanted. */
export async function readChanges(pool: pg.Pool, after: number, limit: number): Promise<Change[]> {
  await persistently(() => numberChanges(pool, after + limit));
  const { rows } = await persistently(() =>
    pool.query<ChangeRow>(
      `select sequence, action, study_instance_uid, series_instance_uid, sop_instance_uid, at
       from changes where sequence > $1 order by sequence limit $2`,
      [after, limit],
    ),
  );
  return rows.map((row) => ({
    sequence: Number(row.sequence),
    action: row.action,
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid,
    sopInstanceUid: row.sop_instance_uid,
    at: row.at,
  }));
}

/** Rows that are numbered in one go: the transaction stays short after a long time without readers. */
const numberedAtOnce = 10_000;

/**
 * Numbers the rows of transactions that are older than every running one: no row can still appear before them. The lock
 * is taken in a statement of its own, so that the next one sees what the reader before has numbered.
 */
async function numberChanges(pool: pg.Pool, upTo: number): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ sequence: string }>('select sequence from last_change');
    if (Number(rows[0]?.sequence) >= upTo) return;
    const numbered = await inTransaction(pool, numberOldest);
    if (numbered < numberedAtOnce) return;
  }
}

async function numberOldest(client: pg.PoolClient): Promise<number> {
  await client.query('select from last_change for update');
  const { rowCount } = await client.query(
    `with ready as (
       select change_id, row_number() over (order by transaction_id, change_id) as n
       from (
         select change_id, transaction_id from changes
         where sequence is null and transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
         order by transaction_id, change_id limit $1
       ) oldest
     ), moved as (
       update last_change set sequence = sequence + (select count(*) from ready)
     )
     update changes set sequence = last_change.sequence + ready.n
     from ready, last_change where changes.change_id = ready.change_id`,
    [numberedAtOnce],
  );
  return rowCount ?? 0;
}

interface VersionRow {
  readonly series_instance_uid: string | null;
  readonly attributes: Buffer;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
}

/** Every version of attributes that the instances of a study disagreed about. */
export async function readDisagreements(pool: pg.Pool, studyInstanceUid: string): Promise<AttributesVersion[]> {
  const { rows } = await persistently(() =>
    pool.query<VersionRow>(
      `select series_instance_uid, disagreements.attributes, first_seen_at, last_seen_at
       from disagreements left join series using (study_id, series_id)
       where study_id = $1 order by series_id <> '${nilKey}', series_id, first_seen_at, disagreements.attributes_digest`,
      [uidKey(studyInstanceUid)],
    ),
  );
  return rows.map((row) => ({
    seriesInstanceUid: row.series_instance_uid ?? undefined,
    attributes: row.attributes,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
  }));
}
