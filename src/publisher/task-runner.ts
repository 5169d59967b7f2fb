import type { ClaimedTask, Claiming } from '../index/publishing-claims.ts';
import type { TaskEnding } from '../index/publishing-ends.ts';
import type { TaskType } from '../index/publishing-graphs.ts';
import type { TaskStore } from '../index/publishing-tasks.ts';
import type { Clock } from '../kernel/clock.ts';
import { asCausewayError, CausewayError, type ErrorCode } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';
import { backOffMs } from './back-off.ts';
import type { Configuration, CurrentConfiguration, Publisher } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { endingWith } from './ending-with.ts';
import { createReachability, type Reached } from './reachability.ts';
import { remotePlaces } from './remote-places.ts';
import { resultsDeadline } from './results-deadline.ts';
import type { RunTask, TaskEnd } from './run-task.ts';
import { opensAt } from './schedule.ts';
import { uploadOf } from './sending-plan.ts';
import { createThrottle } from './throttle.ts';
import { isOutage, isPassing, restMs } from './trouble.ts';
import { wayOf } from './way-of.ts';

export interface TaskRunnerParts {
  readonly tasks: TaskStore;
  readonly configuration: CurrentConfiguration;
  readonly destinations: DestinationsInUse;
  readonly run: Readonly<Record<TaskType, RunTask>>;
  /** Of this process, unlike that of any other. */
  readonly node: string;
  /** No other process works on this database: what another has begun, it has left. */
  readonly isAlone: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each task that has ended, for the time being or for good. */
  readonly onEnd: (task: ClaimedTask, status: 'SUCCESS' | 'INITIAL' | 'FAILED') => void;
  readonly log: Log;
  readonly limits?: Partial<RunnerLimits>;
}

export interface RunnerLimits {
  /** How long a task that is not renewed belongs to its node. Clocks of nodes must not differ by as much. */
  readonly leaseMs: number;
  /** Without a sign of life for so long, what is sent is given up. Longer than a receiver may take to answer. */
  readonly stallMs: number;
  /** Between two looks for work. */
  readonly pollMs: number;
  /** The same while there are no publishers: a change of the configuration wakes it. */
  readonly idlePollMs: number;
}

const defaultLimits: RunnerLimits = { leaseMs: 30_000, stallMs: 420_000, pollMs: 1_000, idlePollMs: 15_000 };

/** Runs what is due, publisher by publisher: each has its own places, so that none waits for another. */
export interface TaskRunner extends WakingLoop {
  /** Runs what is due until nothing is. */
  settle(): Promise<void>;
  /** Somebody believes that the destination of a publisher can be reached: it is tried without waiting, once if it cannot. */
  tryNow(publisher: string): void;
}

const localTypes: readonly TaskType[] = ['filter', 'compress', 'anonymise', 'publish-back'];
const sendingTypes: readonly TaskType[] = ['upload', 'confirm'];
const askingTypes: readonly TaskType[] = ['results'];
const remoteTypes: readonly TaskType[] = [...sendingTypes, ...askingTypes];
/** Of each publisher on this node. */
const localPlaces = 2;
/** For what asks after results, however much is to be sent; besides, it has the places that nothing is sent from. */
const askingPlaces = 1;
/** Batches of a publisher whose files are made and wait. */
const mostPrepared = 8;
/** A task during which the process has ended so often is given up: it may be why. */
const mostTakeovers = 50;
/** Why a task is ended whose publisher is another by now. It is no failure: the task waits for its turn again. */
const withdrawn = new CausewayError('conflict', 'The configuration of the publisher has changed.');

interface Running {
  readonly task: ClaimedTask;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  /** Of its publisher when it was begun. */
  readonly way: string;
  aliveAt: number;
}

export function createTaskRunner(parts: TaskRunnerParts): TaskRunner {
  const { tasks, configuration: current, destinations, run, node, isAlone, clock, random, sleep, onEnd, log } = parts;
  const { leaseMs, stallMs, pollMs, idlePollMs } = { ...defaultLimits, ...parts.limits };
  const running = new Map<string, Running>();
  const reachability = createReachability({ clock, random, log });
  let closing = false;
  let isReleased = false;
  let isIdle = false;
  let heartbeat: NodeJS.Timeout | undefined;

  const loop = createWakingLoop({
    work: async () => void (await round()),
    pollMs: () => (isIdle ? idlePollMs : pollMs),
    log,
    trouble: 'publishing waits for the moment',
  });

  function runningOf(publisher: string, types: readonly TaskType[]): number {
    let count = 0;
    for (const { task } of running.values()) if (task.publisher === publisher && types.includes(task.type)) count += 1;
    return count;
  }

  /** @returns how many tasks were begun */
  async function round(): Promise<number> {
    if (closing) return 0;
    if (isAlone && !isReleased) await tasks.releaseAll(clock.now());
    isReleased = true;
    const due = await tasks.publishersWithDueTasks(clock.now());
    let { configuration } = await current.read();
    const isUnknown = (name: string) => !configuration.publishers.some((one) => one.name === name);
    // Another node may have planned for a publisher of which this one has not heard.
    if (due.some(isUnknown)) ({ configuration } = await current.latest());
    withdraw(configuration);
    let begun = 0;
    for (const name of due) {
      const publisher = configuration.publishers.find((one) => one.name === name);
      if (publisher === undefined) begun += await giveUp(name);
      else if (publisher.enabled) begun += await begin(publisher, configuration);
    }
    isIdle = begun === 0 && configuration.publishers.every(({ enabled }) => !enabled);
    return begun;
  }

  /** What may no longer go there, or no longer as it is, goes on no further. */
  function withdraw(configuration: Configuration): void {
    for (const { task, controller, way } of running.values()) {
      const publisher = configuration.publishers.find(({ name }) => name === task.publisher);
      if (publisher?.enabled && wayOf(publisher, configuration) === way) continue;
      controller.abort(withdrawn);
    }
  }

  async function begin(publisher: Publisher, configuration: Configuration): Promise<number> {
    const local = await claim(publisher, {
      types: localTypes,
      most: localPlaces - runningOf(publisher.name, localTypes),
      mostRunning: Number.MAX_SAFE_INTEGER,
    });
    const now = clock.now();
    const isOpen = opensAt(uploadOf(publisher, configuration).schedule, now) <= now;
    const places = remotePlaces(publisher, configuration);
    const free = reachability.places(publisher.name) - runningOf(publisher.name, remoteTypes);
    const atWork = runningOf(publisher.name, sendingTypes);
    const sending = await claim(publisher, {
      types: sendingTypes.filter((type) => isOpen || type !== 'upload'),
      most: Math.min(places - atWork, free),
      mostRunning: places,
      // What is to leave does not wait until a receiver has looked for what it got before.
      mostConfirming: Math.max(1, places - 1),
    });
    const unused = places - atWork - sending.length;
    const asking = await claim(publisher, {
      types: askingTypes,
      most: Math.min(Math.max(askingPlaces, unused) - runningOf(publisher.name, askingTypes), free - sending.length),
      mostRunning: places,
    });
    const claimed = [...local, ...sending, ...asking];
    for (const task of claimed) start(task, publisher, configuration);
    return claimed.length;
  }

  async function claim(
    { name, maxInstancesPerSecond }: Publisher,
    { types, ...bounds }: Pick<Claiming, 'types' | 'most' | 'mostRunning' | 'mostConfirming'>,
  ): Promise<readonly ClaimedTask[]> {
    if (bounds.most <= 0 || types.length === 0) return [];
    const claiming = {
      publisher: name,
      types,
      ...bounds,
      mostPrepared,
      instancesPerSecond: maxInstancesPerSecond,
    };
    return tasks.claim(node, claiming, clock.now(), leaseMs);
  }

  /** Of a publisher that is no longer configured. */
  async function giveUp(name: string): Promise<number> {
    const types = [...localTypes, ...remoteTypes];
    const claiming = {
      publisher: name,
      types,
      most: 20,
      mostRunning: Number.MAX_SAFE_INTEGER,
      mostPrepared: 1_000_000,
    };
    const claimed = await tasks.claim(node, claiming, clock.now(), leaseMs);
    for (const task of claimed) {
      await write(task, { status: 'FAILED', failure: `There is no publisher ${name} in the configuration.` });
    }
    return claimed.length;
  }

  function start(task: ClaimedTask, publisher: Publisher, configuration: Configuration): void {
    const controller = new AbortController();
    running.get(task.id)?.controller.abort(new CausewayError('conflict', 'The task was begun again.'));
    const begunAt = clock.now().getTime();
    const ended = perform(task, publisher, configuration, controller.signal)
      .then((end) => settleEnd(task, end, publisher, controller.signal))
      .then((reached) => {
        if (remoteTypes.includes(task.type) && reached !== undefined) reachability.learn(publisher, reached, begunAt);
      })
      .catch((thrown: unknown) => {
        // The lease ends, and somebody does it again.
        log.warn('the end of a task could not be written down', { task: task.id, error: String(thrown) });
      })
      .finally(() => {
        if (running.get(task.id)?.controller === controller) running.delete(task.id);
        loop.wake();
      });
    const way = wayOf(publisher, configuration);
    running.set(task.id, { task, controller, ended, way, aliveAt: performance.now() });
    heartbeat ??= setInterval(() => void beat(), Math.min(leaseMs, stallMs) / 3);
  }

  interface Ended {
    readonly end: TaskEnd;
    readonly isOutage: boolean;
    readonly code?: ErrorCode;
    readonly restMs?: number;
  }

  async function perform(
    task: ClaimedTask,
    publisher: Publisher,
    configuration: Configuration,
    signal: AbortSignal,
  ): Promise<Ended> {
    if (task.takeovers >= mostTakeovers) {
      const failure = `Causeway has ended ${task.takeovers} times while this was done, so that it is not tried again.`;
      return { end: { status: 'failed', failure, forGood: true }, isOutage: false };
    }
    const alive = () => {
      const mine = running.get(task.id);
      if (mine) mine.aliveAt = performance.now();
    };
    try {
      const end = await destinations.use(publisher, configuration, (destination) =>
        endingWith(
          signal,
          run[task.type]({
            task,
            publisher,
            configuration,
            destination,
            sending: {
              signal,
              log: log.child({ publisher: publisher.name, task: task.id }),
              throttle: throttleOf(publisher, configuration, signal, alive),
              alive,
            },
            progress: (done, total) => tasks.progress(task, done, total, clock.now()),
            alive,
          }),
        ),
      );
      return { end, isOutage: false };
    } catch (thrown) {
      const error = asCausewayError(signal.aborted ? signal.reason : thrown);
      if (error.code === 'internal')
        log.error('a task has failed', { task: task.id, type: task.type, error: causeOf(error) });
      const forGood = !isPassing(error);
      return {
        end: { status: 'failed', failure: error.message, forGood },
        isOutage: isOutage(error),
        code: error.code,
        restMs: restMs(error),
      };
    }
  }

  function throttleOf(publisher: Publisher, configuration: Configuration, signal: AbortSignal, alive: () => void) {
    const { maxBytesPerSecond } = uploadOf(publisher, configuration);
    if (maxBytesPerSecond === undefined) return async () => alive();
    const throttle = createThrottle({
      bytesPerSecond: maxBytesPerSecond,
      reserve: (seconds) => tasks.reserve(publisher.name, seconds, clock.now()),
      now: clock.now,
      sleep,
      signal,
    });
    return async (bytes: number) => {
      await throttle(bytes);
      alive();
    };
  }

  /** @returns how its destination could be reached, undefined if that was not found out */
  async function settleEnd(
    task: ClaimedTask,
    { end, isOutage: isOut, code, restMs = 0 }: Ended,
    publisher: Publisher,
    signal: AbortSignal,
  ): Promise<Reached | undefined> {
    const reached = { isOut: false, restMs: 0 };
    const { retries } = publisher;
    if (closing && end.status === 'failed') return undefined;
    if (signal.reason === withdrawn && end.status === 'failed') {
      await write(task, { status: 'INITIAL', dueAt: clock.now() });
      return undefined;
    }
    switch (end.status) {
      case 'written':
        onEnd(task, ({ success: 'SUCCESS', waiting: 'INITIAL', failed: 'INITIAL' } as const)[end.outcome]);
        return end.outcome === 'success' ? reached : undefined;
      case 'success':
        await write(task, { status: 'SUCCESS', note: end.note });
        return reached;
      case 'waiting':
        await write(task, { status: 'INITIAL', dueAt: end.dueAt, note: end.note });
        return end.isAnswered === false ? undefined : reached;
      case 'failed': {
        const failed = task.attempts + 1;
        // However often a receiver fails, results are asked for as long as they are waited for.
        const isWaited = clock.now().getTime() < (resultsDeadline(task, publisher) ?? 0);
        const isLast = end.forGood === true || (failed >= retries.attempts && !isWaited);
        // What a receiver says may name a patient: its words are with the task, and not here.
        log.warn('a task has failed', { task: task.id, type: task.type, attempts: failed, isLast, code });
        const dueAt = new Date(clock.now().getTime() + Math.max(backOffMs(failed, retries, random()), restMs));
        await write(
          task,
          isLast ? { status: 'FAILED', failure: end.failure } : { status: 'INITIAL', dueAt, failure: end.failure },
        );
        return isOut ? { isOut, restMs } : undefined;
      }
    }
  }

  async function write(task: ClaimedTask, ending: TaskEnding): Promise<void> {
    const status = await tasks.end(task, ending, clock.now());
    if (status !== undefined) onEnd(task, status);
  }

  /** Keeps what runs, and ends what was taken over by another node or hangs. */
  async function beat(): Promise<void> {
    const all = [...running.values()];
    for (const { controller, aliveAt } of all) {
      if (performance.now() - aliveAt > stallMs) {
        controller.abort(
          new CausewayError('timed-out', `Nothing has happened for ${Math.round(stallMs / 1000)} seconds.`, {
            details: { limit: 'stallMs' },
          }),
        );
      }
    }
    try {
      const lost = await tasks.renew(
        all.map(({ task }) => task),
        clock.now(),
        leaseMs,
      );
      for (const { task, controller } of all) {
        if (lost.has(task.id)) controller.abort(new CausewayError('conflict', 'Another node has taken the task over.'));
      }
    } catch (thrown) {
      log.warn('running tasks could not be renewed', { error: String(thrown) });
    }
  }

  return {
    start: loop.start,
    wake: loop.wake,
    tryNow(publisher) {
      reachability.tryNow(publisher);
      loop.wake();
    },
    async settle() {
      for (;;) {
        const begun = await round();
        if (begun === 0 && running.size === 0) return;
        await Promise.all(Array.from(running.values(), ({ ended }) => ended));
      }
    },
    async close() {
      closing = true;
      await loop.close();
      for (const { controller } of running.values()) {
        controller.abort(new CausewayError('aborted', 'Causeway is being stopped.'));
      }
      await Promise.all(Array.from(running.values(), ({ ended }) => ended));
      clearInterval(heartbeat);
      await tasks.release(node, clock.now());
    },
  };
}

function causeOf({ cause, message }: CausewayError): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : message;
}
