import { expect } from 'vitest';
import type { ClaimedTask } from '../../src/index/publishing-claims.ts';
import type { SendingPlan, TaskType } from '../../src/index/publishing-graphs.ts';
import {
  createPublishingInstances,
  type InstanceEnd,
  type PendingInstance,
} from '../../src/index/publishing-instances.ts';
import { createRetryStore } from '../../src/index/publishing-retry.ts';
import { createTaskStore } from '../../src/index/publishing-tasks.ts';
import type { PublishingBench } from './publishing-bench.ts';

const allTypes: readonly TaskType[] = [
  'filter',
  'compress',
  'anonymise',
  'upload',
  'confirm',
  'results',
  'publish-back',
];
const leaseMs = 1e9;

/** A graph whose tasks are begun, ended, split, killed and retried as `choose` says, and looked at after every step. */
export function createGraphWalk(
  bench: PublishingBench,
  publisher: string,
  plan: SendingPlan,
  choose: (below: number) => number,
) {
  const { pool } = bench.database;
  const tasks = createTaskStore(pool);
  const instances = createPublishingInstances(pool);
  const retries = createRetryStore(pool);
  let running: ClaimedTask[] = [];
  let taskIds: string[] = [];

  const now = () => {
    bench.advance(1);
    return bench.clock.now();
  };
  const some = <T>(all: readonly T[]) => all.filter(() => choose(2) === 0);

  async function begin(most = 1): Promise<number> {
    const claiming = { publisher, types: allTypes, most, mostRunning: 1000, mostPrepared: 1000 };
    const claimed = await tasks.claim('walker', claiming, now(), leaseMs);
    for (const { id, batch } of claimed) {
      const { rows } = await pool.query<{ status: string }>(
        `select dep.status from publishing_tasks task join publishing_tasks dep on dep.task_id = any (task.deps)
         where task.task_id = $1`,
        [id],
      );
      const statuses = rows.map(({ status }) => status);
      expect(statuses, `what ${id} waits for when it is begun`).not.toContain('INITIAL');
      if (batch !== undefined) expect(statuses).not.toContain('FAILED');
      else if (statuses.length > 0) expect(statuses).toContain('SUCCESS');
    }
    running.push(...claimed);
    return claimed.length;
  }

  function endOf(one: PendingInstance, status: 'accepted' | 'unsendable' | 'gone' | 'replaced'): InstanceEnd {
    const { studyKey, seriesKey, instanceKey, sourceSha256 } = one;
    const answer = status === 'unsendable' ? `No, for reason ${choose(2)}.` : status;
    const end = { studyKey, seriesKey, instanceKey, answer };
    if (status !== 'accepted') return { ...end, status, sourceSha256 };
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = one;
    const sent = { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid: '1.2', transferSyntaxUid: '1.2' };
    return { ...end, status, sourceSha256, sent: { ...sent, size: 1, sha256: '00' } };
  }

  async function filter(task: ClaimedTask, selects: boolean): Promise<void> {
    const unfiltered = await instances.unfiltered(task, 100);
    const selected = selects ? unfiltered : some(unfiltered);
    const excluded = unfiltered.filter((one) => !selected.includes(one));
    await instances.recordFiltered(task, { selected, excluded, gone: [] });
    await tasks.endFilter(task, plan, now());
  }

  async function succeed(task: ClaimedTask): Promise<void> {
    if (task.type === 'filter') return filter(task, true);
    if (task.type === 'upload') {
      const ends = (await instances.pending(task)).map((one) => endOf(one, 'accepted'));
      await instances.recordEnds(task, ends, now());
    }
    await tasks.end(task, { status: 'SUCCESS' }, now());
  }

  async function endSomehow(task: ClaimedTask): Promise<void> {
    const how = choose(10);
    if (how === 0) await tasks.end(task, { status: 'FAILED', failure: `${task.type} did not work.` }, now());
    else if (how === 1) await tasks.end(task, { status: 'INITIAL', dueAt: now(), failure: 'Not now.' }, now());
    else if (how === 2 && task.type === 'filter') await filter(task, false);
    else if (how <= 5 && task.batch !== undefined) {
      const pending = await instances.pending(task);
      const status = (['unsendable', 'unsendable', 'gone', 'replaced'] as const)[choose(4)]!;
      const ends = (how === 2 ? pending : some(pending)).map((one) => endOf(one, status));
      await instances.recordEnds(task, ends, now());
      await succeed(task);
    } else if (how <= 7 && task.type === 'confirm') {
      const missing = some(await instances.accepted(task));
      await tasks.sendAgain(task, missing, { failure: 'They are not there.', dueAt: now() }, now());
    } else await succeed(task);
  }

  async function step(): Promise<void> {
    switch (choose(12)) {
      case 0:
        await retries.retryGraph((await bench.graphs(publisher))[0]!.id, now());
        return;
      case 1:
        if (taskIds.length > 0) await retries.retryTask(taskIds[choose(taskIds.length)]!, now());
        return;
      case 2:
        // The node dies: others take over, and what it still has to say is not heard.
        await pool.query(
          `update publishing_tasks set leased_until = $2 where publisher = $1 and leased_until is not null`,
          [publisher, bench.clock.now()],
        );
        return;
      case 3:
      case 4:
      case 5:
      case 6:
        await begin();
        return;
      default: {
        const [task] = running.splice(choose(Math.max(1, running.length)), 1);
        if (task !== undefined) await endSomehow(task);
      }
    }
  }

  /** What has to be true whatever has happened. */
  async function look(): Promise<void> {
    const { rows } = await pool.query<{ task_id: string; wrong: string }>(
      `with task as (
         select task.*, (select count(*) from publishing_tasks dep where dep.task_id = any (task.deps) and dep.status = 'INITIAL') as open,
           (select count(*) from publishing_tasks dep where dep.task_id = any (task.deps) and dep.status = 'FAILED') as failed_deps,
           (select count(*) from publishing_tasks dep where dep.task_id = any (task.deps)) as all_deps,
           (select max(finished_at) from publishing_tasks dep where dep.task_id = any (task.deps) and dep.status = 'SUCCESS') as last_success
         from publishing_tasks task where publisher = $1
       )
       select task_id, 'it waits for another number than is left' as wrong from task where status = 'INITIAL' and waits_for <> open
       union all
       select task_id, 'it waits for what has failed' from task
       where status = 'INITIAL' and failed_deps > 0 and (batch is not null or failed_deps = all_deps)
       union all
       select task_id, 'it has ended before what it waits for' from task where status <> 'INITIAL' and open > 0
       union all
       select task_id, 'it has not seen all that has arrived' from task where status = 'SUCCESS' and started_at < last_success
       union all
       select task_id, 'it depends on what is not of its graph' from task where all_deps <> cardinality(deps)
       union all
       select task_id, 'nobody asks after its results' from task
       where batch is not null and type = $2 and not exists (
         select from task results where results.type = 'results' and task.task_id = any (results.deps))
       union all
       select task_id, 'it was made by the filter and does not say so' from task
       where batch is not null and deps = '{}' and exists (
         select from task filter where filter.type = 'filter' and filter.wave = task.wave)`,
      [publisher, plan.ofBatch.at(-1)],
    );
    expect(rows).toEqual([]);
    taskIds = (await bench.tasks((await bench.graphs(publisher))[0]!.id)).map(({ id }) => id);
  }

  /** Everything succeeds from now on. */
  async function drain(): Promise<void> {
    for (let round = 0; round < 200; round++) {
      bench.advance(10);
      await begin(1000);
      if (running.length === 0) return;
      for (const task of running) await succeed(task);
      running = [];
      await look();
    }
    throw new Error('The graph has no end.');
  }

  return {
    async walk(steps: number): Promise<void> {
      await look();
      for (let n = 0; n < steps; n++) {
        await step();
        await look();
      }
      await drain();
      const [graph] = await bench.graphs(publisher);
      expect(graph!.tasks.INITIAL).toBe(0);
      expect(graph!.finishedAt).toBeDefined();
      expect(graph!.status).toBe(graph!.tasks.FAILED > 0 ? 'FAILED' : 'SUCCESS');
      if (graph!.status === 'SUCCESS') return;
      expect(graph!.failure).not.toContain('Not done');
      await retries.retryGraph(graph!.id, now());
      await look();
      await drain();
      expect(await bench.graphs(publisher)).toMatchObject([{ status: 'SUCCESS' }]);
      const { rows } = await pool.query<{ state: string }>(
        'select distinct state from publishing_instances where graph_id = $1',
        [graph!.id],
      );
      expect(['accepted', 'excluded', 'gone']).toEqual(expect.arrayContaining(rows.map(({ state }) => state)));
    },
  };
}
