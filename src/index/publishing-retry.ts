import type pg from 'pg';
import { persistently } from './postgres-errors.ts';
import { refreshGraph, type TaskType } from './publishing-graphs.ts';
import { inTransaction } from './transaction.ts';

/** What there is to be done again of a graph or a task. */
export type RetryResult = 'begun' | 'unknown' | 'nothing to do';

export interface RetryStore {
  /** Does again what has failed, and now what waits for its time. */
  retryGraph(graphId: string, now: Date): Promise<RetryResult>;
  /** The task, what it waits for as far as that has failed, and what has failed because of it. */
  retryTask(taskId: string, now: Date): Promise<RetryResult>;
}

export function createRetryStore(pool: pg.Pool): RetryStore {
  async function retry(graphId: string, taskId: string | undefined, now: Date): Promise<RetryResult> {
    return inTransaction(pool, async (client) => {
      const graph = await client.query('select from publishing_graphs where graph_id = $1 for update', [graphId]);
      if (graph.rowCount === 0) return 'unknown';
      const waiting = await client.query<{ type: TaskType }>(
        `update publishing_tasks set due_at = $3, updated_at = $3
         where graph_id = $1 and ($2::bigint is null or task_id = $2) and status = 'INITIAL' and leased_until is null
           and due_at > $3 and waits_for = 0
         returning type`,
        [graphId, taskId ?? null, now],
      );
      // What is about all batches has failed because of them only if all have; done or not, it is done again for what comes now.
      const again = await client.query<{ task_id: string; batch: number | null; type: TaskType }>(
        `with recursive above as (
           select task_id, deps, batch from publishing_tasks
           where graph_id = $1 and status = 'FAILED' and ($2::bigint is null or task_id = $2)
           union
           select task.task_id, task.deps, task.batch
           from publishing_tasks task join above on task.task_id = any (above.deps)
           where task.graph_id = $1 and task.status = 'FAILED' and (above.batch is not null or not exists (
             select from publishing_tasks other where other.task_id = any (above.deps) and other.status <> 'FAILED'))
         ), below as (
           select task_id from above
           union
           select task.task_id from publishing_tasks task join below on below.task_id = any (task.deps)
           where task.graph_id = $1 and (task.status = 'FAILED' or task.batch is null and task.status = 'SUCCESS')
         )
         update publishing_tasks set status = 'INITIAL', failure = null, note = null, attempts = 0, takeovers = 0, done = 0,
           finished_at = null, due_at = $3, updated_at = $3
         where task_id in (select task_id from below)
         returning task_id, batch, type`,
        [graphId, taskId ?? null, now],
      );
      // What was not kept may be by now: it is asked for like what is new.
      if ([...waiting.rows, ...again.rows].some(({ type }) => type === 'results')) {
        await client.query(`delete from publishing_results where graph_id = $1 and status in ('refused', 'missing')`, [
          graphId,
        ]);
      }
      if (again.rowCount === 0) return (waiting.rowCount ?? 0) > 0 ? 'begun' : 'nothing to do';
      const batches = [...new Set(again.rows.flatMap(({ batch }) => batch ?? []))];
      await client.query(
        `update publishing_instances set state = 'selected', answer = null
         where graph_id = $1 and batch = any ($2) and state = 'refused'`,
        [graphId, batches],
      );
      // What was made to be sent is deleted when a batch has ended: it is made again.
      const made = await client.query<{ task_id: string }>(
        `update publishing_tasks task set status = 'INITIAL', done = 0, finished_at = null, due_at = $3, updated_at = $3
         where graph_id = $1 and batch = any ($2) and type in ('compress', 'anonymise') and status = 'SUCCESS'
           and exists (
             select from publishing_tasks upload where upload.graph_id = $1 and upload.batch = task.batch
               and upload.type = 'upload' and upload.status = 'INITIAL')
         returning task_id`,
        [graphId, batches, now],
      );
      // Whoever has begun what waits again has begun it too early: its end is not heard.
      await client.query(
        `update publishing_tasks task set waits_for = waiting, ready_at = case when waiting = 0 then $2::timestamptz end,
           leased_by = null, leased_until = null
         from (
           select task_id, (
             select count(*)::int from publishing_tasks dep
             where dep.task_id = any (one.deps) and dep.status = 'INITIAL') as waiting
           from publishing_tasks one where graph_id = $1 and status = 'INITIAL') counted
         where task.task_id = counted.task_id and (waits_for <> waiting or task.task_id = any ($3::bigint[]))`,
        [graphId, now, [...again.rows, ...made.rows].map(({ task_id }) => task_id)],
      );
      await refreshGraph(client, graphId, now);
      return 'begun';
    });
  }

  return {
    retryGraph: (graphId, now) => persistently(() => retry(graphId, undefined, now)),
    async retryTask(taskId, now) {
      const { rows } = await persistently(() =>
        pool.query<{ graph_id: string }>('select graph_id from publishing_tasks where task_id = $1', [taskId]),
      );
      return rows[0] === undefined ? 'unknown' : persistently(() => retry(rows[0]!.graph_id, taskId, now));
    },
  };
}
