import type pg from 'pg';
import { type InstanceKey, isKey, keyColumns, unnestedKeys } from './instance-key.ts';
import { persistently } from './postgres-errors.ts';
import {
  addSendingTasks,
  dropPrepared,
  type GraphOrigin,
  type GraphUnit,
  refreshGraph,
  type SendingPlan,
  type TaskType,
} from './publishing-graphs.ts';
import { inTransaction } from './transaction.ts';

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
  /** When the last task that it waited for had succeeded. */
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

/** How a task ends, as it is written down. */
export type TaskEnding =
  | { readonly status: 'SUCCESS'; readonly note?: string | undefined }
  /** It is begun again. `failure` undefined: nothing has failed. */
  | {
      readonly status: 'INITIAL';
      readonly dueAt: Date;
      readonly failure?: string | undefined;
      readonly note?: string | undefined;
    }
  | { readonly status: 'FAILED'; readonly failure: string };

export interface SendingAgain {
  readonly failure: string;
  readonly dueAt: Date;
}

/** The queue. Times are those of the caller's clock. */
export interface TaskStore {
  /** Publishers that have something to do now. */
  publishersWithDueTasks(now: Date): Promise<readonly string[]>;
  claim(node: string, claiming: Claiming, now: Date, leaseMs: number): Promise<readonly ClaimedTask[]>;
  /** @returns those that another node has taken over or that have ended otherwise */
  renew(tasks: readonly ClaimedTask[], now: Date, leaseMs: number): Promise<ReadonlySet<string>>;
  /** Leaves to others what this node has begun. */
  release(node: string, now: Date): Promise<void>;
  /** Leaves to all whatever anybody has begun: for a house that is alone. */
  releaseAll(now: Date): Promise<void>;
  progress(task: ClaimedTask, done: number, total: number | undefined, now: Date): Promise<void>;
  /**
   * Writes the end down, and what follows from it for tasks that wait for this one. Instances of its batch that were
   * refused fail tasks of their own.
   * @returns the status of the task then, undefined if it is another's by now
   */
  end(task: ClaimedTask, ending: TaskEnding, now: Date): Promise<'SUCCESS' | 'INITIAL' | 'FAILED' | undefined>;
  /** The filter was asked about all instances: those that it selected are sent. */
  endFilter(task: ClaimedTask, plan: SendingPlan, now: Date): Promise<boolean>;
  /** Sends again what the receiver does not have, and asks again then. */
  sendAgain(task: ClaimedTask, missing: readonly InstanceKey[], again: SendingAgain, now: Date): Promise<boolean>;
  /** @returns when so much of what is limited may begin */
  reserve(publisher: string, seconds: number, now: Date): Promise<Date>;
}

const lockSpace = 7_305_192;

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

const isDue = `status = 'INITIAL' and waits_for = 0 and due_at <= $1 and (leased_until is null or leased_until < $1)`;

export function createTaskStore(pool: pg.Pool): TaskStore {
  const transaction = <T>(work: (client: pg.ClientBase) => Promise<T>) => persistently(() => inTransaction(pool, work));

  return {
    async publishersWithDueTasks(now) {
      // One look into the index for each publisher, however long their queues are.
      const { rows } = await persistently(() =>
        pool.query<{ publisher: string }>(
          `with recursive names as (
             (select publisher from publishing_tasks where status = 'INITIAL' and waits_for = 0 order by publisher limit 1)
             union all
             select (
               select publisher from publishing_tasks
               where status = 'INITIAL' and waits_for = 0 and publisher > names.publisher order by publisher limit 1)
             from names where names.publisher is not null
           )
           select publisher from names where publisher is not null
             and exists (select from publishing_tasks where publishing_tasks.publisher = names.publisher and ${isDue})`,
          [now],
        ),
      );
      return rows.map(({ publisher }) => publisher);
    },
    claim: (node, claiming, now, leaseMs) =>
      transaction(async (client) => (await claimDue(client, node, claiming, now, leaseMs)).map(taskOf)),
    async renew(tasks, now, leaseMs) {
      const { rows } = await persistently(() =>
        pool.query<{ task_id: string }>(
          `update publishing_tasks set leased_until = $1::timestamptz + $2::float8 * interval '1 millisecond'
           from unnest($3::bigint[], $4::int[]) as mine (id, claim)
           where task_id = mine.id and claims = mine.claim and status = 'INITIAL' returning task_id`,
          [now, leaseMs, tasks.map(({ id }) => id), tasks.map(({ claim }) => claim)],
        ),
      );
      const kept = new Set(rows.map(({ task_id }) => task_id));
      return new Set(tasks.map(({ id }) => id).filter((id) => !kept.has(id)));
    },
    async release(node, now) {
      await persistently(() =>
        pool.query(
          `update publishing_tasks set leased_by = null, leased_until = null, updated_at = $2
           where leased_by = $1 and leased_until is not null`,
          [node, now],
        ),
      );
    },
    async releaseAll(now) {
      await persistently(() =>
        pool.query(
          `update publishing_tasks set leased_by = null, leased_until = null, takeovers = takeovers + 1, updated_at = $1
           where leased_until is not null`,
          [now],
        ),
      );
    },
    async progress(task, done, total, now) {
      await persistently(() =>
        pool.query(
          `update publishing_tasks set done = $3, total = coalesce($4, total), updated_at = $5 where task_id = $1 and claims = $2`,
          [task.id, task.claim, done, total ?? null, now],
        ),
      );
    },
    end: (task, ending, now) =>
      transaction(async (client) => {
        if (!(await isMine(client, task))) return undefined;
        const actual = task.batch === undefined ? ending : await splitOffRefused(client, task, ending, now);
        await writeEnd(client, task, actual, now);
        if (task.batch !== undefined && actual.status !== 'INITIAL')
          await dropPrepared(client, task.graphId, task.batch);
        await refreshGraph(client, task.graphId, now);
        return actual.status;
      }),
    endFilter: (task, plan, now) =>
      transaction(async (client) => {
        if (!(await isMine(client, task))) return false;
        await addSendingTasks(client, task.graphId, task.wave, plan, now);
        const { rows } = await client.query<{ selected: number; all_of_them: number }>(
          `select count(*) filter (where state = 'selected')::int as selected, count(*)::int as all_of_them
           from publishing_instances where graph_id = $1 and wave = $2 and state in ('selected', 'excluded')`,
          [task.graphId, task.wave],
        );
        const { selected = 0, all_of_them: all = 0 } = rows[0] ?? {};
        await writeEnd(client, task, { status: 'SUCCESS', note: `${selected} of ${all} selected` }, now);
        await refreshGraph(client, task.graphId, now);
        return true;
      }),
    sendAgain: (task, missing, { failure, dueAt }, now) =>
      transaction(async (client) => {
        if (!(await isMine(client, task))) return false;
        await client.query(
          `update publishing_instances one set state = 'selected' from ${unnestedKeys(3)}
           where one.graph_id = $1 and one.batch = $2 and ${isKey('one')} and one.state = 'accepted'`,
          [task.graphId, task.batch, ...keyColumns(missing)],
        );
        await client.query(
          `update publishing_tasks set status = 'INITIAL', finished_at = null, due_at = $3, done = 0, attempts = 0, updated_at = $4,
             waits_for = (select count(*) from publishing_tasks dep
               where dep.task_id = any (publishing_tasks.deps) and (dep.status <> 'SUCCESS' or dep.batch = $2))
           where graph_id = $1 and batch = $2 and type in ('compress', 'anonymise', 'upload')`,
          [task.graphId, task.batch, dueAt, now],
        );
        await client.query(
          `update publishing_tasks set attempts = attempts + 1, failure = $2, leased_by = null, leased_until = null,
             due_at = $3, waits_for = cardinality(deps), updated_at = $4
           where task_id = $1`,
          [task.id, failure, dueAt, now],
        );
        await refreshGraph(client, task.graphId, now);
        return true;
      }),
    async reserve(publisher, seconds, now) {
      const { rows } = await persistently(() =>
        pool.query<{ begin: Date }>(
          `insert into publishing_rates as rate (publisher, kind, free_at)
           values ($1, 'bytes', $2::timestamptz + $3::float8 * interval '1 second')
           on conflict (publisher, kind) do update set free_at = greatest(rate.free_at, $2) + $3 * interval '1 second'
           returning free_at - $3 * interval '1 second' as begin`,
          [publisher, now, seconds],
        ),
      );
      return rows[0]!.begin;
    },
  };
}

async function claimDue(
  client: pg.ClientBase,
  node: string,
  { publisher, types, mostRunning, most, mostConfirming = mostRunning, instancesPerSecond, mostPrepared }: Claiming,
  now: Date,
  leaseMs: number,
): Promise<ClaimedRow[]> {
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [lockSpace, publisher]);
  const { rows } = await client.query<{
    running: number;
    confirming: number;
    prepared: number;
    free_at: Date | null;
  }>(
    `select
       (select count(*)::int from publishing_tasks
        where publisher = $1 and leased_until >= $2 and status = 'INITIAL' and type = 'confirm') as confirming,
       (select count(*)::int from publishing_tasks
        where publisher = $1 and leased_until >= $2 and status = 'INITIAL' and type = any ($3)) as running,
       (select count(*)::int from (
          select from publishing_tasks
          where publisher = $1 and status = 'INITIAL' and waits_for = 0 and type = 'upload' and deps <> '{}' limit $4::int) ready
       ) as prepared,
       (select free_at from publishing_rates where publisher = $1 and kind = 'instances') as free_at`,
    [publisher, now, types, mostPrepared],
  );
  const { running = 0, confirming = 0, prepared = 0, free_at: freeAt = null } = rows[0] ?? {};
  const isLimited = instancesPerSecond !== undefined && types.includes('upload');
  const wanted = types.filter((type) => {
    if (type === 'upload') return !isLimited || freeAt === null || freeAt <= now;
    return !(type === 'compress' || type === 'anonymise') || prepared < mostPrepared;
  });
  const limit = Math.min(most, mostRunning - running, isLimited ? 1 : most);
  if (limit <= 0 || wanted.length === 0) return [];
  // What is to leave is not held up by those that ask again and again what has come back.
  const claimed: ClaimedRow[] = [];
  for (const ofKind of [wanted.filter((type) => type !== 'results'), wanted.filter((type) => type === 'results')]) {
    if (ofKind.length === 0 || claimed.length >= limit) continue;
    const { rows: more } = await client.query<ClaimedRow>(
      `with confirmations as (
       select task_id, due_at from publishing_tasks
       where publisher = $2 and ${isDue} and type = any ($3) and type = 'confirm'
       order by due_at, task_id limit $7 for update skip locked
     ), others as (
       select task_id, due_at from publishing_tasks
       where publisher = $2 and ${isDue} and type = any ($3) and type <> 'confirm'
       order by due_at, task_id limit $4 for update skip locked
     ), due as (
       select * from confirmations union all select * from others order by due_at, task_id limit $4
     )
     update publishing_tasks task set leased_by = $5, leased_until = $1::timestamptz + $6::float8 * interval '1 millisecond',
       claims = claims + 1, takeovers = takeovers + case when leased_until is null then 0 else 1 end, started_at = $1,
       finished_at = null, updated_at = $1
     from due, publishing_graphs graph
     where task.task_id = due.task_id and graph.graph_id = task.graph_id
     returning task.task_id, task.graph_id, task.publisher, type, wave, batch, claims, attempts, takeovers, total, done,
       coalesce(ready_at, task.created_at) as ready_at, unit, origin, reference_uid, study_instance_uid, series_instance_uid, expression`,
      [now, publisher, ofKind, limit - claimed.length, node, leaseMs, Math.max(0, mostConfirming - confirming)],
    );
    claimed.push(...more);
  }
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
  return claimed;
}

const unusedSeconds = 2;

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

/** Locks graph and task, in this order, as everyone does who ends a task. */
export async function isMine(client: pg.ClientBase, { id, graphId, claim }: ClaimedTask): Promise<boolean> {
  await client.query('select from publishing_graphs where graph_id = $1 for update', [graphId]);
  const { rowCount } = await client.query(
    `select from publishing_tasks where task_id = $1 and claims = $2 and status = 'INITIAL' and leased_until is not null for update`,
    [id, claim],
  );
  return rowCount === 1;
}

async function writeEnd(client: pg.ClientBase, task: ClaimedTask, ending: TaskEnding, now: Date): Promise<void> {
  const { id, graphId } = task;
  switch (ending.status) {
    case 'SUCCESS':
      await client.query(
        `update publishing_tasks set status = 'SUCCESS', failure = null, note = $2, done = total, leased_by = null,
           leased_until = null, finished_at = $3, updated_at = $3 where task_id = $1`,
        [id, ending.note ?? null, now],
      );
      await client.query(
        `update publishing_tasks set waits_for = waits_for - 1, updated_at = $3::timestamptz,
           ready_at = case when waits_for = 1 then $3::timestamptz end, due_at = greatest(due_at, $3::timestamptz)
         where graph_id = $1 and status = 'INITIAL' and waits_for > 0 and $2::bigint = any (deps)`,
        [graphId, id, now],
      );
      return;
    case 'INITIAL':
      await client.query(
        `update publishing_tasks set attempts = attempts + case when $2::text is null then 0 else 1 end,
           failure = $2, note = $3, due_at = $4, leased_by = null, leased_until = null, updated_at = $5
         where task_id = $1`,
        [id, ending.failure ?? null, ending.note ?? null, ending.dueAt, now],
      );
      return;
    case 'FAILED':
      await client.query(
        `update publishing_tasks set status = 'FAILED', attempts = attempts + 1, failure = $2, leased_by = null,
           leased_until = null, finished_at = $3, updated_at = $3 where task_id = $1`,
        [id, ending.failure, now],
      );
      await failDependents(client, graphId, id, task.type, now);
  }
}

/** What waits for a task that has failed for good will never be done. */
async function failDependents(
  client: pg.ClientBase,
  graphId: string,
  id: string,
  type: TaskType,
  now: Date,
): Promise<void> {
  await client.query(
    `with recursive hopeless as (
       select task_id from publishing_tasks where graph_id = $1 and $2::bigint = any (deps) and status = 'INITIAL'
       union
       select task.task_id from publishing_tasks task join hopeless on hopeless.task_id = any (task.deps)
       where task.graph_id = $1 and task.status = 'INITIAL'
     )
     update publishing_tasks set status = 'FAILED', failure = $3, finished_at = $4, updated_at = $4
     where task_id in (select task_id from hopeless)`,
    [graphId, id, `Not done, as the task ${type} ${id} has failed.`, now],
  );
}

/**
 * Gives instances that were refused tasks of their own, one for each reason, so that one of them fails nothing else. If
 * there are no others in the batch, the task itself has failed.
 */
async function splitOffRefused(
  client: pg.ClientBase,
  task: ClaimedTask,
  ending: TaskEnding,
  now: Date,
): Promise<TaskEnding> {
  if (ending.status === 'INITIAL') return ending;
  if (ending.status === 'FAILED') {
    await client.query(
      `update publishing_instances set state = 'refused', answer = coalesce(answer, $3)
       where graph_id = $1 and batch = $2 and state = 'selected'`,
      [task.graphId, task.batch, ending.failure],
    );
  }
  const { rows } = await client.query<{ answer: string; refused: number; others: boolean }>(
    `select coalesce(answer, 'It was refused.') as answer, count(*)::int as refused,
       exists (select from publishing_instances where graph_id = $1 and batch = $2 and state not in ('refused', 'gone')) as others
     from publishing_instances where graph_id = $1 and batch = $2 and state = 'refused' group by 1 order by 2 desc, 1`,
    [task.graphId, task.batch],
  );
  const [first] = rows;
  if (first === undefined) return ending;
  if (!first.others) {
    const more = rows.length > 1 ? ` (and ${rows.length - 1} other reasons)` : '';
    return { status: 'FAILED', failure: `${first.answer}${more}` };
  }
  for (const { answer, refused } of rows) await splitOff(client, task, answer, refused, now);
  return ending.status === 'FAILED' ? { status: 'SUCCESS' } : ending;
}

async function splitOff(
  client: pg.ClientBase,
  task: ClaimedTask,
  answer: string,
  refused: number,
  now: Date,
): Promise<void> {
  const { rows } = await client.query<{ batches: number }>(
    'update publishing_graphs set batches = batches + 1 where graph_id = $1 returning batches',
    [task.graphId],
  );
  const batch = rows[0]!.batches;
  await client.query(
    `update publishing_instances set batch = $3
     where graph_id = $1 and batch = $2 and state = 'refused' and coalesce(answer, 'It was refused.') = $4`,
    [task.graphId, task.batch, batch, answer],
  );
  await dropPrepared(client, task.graphId, batch);
  await client.query('update publishing_tasks set total = total - $2 where graph_id = $1 and batch = $3', [
    task.graphId,
    refused,
    task.batch,
  ]);
  // The whole chain of the batch again, each task waiting for the copy of what its original waits for.
  const chain = await client.query<{ task_id: string; deps: string[]; type: TaskType; status: string; new_id: string }>(
    `select task_id, deps, type, status, nextval(pg_get_serial_sequence('publishing_tasks', 'task_id')) as new_id
     from publishing_tasks where graph_id = $1 and batch = $2 order by task_id`,
    [task.graphId, task.batch],
  );
  const newIds = new Map(chain.rows.map(({ task_id, new_id }) => [task_id, new_id]));
  const own = newIds.get(task.id);
  for (const { task_id: id, deps, new_id: newId, status } of chain.rows) {
    const isDone = status === 'SUCCESS';
    const isOwn = id === task.id;
    const failure = isOwn ? answer : `Not done, as the task ${task.type} ${own} has failed.`;
    await client.query(
      `insert into publishing_tasks (task_id, graph_id, publisher, type, wave, batch, deps, waits_for, status, failure, attempts,
         due_at, ready_at, started_at, finished_at, done, total, created_at, updated_at)
       select $2, graph_id, publisher, type, wave, $3, $4::bigint[], $5, $6, $7, attempts + $8, due_at, ready_at, started_at, $9, $10, $11, $9, $9
       from publishing_tasks where task_id = $1`,
      [
        id,
        newId,
        batch,
        `{${deps.flatMap((dep) => newIds.get(dep) ?? []).join(',')}}`,
        isDone || isOwn ? 0 : 1,
        isDone ? 'SUCCESS' : 'FAILED',
        isDone ? null : failure,
        isOwn ? 1 : 0,
        now,
        isDone ? refused : 0,
        refused,
      ],
    );
  }
}
