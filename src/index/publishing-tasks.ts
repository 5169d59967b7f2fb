import type pg from 'pg';
import type { InstanceKey } from './instance-key.ts';
import { persistently } from './postgres-errors.ts';
import { type ClaimedTask, type Claiming, claimDue, isMine, publishersWithDueTasks } from './publishing-claims.ts';
import {
  endFilterTask,
  endTask,
  prepareBatchAgain,
  type SendingAgain,
  sendBatchAgain,
  type TaskEnding,
} from './publishing-ends.ts';
import type { SendingPlan } from './publishing-graphs.ts';
import { inTransaction } from './transaction.ts';

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
  /** What was made of its batch to be sent is made anew; the task waits for it, and has not failed. */
  prepareAgain(task: ClaimedTask, now: Date): Promise<boolean>;
  /** @returns when so much of what is limited may begin */
  reserve(publisher: string, seconds: number, now: Date): Promise<Date>;
}

export function createTaskStore(pool: pg.Pool): TaskStore {
  const transaction = <T>(work: (client: pg.ClientBase) => Promise<T>) => persistently(() => inTransaction(pool, work));
  const asOwner = (task: ClaimedTask, write: (client: pg.ClientBase) => Promise<void>): Promise<boolean> =>
    transaction(async (client) => {
      if (!(await isMine(client, task))) return false;
      await write(client);
      return true;
    });

  return {
    publishersWithDueTasks: (now) => persistently(() => publishersWithDueTasks(pool, now)),
    claim: (node, claiming, now, leaseMs) => transaction((client) => claimDue(client, node, claiming, now, leaseMs)),
    async renew(tasks, now, leaseMs) {
      const { rows } = await persistently(() =>
        pool.query<{ task_id: string }>(
          `update publishing_tasks set leased_until = $1::timestamptz + $2::float8 * interval '1 millisecond'
           from unnest($3::bigint[], $4::int[]) as mine (id, claim)
           where task_id = mine.id and claims = mine.claim and status = 'INITIAL' and leased_until is not null returning task_id`,
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
      transaction(async (client) => ((await isMine(client, task)) ? endTask(client, task, ending, now) : undefined)),
    endFilter: (task, plan, now) => asOwner(task, (client) => endFilterTask(client, task, plan, now)),
    sendAgain: (task, missing, again, now) =>
      asOwner(task, (client) => sendBatchAgain(client, task, missing, again, now)),
    prepareAgain: (task, now) => asOwner(task, (client) => prepareBatchAgain(client, task, now)),
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
