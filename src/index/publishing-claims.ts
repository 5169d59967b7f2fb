import type pg from 'pg';
import type { GraphOrigin, GraphUnit, TaskType } from './publishing-graphs.ts';

/** A task that a node has begun, with its graph. */
export interface ClaimedTask {
  readonly id: string;
  readonly graphId: string;
  readonly publisher: string;
  readonly type: TaskType;
  readonly wave: number;
  /** Undefined for what is about all batches. */
  readonly batch: number | undefined;
  /** Proves that nobody else has begun it since. */
  readonly claim: number;
  /** That have failed so far. */
  readonly attempts: number;
  /** How often the process has ended while it ran. */
  readonly takeovers: number;
  readonly total: number;
  /** When the last task that it waited for had ended. */
  readonly readyAt: Date;
  readonly unit: GraphUnit;
  readonly origin: GraphOrigin;
  readonly referenceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string | undefined;
  /** Asked instead of the filters of site and publisher. */
  readonly expression: string | undefined;
}

/** What may be begun of a publisher. */
export interface Claiming {
  readonly publisher: string;
  readonly types: readonly TaskType[];
  /** Tasks of these types that run at the same time, on whatever node. */
  readonly mostRunning: number;
  /** By this node, now. */
  readonly most: number;
  /** Of those that run at the same time, confirmations: a receiver may take minutes to answer one. As many as any unless given. */
  readonly mostConfirming?: number | undefined;
  /** Of uploads; one at a time is begun then. */
  readonly instancesPerSecond?: number | undefined;
  /** Batches that are prepared and wait to be sent; with more, no other is prepared. */
  readonly mostPrepared: number;
}

interface ClaimedRow {
  readonly task_id: string;
  readonly graph_id: string;
  readonly publisher: string;
  readonly type: TaskType;
  readonly wave: number;
  readonly batch: number | null;
  readonly claims: number;
  readonly attempts: number;
  readonly takeovers: number;
  readonly total: number;
  readonly done: number;
  readonly ready_at: Date;
  readonly unit: GraphUnit;
  readonly origin: GraphOrigin;
  readonly reference_uid: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string | null;
  readonly expression: string | null;
}

const lockSpace = 7_305_192;

const isDue = `status = 'INITIAL' and waits_for = 0 and due_at <= $1 and (leased_until is null or leased_until < $1)`;

/** All of them: what is due is looked up by type. */
const isType: Readonly<Record<TaskType, true>> = {
  filter: true,
  compress: true,
  anonymise: true,
  upload: true,
  confirm: true,
  results: true,
  'publish-back': true,
};

/** @returns those that have something to do now: one look into the index for each and type, however long their queues are */
export async function publishersWithDueTasks(client: pg.Pool | pg.ClientBase, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ publisher: string }>(
    `with recursive names as (
       (select publisher from publishing_tasks where status = 'INITIAL' and waits_for = 0 order by publisher limit 1)
       union all
       select (
         select publisher from publishing_tasks
         where status = 'INITIAL' and waits_for = 0 and publisher > names.publisher order by publisher limit 1)
       from names where names.publisher is not null
     )
     select publisher from names where publisher is not null
       and exists (
         select from unnest($2::text[]) as one (type) cross join lateral (
           select from publishing_tasks
           where publishing_tasks.publisher = names.publisher and publishing_tasks.type = one.type and ${isDue}
           order by due_at, task_id limit 1) due)`,
    [now, Object.keys(isType)],
  );
  return rows.map(({ publisher }) => publisher);
}

/** Begins what is due of a publisher, the longest due first, within its bounds: one node at a time. */
export async function claimDue(
  client: pg.ClientBase,
  node: string,
  { publisher, types, mostRunning, most, mostConfirming = mostRunning, instancesPerSecond, mostPrepared }: Claiming,
  now: Date,
  leaseMs: number,
): Promise<ClaimedTask[]> {
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, publisher]);
  const { rows } = await client.query<{ running: number; confirming: number; free_at: Date | null }>(
    `select
       (select count(*)::int from publishing_tasks
        where publisher = $1 and leased_until >= $2 and status = 'INITIAL' and type = 'confirm') as confirming,
       (select count(*)::int from publishing_tasks
        where publisher = $1 and leased_until >= $2 and status = 'INITIAL' and type = any ($3)) as running,
       (select free_at from publishing_rates where publisher = $1 and kind = 'instances') as free_at`,
    [publisher, now, types],
  );
  const { running = 0, confirming = 0, free_at: freeAt = null } = rows[0] ?? {};
  const isLimited = instancesPerSecond !== undefined && types.includes('upload');
  const limit = Math.min(most, mostRunning - running, isLimited ? 1 : most);
  if (limit <= 0) return [];
  const mayPrepare = types.some(isPreparing) && !(await isEnoughPrepared(client, publisher, mostPrepared, now));
  const mostOf = (type: TaskType) => (type === 'confirm' ? Math.min(limit, mostConfirming - confirming) : limit);
  const wanted = types.filter((type) => {
    if (type === 'upload') return !isLimited || freeAt === null || freeAt <= now;
    return (!isPreparing(type) || mayPrepare) && mostOf(type) > 0;
  });
  if (wanted.length === 0) return [];
  const { rows: claimed } = await client.query<ClaimedRow>(
    `with first_of_types as materialized (
       select first.* from unnest($3::text[], $7::int[]) as wanted (type, most) cross join lateral (
         select task_id, due_at from publishing_tasks
         where publisher = $2 and publishing_tasks.type = wanted.type and ${isDue}
         order by due_at, task_id limit wanted.most for update skip locked) first
     ), due as (
       select * from first_of_types order by due_at, task_id limit $4
     )
     update publishing_tasks task set leased_by = $5, leased_until = $1::timestamptz + $6::float8 * interval '1 millisecond',
       claims = claims + 1, takeovers = takeovers + case when leased_until is null then 0 else 1 end, started_at = $1,
       finished_at = null, updated_at = $1
     from due, publishing_graphs graph
     where task.task_id = due.task_id and graph.graph_id = task.graph_id
     returning task.task_id, task.graph_id, task.publisher, type, wave, batch, claims, attempts, takeovers, total, done,
       coalesce(ready_at, task.created_at) as ready_at, unit, origin, reference_uid, study_instance_uid, series_instance_uid, expression`,
    [now, publisher, wanted, limit, node, leaseMs, wanted.map(mostOf)],
  );
  const upload = claimed.find(({ type }) => type === 'upload');
  if (upload && instancesPerSecond !== undefined) {
    // What was not used up is, for as long as a node may take to look for work.
    await client.query(
      `insert into publishing_rates as rate (publisher, kind, free_at)
       values ($1, 'instances', $2::timestamptz + $3::float8 * interval '1 second')
       on conflict (publisher, kind) do update set
         free_at = greatest(rate.free_at, $2 - interval '${unusedSeconds} seconds') + $3 * interval '1 second'`,
      [publisher, now, Math.max(1, upload.total - upload.done) / instancesPerSecond],
    );
  }
  return claimed.map(taskOf);
}

const unusedSeconds = 2;

function isPreparing(type: TaskType): boolean {
  return type === 'compress' || type === 'anonymise';
}

/** Whether so many batches wait to be sent of which files were made; not asked where none is to be made. */
async function isEnoughPrepared(
  client: pg.ClientBase,
  publisher: string,
  mostPrepared: number,
  now: Date,
): Promise<boolean> {
  const { rows } = await client.query<{ prepared: number }>(
    `select case when exists (
         select from publishing_tasks where publisher = $2 and ${isDue} and type in ('compress', 'anonymise'))
       then (
         select count(*)::int from (
           select from publishing_tasks upload
           where publisher = $2 and status = 'INITIAL' and waits_for = 0 and type = 'upload' and exists (
             select from publishing_tasks made where made.task_id = any (upload.deps) and made.batch = upload.batch)
           limit $3::int) ready)
       else 0 end as prepared`,
    [now, publisher, mostPrepared],
  );
  return (rows[0]?.prepared ?? 0) >= mostPrepared;
}

/** Locks graph and task, in this order, as everyone does who ends a task. */
export async function isMine(client: pg.ClientBase, { id, graphId, claim }: ClaimedTask): Promise<boolean> {
  await client.query('select from publishing_graphs where graph_id = $1 for update', [graphId]);
  const { rowCount } = await client.query(
    `select from publishing_tasks where task_id = $1 and claims = $2 and status = 'INITIAL' and leased_until is not null for update`,
    [id, claim],
  );
  return rowCount === 1;
}

function taskOf(row: ClaimedRow): ClaimedTask {
  return {
    id: row.task_id,
    graphId: row.graph_id,
    publisher: row.publisher,
    type: row.type,
    wave: row.wave,
    batch: row.batch ?? undefined,
    claim: row.claims,
    attempts: row.attempts,
    takeovers: row.takeovers,
    total: row.total,
    readyAt: row.ready_at,
    unit: row.unit,
    origin: row.origin,
    referenceUid: row.reference_uid,
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid ?? undefined,
    expression: row.expression ?? undefined,
  };
}
