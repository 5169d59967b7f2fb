import type pg from 'pg';
import { type InstanceKey, isKey, keyColumns, unnestedKeys } from './instance-key.ts';
import type { ClaimedTask } from './publishing-claims.ts';
import { addSendingTasks, dropPrepared, refreshGraph, type SendingPlan, type TaskType } from './publishing-graphs.ts';

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

/**
 * Writes down how a task has ended, and what follows from it for those that wait for it. Graph and task are locked.
 * @returns how it has ended in truth
 */
export async function endTask(
  client: pg.ClientBase,
  task: ClaimedTask,
  ending: TaskEnding,
  now: Date,
): Promise<TaskEnding['status']> {
  const actual = task.batch === undefined ? ending : await splitOffRefused(client, task, ending, now);
  await writeEnd(client, task, actual, now);
  if (task.batch !== undefined && actual.status !== 'INITIAL') await dropPrepared(client, task.graphId, task.batch);
  await refreshGraph(client, task.graphId, now);
  return actual.status;
}

/** The filter was asked about all instances of the wave: those that it selected are sent. Graph and task are locked. */
export async function endFilterTask(
  client: pg.ClientBase,
  task: ClaimedTask,
  plan: SendingPlan,
  now: Date,
): Promise<void> {
  const { rows } = await client.query<{ selected: number; all_of_them: number }>(
    `select count(*) filter (where state = 'selected')::int as selected, count(*)::int as all_of_them
     from publishing_instances where graph_id = $1 and wave = $2 and state in ('selected', 'excluded')`,
    [task.graphId, task.wave],
  );
  const { selected = 0, all_of_them: all = 0 } = rows[0] ?? {};
  await writeEnd(client, task, { status: 'SUCCESS', note: `${selected} of ${all} selected` }, now);
  await addSendingTasks(client, { graphId: task.graphId, wave: task.wave, filterId: task.id }, plan, now);
  await refreshGraph(client, task.graphId, now);
}

/** Sends again what the receiver does not have, and asks again then. Graph and task are locked. */
export async function sendBatchAgain(
  client: pg.ClientBase,
  task: ClaimedTask,
  missing: readonly InstanceKey[],
  { failure, dueAt }: SendingAgain,
  now: Date,
): Promise<void> {
  await client.query(
    `update publishing_instances one set state = 'selected' from ${unnestedKeys(3)}
     where one.graph_id = $1 and one.batch = $2 and ${isKey('one')} and one.state = 'accepted'`,
    [task.graphId, task.batch, ...keyColumns(missing)],
  );
  await beginAgain(client, task, ['compress', 'anonymise', 'upload'], { failure, dueAt }, now);
}

/** What was made of a batch to be sent is made anew, and waited for. Graph and task are locked. */
export async function prepareBatchAgain(client: pg.ClientBase, task: ClaimedTask, now: Date): Promise<void> {
  await dropPrepared(client, task.graphId, task.batch, true);
  await beginAgain(client, task, ['compress', 'anonymise'], { failure: undefined, dueAt: now }, now);
}

/** A task and those of its batch that are of these types; it has failed if there is a reason. */
async function beginAgain(
  client: pg.ClientBase,
  task: ClaimedTask,
  types: readonly TaskType[],
  { failure, dueAt }: { readonly failure: string | undefined; readonly dueAt: Date },
  now: Date,
): Promise<void> {
  // The statement sees them as they were before it: what it begins again counts as well.
  await client.query(
    `update publishing_tasks task set status = 'INITIAL', done = 0, finished_at = null, due_at = $3, updated_at = $4,
       attempts = case when task_id <> $5 then 0 when $6::text is null then attempts else attempts + 1 end,
       failure = case when task_id = $5 then $6 end, leased_by = null, leased_until = null,
       waits_for = (
         select count(*) from publishing_tasks dep
         where dep.task_id = any (task.deps) and (dep.status = 'INITIAL' or dep.batch = $2))
     where graph_id = $1 and batch = $2 and (type = any ($7) or task_id = $5)`,
    [task.graphId, task.batch, dueAt, now, task.id, failure ?? null, types],
  );
  await refreshGraph(client, task.graphId, now);
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
      await countDown(client, graphId, [id], now);
      return;
    case 'INITIAL':
      await client.query(
        // Attempts are those that failed one after the other: a good one between them begins anew.
        `update publishing_tasks set attempts = case when $2::text is null then 0 else attempts + 1 end,
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

/** Those that wait for tasks that have ended, well or not, wait for so many fewer. */
async function countDown(client: pg.ClientBase, graphId: string, ended: readonly string[], now: Date): Promise<void> {
  await client.query(
    `update publishing_tasks task set waits_for = waits_for - fewer, updated_at = $3::timestamptz,
       ready_at = case when waits_for = fewer then $3::timestamptz end, due_at = greatest(due_at, $3::timestamptz)
     from (
       select task_id, (select count(*)::int from unnest(deps) as dep where dep = any ($2::bigint[])) as fewer
       from publishing_tasks where graph_id = $1 and status = 'INITIAL' and deps && $2::bigint[]) waiting
     where task.task_id = waiting.task_id`,
    [graphId, ended, now],
  );
}

/**
 * What of a batch waits for a task of it that has failed for good will never be done. What is about all batches is done
 * for those that have arrived, and fails if none has.
 */
async function failDependents(
  client: pg.ClientBase,
  graphId: string,
  id: string,
  type: TaskType,
  now: Date,
): Promise<void> {
  for (let ended: readonly string[] = [id]; ended.length > 0; ) {
    const { rows } = await client.query<{ task_id: string }>(
      `update publishing_tasks task set status = 'FAILED', leased_by = null, leased_until = null,
         finished_at = $4, updated_at = $4,
         failure = case when cardinality(deps) > 1 then 'Not done, as all that it waits for has failed.' else $3 end
       where graph_id = $1 and status = 'INITIAL' and deps && $2::bigint[] and (batch is not null or not exists (
         select from publishing_tasks dep where dep.task_id = any (task.deps) and dep.status <> 'FAILED'))
       returning task_id`,
      [graphId, ended, `Not done, as the task ${type} ${id} has failed.`, now],
    );
    await countDown(client, graphId, ended, now);
    ended = rows.map(({ task_id }) => task_id);
  }
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
       select $2, graph_id, publisher, type, wave, $3, $4::bigint[], $5, $6, $7, attempts + $8, due_at, ready_at, started_at,
         case when status = 'SUCCESS' then finished_at else $9::timestamptz end, $10, $11, $9, $9
       from publishing_tasks where task_id = $1`,
      [
        id,
        newId,
        batch,
        `{${deps.map((dep) => newIds.get(dep) ?? dep).join(',')}}`,
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
  // What is about all batches is about the new one as well; it has ended already.
  await client.query(
    `update publishing_tasks set deps = deps || (
       select array_agg(copy order by copy) from unnest($2::bigint[], $3::bigint[]) as copied (original, copy)
       where original = any (deps))
     where graph_id = $1 and batch is null and deps && $2::bigint[]`,
    [task.graphId, [...newIds.keys()], [...newIds.values()]],
  );
}
