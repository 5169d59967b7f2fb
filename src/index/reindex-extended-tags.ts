import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { QueryLevel } from '../dicom/query.ts';
import type { Log } from '../kernel/log.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';
import { readTags } from './extended-tag-store.ts';
import { type TaggedEntity, writeExtendedValues } from './extended-values.ts';
import { persistently } from './postgres-errors.ts';
import { attributesOfMetadata } from './stored-metadata.ts';
import { lockStudy, studyLockOrder } from './study-lock.ts';
import { inTransaction } from './transaction.ts';

export interface ReindexParts {
  readonly pool: pg.Pool;
  readonly log: Log;
  /** Rows of one transaction: their studies are locked meanwhile. */
  readonly batchRows?: number;
  /** Between two looks for operations that another node was given, or left. */
  readonly pollMs?: number;
}

/** Reads the values of new tags from the metadata that is stored, one operation after the other. */
export type TagReindex = WakingLoop;

const stages = ['studies', 'series', 'instances'] as const;
type Stage = (typeof stages)[number];
const levelOfStage: Readonly<Record<Stage, QueryLevel>> = { studies: 'study', series: 'series', instances: 'instance' };
const keysOfStage = {
  studies: ['study_id'],
  series: ['study_id', 'series_id'],
  instances: ['study_id', 'series_id', 'instance_id'],
} as const;

interface OperationRow {
  readonly operation_id: string;
  readonly stage: 'waiting' | Stage;
  readonly study_id: string;
  readonly series_id: string;
  readonly instance_id: string;
}

interface EntityRow {
  readonly study_id: string;
  readonly series_id?: string;
  readonly instance_id?: string;
  readonly attributes: Buffer;
}

export function createTagReindex({ pool, log, batchRows = 100, pollMs = 10_000 }: ReindexParts): TagReindex {
  async function runOperations(closing: AbortSignal): Promise<void> {
    const { rows } = await persistently(() =>
      pool.query<OperationRow>("select * from reindex_operations where stage <> 'completed' order by created_at"),
    );
    for (const { operation_id, stage } of rows) {
      if (stage === 'waiting' && !(await begin(operation_id, closing))) continue;
      for (let more = true; more && !closing.aborted; ) {
        more = await persistently(() => inTransaction(pool, (client) => nextBatch(client, operation_id, batchRows)));
      }
    }
  }

  /**
   * Waits for the transactions that run: they may store instances without knowing of the tags. Those that begin later
   * know them.
   */
  async function begin(operationId: string, closing: AbortSignal): Promise<boolean> {
    const { rows: before } = await persistently(() => pool.query<{ pid: number; xact_start: Date }>(runningSql));
    const oldest = new Set(before.map(({ pid, xact_start }) => `${pid} ${xact_start.toISOString()}`));
    while (oldest.size > 0) {
      const { rows } = await persistently(() => pool.query<{ pid: number; xact_start: Date }>(runningSql));
      const now = new Set(rows.map(({ pid, xact_start }) => `${pid} ${xact_start.toISOString()}`));
      for (const one of oldest) if (!now.has(one)) oldest.delete(one);
      if (closing.aborted) return false;
      if (oldest.size > 0) await delay(50, undefined, { signal: closing }).catch(() => {});
    }
    await persistently(() =>
      pool.query(
        `update reindex_operations set stage = 'studies', updated_at = now(),
           total = (select coalesce(sum(case level
               when 'study' then (select count(*) from studies)
               when 'series' then (select count(*) from series)
               else (select count(*) from instances) end), 0)
             from (select distinct level from extended_query_tags where operation_id = $1) levels)
         where operation_id = $1 and stage = 'waiting'`,
        [operationId],
      ),
    );
    return true;
  }

  return createWakingLoop({
    work: runOperations,
    pollMs,
    log,
    trouble: 'extended query tags are not reindexed for the moment',
  });
}

const runningSql = `select pid, xact_start from pg_stat_activity
  where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`;

/**
 * Reads the next rows of an operation and notes how far it has come, in one transaction: after a crash it goes on there.
 * @returns false if it is completed, or another node has it in hand
 */
async function nextBatch(client: pg.PoolClient, operationId: string, batchRows: number): Promise<boolean> {
  const { rows } = await client.query<OperationRow>(
    "select * from reindex_operations where operation_id = $1 and stage <> 'completed' for update skip locked",
    [operationId],
  );
  const [operation] = rows;
  if (operation === undefined || operation.stage === 'waiting') return false;
  // A batch that a crash takes back takes its place back with it.
  await client.query('set local synchronous_commit = off');
  const { stage } = operation;
  const level = levelOfStage[stage];
  const all = await readTags(client);
  const tags = all.tags.filter((tag) => tag.operationId === operationId && tag.level === level);
  const keys = tags.length === 0 ? [] : await nextKeys(client, operation, stage, batchRows);
  const last = keys.at(-1);
  if (last === undefined) return nextStage(client, operationId, stage);
  const erroneous = await writeExtendedValues(client, level, tags, await entitiesOf(client, stage, keys));
  if (erroneous.length > 0) {
    // Once: who enables it again knows of the errors.
    await client.query(
      `update extended_query_tags set queries_enabled = false, disabled_by_errors = true
       where tag_id = any ($1::int[]) and not disabled_by_errors`,
      [erroneous],
    );
  }
  await client.query(
    `update reindex_operations set done = done + $2, updated_at = now(), study_id = $3,
       series_id = coalesce($4, series_id), instance_id = coalesce($5, instance_id)
     where operation_id = $1`,
    [operationId, keys.length, last.study_id, last.series_id ?? null, last.instance_id ?? null],
  );
  return true;
}

async function nextStage(client: pg.PoolClient, operationId: string, stage: Stage): Promise<boolean> {
  const next = stages[stages.indexOf(stage) + 1] ?? 'completed';
  await client.query(
    `update reindex_operations set stage = $2, study_id = default, series_id = default, instance_id = default, updated_at = now()
     where operation_id = $1`,
    [operationId, next],
  );
  return next !== 'completed';
}

type Keys = Omit<EntityRow, 'attributes'>;

async function nextKeys(client: pg.PoolClient, operation: OperationRow, stage: Stage, limit: number): Promise<Keys[]> {
  const names = keysOfStage[stage];
  const { rows } = await client.query<Keys>(
    `select ${names.join(', ')} from ${stage}
     where (${names.join(', ')}) > (${names.map((_, n) => `$${n + 2}::uuid`).join(', ')})
     order by ${names.join(', ')} limit $1`,
    [limit, ...names.map((name) => operation[name])],
  );
  return rows;
}

/** Locks the studies first, as whoever changes them does, and reads then: nothing gets old before it is written. */
async function entitiesOf(client: pg.PoolClient, stage: Stage, keys: readonly Keys[]): Promise<TaggedEntity[]> {
  await client.query(
    `select ${lockStudy('study_id')} from (
       select study_id from unnest($1::uuid[]) as study (study_id) order by ${studyLockOrder('study_id')} offset 0
     ) sorted`,
    [[...new Set(keys.map(({ study_id }) => study_id))]],
  );
  const names = keysOfStage[stage];
  const attributes = stage === 'instances' ? 'metadata' : 'attributes';
  const { rows } = await client.query<EntityRow>(
    `select ${names.join(', ')}, ${attributes} as attributes from ${stage}
     join unnest(${names.map((_, n) => `$${n + 1}::uuid[]`).join(', ')}) as wanted (${names.join(', ')}) using (${names.join(', ')})`,
    names.map((name) => keys.map((key) => key[name]!)),
  );
  return Promise.all(
    rows.map(async ({ study_id, series_id, instance_id, attributes: deflated }) => ({
      keys: {
        study: study_id,
        ...(series_id !== undefined && { series: series_id }),
        ...(instance_id !== undefined && { instance: instance_id }),
      },
      attributes: await attributesOfMetadata(deflated),
    })),
  );
}
