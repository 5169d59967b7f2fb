import type pg from 'pg';
import type { AttributesVersion, Change, TimeSpan } from './instance-index.ts';
import { closeTimeBefore, numberChanges } from './number-changes.ts';
import { persistently } from './postgres-errors.ts';
import { nilKey, uidKey, uidKeySql } from './uid-key.ts';

interface ChangeRow {
  readonly sequence: string;
  readonly action: Change['action'];
  readonly state: Change['state'];
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
  readonly at: Date;
}

/** Changes after a sequence, in order; those that still have no number get theirs first, as many as are wanted. */
export async function readChanges(pool: pg.Pool, after: number, limit: number, span: TimeSpan = {}): Promise<Change[]> {
  if (span.from === undefined && span.before === undefined) await numberChanges(pool, after + limit);
  else if (span.before === undefined) await numberChanges(pool);
  else await closeTimeBefore(pool, span.before);
  const { rows } = await persistently(() =>
    pool.query<ChangeRow>(
      `select ${columns} from changes
       where sequence > $1 + (case when $3::timestamptz is null then 0 else coalesce(${firstSince('$3')}, ${pastAll}) - 1 end)
         and sequence < (case when $4::timestamptz is null then ${pastAll} else coalesce(${firstSince('$4')}, ${pastAll}) end)
       order by sequence limit $2`,
      [after, limit, span.from ?? null, span.before ?? null],
    ),
  );
  return rows.map(changeOf);
}

/** The last change of all. */
export async function readLastChange(pool: pg.Pool): Promise<Change | undefined> {
  await numberChanges(pool);
  const { rows } = await persistently(() =>
    pool.query<ChangeRow>(`select ${columns} from changes where sequence is not null order by sequence desc limit 1`),
  );
  return rows[0] && changeOf(rows[0]);
}

/** More than any sequence, with room to add to it. */
const pastAll = '4611686018427387904';

/** As dates ascend with the numbers, a span of time is a span of numbers. */
function firstSince(moment: string): string {
  return `(select sequence from changes where sequence is not null and at >= ${moment} order by at, sequence limit 1)`;
}

/**
 * `state` is that of now. The keys are computed as `uidKey` does; later changes are looked for among numbered ones only,
 * as the reader has yet to learn of the others.
 */
const columns = `sequence, action, study_instance_uid, series_instance_uid, sop_instance_uid, at,
  case
    when not exists (
      select from instances where study_id = ${keyOf('study')} and series_id = ${keyOf('series')} and instance_id = ${keyOf('sop')}
    ) then 'deleted'
    when action = 'erased' or exists (
      select from changes later
      where later.sop_instance_uid = changes.sop_instance_uid and later.sequence > changes.sequence
        and later.study_instance_uid = changes.study_instance_uid and later.series_instance_uid = changes.series_instance_uid
    ) then 'replaced'
    else 'current'
  end as state`;

function keyOf(level: 'study' | 'series' | 'sop'): string {
  return uidKeySql(`changes.${level}_instance_uid`);
}

function changeOf(row: ChangeRow): Change {
  return {
    sequence: Number(row.sequence),
    action: row.action,
    state: row.state,
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid,
    sopInstanceUid: row.sop_instance_uid,
    at: row.at,
  };
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
