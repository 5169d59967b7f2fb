import { setTimeout as delay } from 'node:timers/promises';
import type { Activity } from '../activity/activity.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Erase } from '../erase/erase.ts';
import type { DeliveryLedger } from '../index/deliveries.ts';
import type { Index } from '../index/instance-index.ts';
import type { ArrivalStore } from '../index/publishing-arrivals.ts';
import type { PublishingInstances } from '../index/publishing-instances.ts';
import type { PublishingLists } from '../index/publishing-lists.ts';
import type { ResultStore } from '../index/publishing-results.ts';
import type { RetryStore } from '../index/publishing-retry.ts';
import type { TaskStore } from '../index/publishing-tasks.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { CurrentConfiguration } from './configuration.ts';
import { createPublishing } from './create-publishing.ts';
import { createDestinationsInUse, type OpenDestination } from './destinations-in-use.ts';
import type { Filter } from './filter.ts';
import { createKeptByNumberWarning } from './kept-by-number.ts';
import type { PlaceOf } from './place-of.ts';
import { createPlanner } from './planner.ts';
import { createPublishBack, type PublishBack } from './publish-back.ts';
import type { Publishing } from './publishing.ts';
import { createPurge } from './purge.ts';
import { createQueueGauges } from './queue-gauges.ts';
import { createConfirmTask } from './run-confirm-task.ts';
import { createFilterTask } from './run-filter-task.ts';
import { createAnonymiseTask, createCompressTask } from './run-prepare-tasks.ts';
import type { RunTask } from './run-task.ts';
import { createUploadTask } from './run-upload-task.ts';
import { createTaskRunner, type RunnerLimits } from './task-runner.ts';
import type { Vault } from './vault.ts';

export interface EngineStores {
  readonly arrivals: ArrivalStore;
  readonly tasks: TaskStore;
  readonly instances: PublishingInstances;
  readonly lists: PublishingLists;
  readonly retries: RetryStore;
  readonly ledger: DeliveryLedger;
  readonly results: ResultStore;
}

/** Tasks that bring back what receivers have made. */
export interface ResultTasks {
  readonly results: RunTask;
  readonly publishBack: RunTask;
}

export interface EngineParts {
  readonly stores: EngineStores;
  readonly index: Pick<Index, 'instance' | 'known'>;
  readonly blobs: Pick<BlobStore, 'create' | 'read'>;
  readonly retrieve: Pick<Retrieve, 'file' | 'converted' | 'producible'>;
  readonly erase: Erase;
  readonly vault: Pick<Vault, 'deidentified'>;
  readonly configuration: CurrentConfiguration;
  readonly openDestination: OpenDestination;
  readonly placeOf: PlaceOf;
  readonly compileFilter: (expression: string) => Filter;
  readonly resultTasks: (publishBack: PublishBack) => ResultTasks;
  /** Of this process, unlike that of any other. */
  readonly node: string;
  /** No other process works on this database. */
  readonly isAlone: boolean;
  readonly clock: Clock;
  readonly activity: Pick<Activity, 'tell'>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly limits?: Partial<RunnerLimits>;
}

/** All that forwards, in the background, and what can be asked of it. */
export interface Engine {
  readonly publishing: Publishing;
  /** What somebody has to see to, in words. */
  warnings(): Promise<readonly string[]>;
  start(): void;
  /** The configuration has changed. */
  wake(): void;
  /** Ends what is under way; what is left is done after the next start, or by another node. */
  close(): Promise<void>;
}

const sleep = async (ms: number, signal: AbortSignal) => void (await delay(ms, undefined, { signal }));

export function createEngine(parts: EngineParts): Engine {
  const { stores, index, blobs, retrieve, vault, configuration, compileFilter, clock, activity, metrics, log } = parts;
  const { arrivals, tasks, instances } = stores;
  const destinations = createDestinationsInUse(parts.openDestination, log);
  const wake = () => {
    planner.wake();
    runner.wake();
  };
  const resultTasks = parts.resultTasks(
    createPublishBack({ results: stores.results, configuration, destinations, clock, wake }),
  );
  const preparing = { instances, tasks, index, blobs, retrieve, vault, clock };
  const runner = createTaskRunner({
    tasks,
    configuration,
    destinations,
    run: {
      filter: createFilterTask({ instances, tasks, compileFilter, clock }),
      compress: createCompressTask(preparing),
      anonymise: createAnonymiseTask(preparing),
      upload: createUploadTask({
        instances,
        tasks,
        index,
        blobs,
        retrieve,
        placeOf: parts.placeOf,
        clock,
        sleep,
        onOutcome: (publisher, outcome) => metrics.deliveries.inc({ publisher, outcome }),
      }),
      confirm: createConfirmTask({ instances, tasks, clock, random: Math.random }),
      results: resultTasks.results,
      'publish-back': resultTasks.publishBack,
    },
    node: parts.node,
    isAlone: parts.isAlone,
    clock,
    random: Math.random,
    sleep,
    onEnd: ({ id, graphId }, status) => {
      activity.tell({ kind: 'task', graph: graphId, task: id, status });
    },
    log,
    ...(parts.limits && { limits: parts.limits }),
  });
  const planner = createPlanner({
    arrivals,
    configuration,
    destinations,
    clock,
    onGraph(graph) {
      if (graph !== undefined) activity.tell({ kind: 'graph', graph, status: 'INITIAL' });
      runner.wake();
    },
    log,
  });
  const purge = createPurge({
    ledger: stores.ledger,
    erase: parts.erase,
    placeOf: parts.placeOf,
    configuration,
    clock,
    log,
  });
  const keptByNumberWarning = createKeptByNumberWarning(configuration, log);
  let told: Promise<unknown> = Promise.resolve();
  const gauges = createQueueGauges({ lists: stores.lists, metrics, clock, log });
  const { lists, retries, ledger } = stores;

  return {
    publishing: createPublishing({
      lists,
      retries,
      arrivals,
      ledger,
      results: stores.results,
      index,
      configuration,
      destinations,
      compileFilter,
      clock,
      wake,
      tryNow: runner.tryNow,
    }),
    async warnings() {
      const found = await Promise.all([purge.warning(), keptByNumberWarning()]);
      return found.filter((warning) => warning !== undefined);
    },
    start() {
      planner.start();
      runner.start();
      purge.start();
      gauges.start();
      // Why the configuration cannot be read is said by those who go by it.
      told = keptByNumberWarning().catch(() => undefined);
    },
    wake,
    async close() {
      await Promise.all([planner.close(), runner.close(), purge.close(), gauges.close(), told]);
      await destinations.close();
    },
  };
}
