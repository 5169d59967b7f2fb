import type pg from 'pg';
import type { IndexTarget } from './instance-index.ts';
import { numberChanges } from './number-changes.ts';
import { persistently } from './postgres-errors.ts';
import { type GraphPlan, makeGraph } from './publishing-graphs.ts';
import { targetKey } from './target-key.ts';
import { inTransaction } from './transaction.ts';
import { uidKey, uidKeySql } from './uid-key.ts';

/** A series or study to which nothing has been added for a while. */
export interface UnitAtRest {
  readonly publisher: string;
  readonly studyInstanceUid: string;
  /** Undefined where a study is the unit. */
  readonly seriesInstanceUid: string | undefined;
  /** Up to when nothing has come since. */
  readonly quietSince: Date;
}

/** What a publisher waits for. */
export interface Expecting {
  readonly publisher: string;
  readonly unit: 'series' | 'study';
  readonly quietSince: Date;
}

/** Stored instances that are to be sent. */
export interface Replay {
  readonly id: string;
  readonly publisher: string;
  readonly expression: string | undefined;
  readonly from: Date;
  readonly till: Date;
  readonly again: boolean;
  readonly status: 'INITIAL' | 'SUCCESS' | 'FAILED';
  /** Made so far. */
  readonly graphs: number;
  readonly createdAt: Date;
}

export type NewReplay = Pick<Replay, 'publisher' | 'expression' | 'from' | 'till' | 'again'>;

/** A unit of a replay, and how it is to be planned. */
export type PlanUnit = (unit: { studyInstanceUid: string; seriesInstanceUid: string | undefined }) => GraphPlan;

/** For whom arrivals are remembered, and which version of the configuration says so. */
export interface ArrivalReaders {
  readonly configurationVersion: number;
  readonly publishers: readonly string[];
}

/** From what is stored to what is to be done. Whatever is made is made in the transaction that forgets why. */
export interface ArrivalStore {
  /**
   * Reads on in the change feed and remembers what has arrived for these publishers. What came back from a publisher is
   * passed over.
   * @returns changes read; undefined if another node is at it; `outdated`, with nothing read, if there is a younger version of
   * the configuration, whose publishers may be others
   */
  read(readers: ArrivalReaders, limit: number, now: Date): Promise<number | 'outdated' | undefined>;
  /**
   * Tells whether anybody wants what arrives from this version of the configuration on. Where nobody did before, what was
   * stored before the first version of which somebody does is passed over.
   */
  follow(configurationVersion: number, isWanted: boolean): Promise<void>;
  /** Forgets what has arrived for all others. @returns whether it did: not if another node is at it, or knows a younger version */
  keepOnly(readers: ArrivalReaders): Promise<boolean>;
  atRest(expecting: readonly Expecting[], limit: number): Promise<readonly UnitAtRest[]>;
  /** @returns id of the graph; undefined if there is nothing to do, or another node did it */
  plan(unit: UnitAtRest, plan: GraphPlan, now: Date): Promise<string | undefined>;
  /** Makes a graph of stored instances. @returns undefined if there are none */
  planStored(target: IndexTarget, plan: GraphPlan, now: Date): Promise<string | undefined>;
  addReplay(replay: NewReplay, now: Date): Promise<Replay>;
  replay(id: string): Promise<Replay | undefined>;
  /** The oldest that is not at its end. */
  nextReplay(): Promise<Replay | undefined>;
  /** Makes graphs of the next units. @returns how many units there were; none at its end, undefined if another node is at it */
  continueReplay(
    replay: Replay,
    unit: 'series' | 'study',
    plan: PlanUnit,
    limit: number,
    now: Date,
  ): Promise<number | undefined>;
  failReplay(id: string): Promise<void>;
  /** When the youngest arrival that a publisher waits for came; undefined if there is none. */
  waitingSince(publisher: string, studyInstanceUid: string): Promise<Date | undefined>;
}

const lockSpace = 7_305_193;
const plannerLock = 1;

interface ReplayRow {
  readonly replay_id: string;
  readonly publisher: string;
  readonly expression: string | null;
  readonly stored_from: Date;
  readonly stored_till: Date;
  readonly again: boolean;
  readonly status: Replay['status'];
  readonly graphs: number;
  readonly created_at: Date;
}

export function createArrivalStore(pool: pg.Pool): ArrivalStore {
  const query = <R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    persistently(() => pool.query<R>(text, [...values]));
  /** One planner at a time, over all nodes. */
  const alone = <T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T | undefined> =>
    persistently(() =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_xact_lock($1, $2) as got', [
          lockSpace,
          plannerLock,
        ]);
        return rows[0]?.got ? work(client) : undefined;
      }),
    );

  return {
    async read(readers, limit, now) {
      const { rows } = await query<{ sequence: string }>(
        'select sequence from publishing_cursor where not is_idle',
        [],
      );
      if (rows[0] === undefined || Number(rows[0].sequence) >= (await numberChanges(pool))) return 0;
      return alone((client) => readFeed(client, readers, limit, now));
    },
    async follow(configurationVersion, isWanted) {
      if (!isWanted) {
        await query(
          'update publishing_cursor set is_idle = true, configuration_version = $1 where configuration_version < $1',
          [configurationVersion],
        );
        return;
      }
      const { rows } = await query<{ is_idle: boolean }>(
        'select is_idle from publishing_cursor where configuration_version < $1',
        [configurationVersion],
      );
      if (rows[0]?.is_idle) await numberChanges(pool);
      // Dates of changes ascend with their numbers.
      await query(
        `update publishing_cursor cursor set is_idle = false, configuration_version = $1,
           sequence = case when is_idle and since.at is not null then greatest(cursor.sequence, coalesce(
             (select sequence from changes where sequence is not null and changes.at >= since.at
              order by changes.at, sequence limit 1) - 1,
             (select sequence from last_change))) else cursor.sequence end
         from (
           select min(version.at) as at from publishing_cursor left join configuration_versions version
             on version.version > publishing_cursor.configuration_version) since
         where cursor.configuration_version < $1`,
        [configurationVersion],
      );
    },
    async keepOnly({ configurationVersion, publishers }) {
      const isDone = await alone(async (client) => {
        const { rows } = await client.query<{ version: number }>(`select ${newestVersion} as version`);
        if (configurationVersion < rows[0]!.version) return false;
        await client.query('delete from arrivals where publisher <> all ($1)', [publishers]);
        return true;
      });
      return isDone ?? false;
    },
    async atRest(expecting, limit) {
      const { rows } = await query<{
        publisher: string;
        study_instance_uid: string;
        series_instance_uid: string | null;
        quiet_since: Date;
      }>(
        `select expected.publisher, found.study_instance_uid, found.series_instance_uid, quiet_since
         from unnest($1::text[], $2::text[], $3::timestamptz[]) as expected (publisher, unit, quiet_since), lateral (
           (select study_instance_uid, series_instance_uid from arrivals
            where unit = 'series' and arrivals.publisher = expected.publisher and last_at <= quiet_since
            order by last_at limit $4)
           union all
           (select study_instance_uid, null from arrivals
            where unit = 'study' and arrivals.publisher = expected.publisher and last_at <= quiet_since
              and not exists (
                select from arrivals younger
                where younger.publisher = expected.publisher and younger.study_id = arrivals.study_id
                  and younger.last_at > quiet_since)
            group by study_instance_uid limit $4)
         ) found`,
        [
          expecting.map(({ publisher }) => publisher),
          expecting.map(({ unit }) => unit),
          expecting.map(({ quietSince }) => quietSince),
          limit,
        ],
      );
      return rows.map((row) => ({
        publisher: row.publisher,
        studyInstanceUid: row.study_instance_uid,
        seriesInstanceUid: row.series_instance_uid ?? undefined,
        quietSince: row.quiet_since,
      }));
    },
    plan: (unit, plan, now) =>
      alone(async (client) => {
        const seriesKey = unit.seriesInstanceUid === undefined ? null : uidKey(unit.seriesInstanceUid);
        const { rows } = await client.query<{ uid: string; first: string; last: string }>(
          `delete from arrivals
           where publisher = $1 and study_id = $2 and ($3::uuid is null or series_id = $3)
             and not exists (
               select from arrivals younger where younger.publisher = $1 and younger.study_id = $2
                 and ($3 is null or younger.series_id = $3) and younger.last_at > $4)
           returning series_instance_uid as uid, first_sequence as first, last_sequence as last`,
          [unit.publisher, uidKey(unit.studyInstanceUid), seriesKey, unit.quietSince],
        );
        if (rows.length === 0) return undefined;
        return makeGraph(client, plan, arrivedWithin(unit.studyInstanceUid, rows), now);
      }),
    planStored: (target, plan, now) =>
      persistently(() => inTransaction(pool, (client) => makeGraph(client, plan, storedUnder(target), now))),
    async addReplay({ publisher, expression, from, till, again }, now) {
      const { rows } = await query<ReplayRow>(
        `insert into publishing_replays (publisher, expression, stored_from, stored_till, again, created_at)
         values ($1, $2, $3, $4, $5, $6) returning *`,
        [publisher, expression ?? null, from, till, again, now],
      );
      return replayOf(rows[0]!);
    },
    async replay(id) {
      const { rows } = await query<ReplayRow>('select * from publishing_replays where replay_id = $1', [id]);
      return rows[0] && replayOf(rows[0]);
    },
    async nextReplay() {
      const { rows } = await query<ReplayRow>(
        `select * from publishing_replays where status = 'INITIAL' order by replay_id limit 1`,
        [],
      );
      return rows[0] && replayOf(rows[0]);
    },
    continueReplay: (replay, unit, plan, limit, now) =>
      alone((client) => replayUnits(client, { replay, unit, plan, limit, now })),
    async failReplay(id) {
      await query(`update publishing_replays set status = 'FAILED' where replay_id = $1`, [id]);
    },
    async waitingSince(publisher, studyInstanceUid) {
      const { rows } = await query<{ since: Date | null }>(
        'select max(last_at) as since from arrivals where publisher = $1 and study_id = $2',
        [publisher, uidKey(studyInstanceUid)],
      );
      return rows[0]?.since ?? undefined;
    },
  };
}

const newestVersion = '(select coalesce(max(version), 0) from configuration_versions)';

/** In one statement, so that no change behind `last` was stored before a version that it does not see. */
const placeInFeed = `select cursor.sequence, last.sequence as last, ${newestVersion} as version
  from publishing_cursor cursor, last_change last where not is_idle`;

async function readFeed(
  client: pg.ClientBase,
  { configurationVersion, publishers }: ArrivalReaders,
  limit: number,
  now: Date,
): Promise<number | 'outdated'> {
  const cursor = await client.query<{ sequence: string; last: string; version: number }>(placeInFeed);
  const { sequence: after = '0', last = '0', version = 0 } = cursor.rows[0] ?? {};
  if (configurationVersion < version) return 'outdated';
  const till = Math.min(Number(after) + limit, Number(last));
  if (till <= Number(after)) return 0;
  await client.query(
    `with arrived as (
       select change.study_instance_uid, change.series_instance_uid, min(sequence) as first, max(sequence) as last
       from changes change join instances on study_id = ${uidKeySql('change.study_instance_uid')}
         and series_id = ${uidKeySql('change.series_instance_uid')} and instance_id = ${uidKeySql('change.sop_instance_uid')}
       where sequence > $1 and sequence <= $2 and action <> 'erased' and door <> 'publisher'
       group by 1, 2
     )
     insert into arrivals as known (publisher, study_id, series_id, study_instance_uid, series_instance_uid, first_sequence,
       last_sequence, last_at)
     select publisher, ${uidKeySql('study_instance_uid')}, ${uidKeySql('series_instance_uid')}, study_instance_uid,
       series_instance_uid, first, last, $4
     from arrived cross join unnest($3::text[]) as publisher
     on conflict (publisher, study_id, series_id) do update set
       last_sequence = excluded.last_sequence, last_at = excluded.last_at`,
    [after, till, publishers, now],
  );
  await client.query('update publishing_cursor set sequence = $1', [till]);
  return till - Number(after);
}

function arrivedWithin(
  studyInstanceUid: string,
  spans: readonly { readonly uid: string; readonly first: string; readonly last: string }[],
) {
  return {
    condition: `door <> 'publisher' and (instances.study_id, instances.series_id, instances.instance_id) in (
      select $4::uuid, ${uidKeySql('change.series_instance_uid')}, ${uidKeySql('change.sop_instance_uid')}
      from unnest($6::text[], $7::bigint[], $8::bigint[]) as span (uid, first, last)
        join changes change on change.series_instance_uid = span.uid and sequence between first and last
      where change.study_instance_uid = $5 and action <> 'erased')`,
    values: [
      uidKey(studyInstanceUid),
      studyInstanceUid,
      spans.map(({ uid }) => uid),
      spans.map(({ first }) => first),
      spans.map(({ last }) => last),
    ],
  };
}

function storedUnder(target: IndexTarget) {
  const { study, series, instance } = targetKey(target);
  return {
    condition: `instances.study_id = $4 and ($5::uuid is null or instances.series_id = $5)
      and ($6::uuid is null or instances.instance_id = $6)`,
    values: [study, series ?? null, instance ?? null],
  };
}

interface ReplayStep {
  readonly replay: Replay;
  readonly unit: 'series' | 'study';
  readonly plan: PlanUnit;
  readonly limit: number;
  readonly now: Date;
}

/** The next units in the order of their keys; the place moves in the transaction that makes the graphs. */
async function replayUnits(client: pg.ClientBase, { replay, unit, plan, limit, now }: ReplayStep): Promise<number> {
  const isSeries = unit === 'series';
  const { rows } = await client.query<{ study_id: string; series_id: string; study: string; series: string }>(
    `select ${isSeries ? '' : 'distinct on (series.study_id)'} series.study_id, series.series_id,
       study_instance_uid as study, series_instance_uid as series
     from publishing_replays replay, series join studies using (study_id)
     where replay_id = $1 and replay.status = 'INITIAL'
       and ${isSeries ? '(series.study_id, series.series_id) > (replay.study_id, replay.series_id)' : 'series.study_id > replay.study_id'}
       and exists (
         select from instances
         where instances.study_id = series.study_id and instances.series_id = series.series_id
           and instances.created_at >= stored_from and instances.created_at < stored_till)
     order by series.study_id, series.series_id limit $2`,
    [replay.id, limit],
  );
  let graphs = 0;
  for (const row of rows) {
    const seriesInstanceUid = isSeries ? row.series : undefined;
    const keys = isSeries ? [row.study_id, row.series_id] : [row.study_id];
    const made = await makeGraph(
      client,
      plan({ studyInstanceUid: row.study, seriesInstanceUid }),
      {
        condition: `instances.study_id = $4 and ${isSeries ? 'instances.series_id = $7 and ' : ''} instances.created_at >= $5 and instances.created_at < $6`,
        values: [keys[0], replay.from, replay.till, ...keys.slice(1)],
      },
      now,
    );
    if (made !== undefined) graphs += 1;
  }
  const last = rows.at(-1);
  if (last === undefined) {
    await client.query(`update publishing_replays set status = 'SUCCESS' where replay_id = $1`, [replay.id]);
    return 0;
  }
  await client.query(
    'update publishing_replays set study_id = $2, series_id = $3, graphs = graphs + $4 where replay_id = $1',
    [replay.id, last.study_id, last.series_id, graphs],
  );
  return rows.length;
}

function replayOf(row: ReplayRow): Replay {
  return {
    id: row.replay_id,
    publisher: row.publisher,
    expression: row.expression ?? undefined,
    from: row.stored_from,
    till: row.stored_till,
    again: row.again,
    status: row.status,
    graphs: row.graphs,
    createdAt: row.created_at,
  };
}
