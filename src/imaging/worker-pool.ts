import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Answer, Job } from './job.ts';

/** What the pool needs of a worker thread; tests bring their own. */
export interface PoolWorker {
  postMessage(job: Job, transfer: ArrayBuffer[]): void;
  onAnswer(listener: (answer: Answer) => void): void;
  /** Called once, when the thread has ended for whatever reason. */
  onExit(listener: (reason: unknown) => void): void;
  terminate(): Promise<unknown>;
}

export interface WorkerPoolOptions {
  /** Threads at most; each starts when a job finds no idle one. */
  readonly workers: number;
  /** From the moment a worker takes the job. */
  readonly jobTimeoutMs: number;
  /** Jobs waiting for a worker at most. */
  readonly maxQueuedJobs: number;
  /** A worker that had nothing to do for so long ends and gives its memory back. */
  readonly idleTimeoutMs: number;
  readonly startWorker: () => PoolWorker;
  readonly log: Log;
}

export interface WorkerPool {
  /** @throws CausewayError `unavailable` if the queue is full or the pool closed, `timed-out`, and whatever the job failed with */
  run(job: Job, transfer: ArrayBuffer[]): Promise<Exclude<Answer, { kind: 'ready' | 'failed' }>>;
  close(): Promise<void>;
}

interface Task {
  readonly job: Job;
  readonly transfer: ArrayBuffer[];
  readonly resolve: (answer: Exclude<Answer, { kind: 'ready' | 'failed' }>) => void;
  readonly reject: (error: CausewayError) => void;
}

interface Seat {
  readonly worker: PoolWorker;
  ready: boolean;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Undefined for a picture that is no frame yet. */
function transferSyntaxOf(task: Task | undefined): string | undefined {
  return task !== undefined && 'frame' in task.job ? task.job.frame.transferSyntaxUid : undefined;
}

/** One job at a time for each worker, first come first served. A worker past its time is terminated; the next job starts a new one. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { log, jobTimeoutMs } = options;
  const seats = new Set<Seat>();
  const queue: Task[] = [];
  let closed = false;

  function assign(): void {
    for (const seat of seats) {
      if (queue.length === 0) return;
      if (seat.ready && seat.task === undefined) begin(seat, queue.shift() as Task);
    }
    const starting = [...seats].filter((seat) => !seat.ready).length;
    if (queue.length > starting && seats.size < options.workers) start();
  }

  function begin(seat: Seat, task: Task): void {
    clearTimeout(seat.timer);
    seat.task = task;
    seat.timer = setTimeout(() => expire(seat), jobTimeoutMs);
    try {
      seat.worker.postMessage(task.job, task.transfer);
    } catch (thrown) {
      finish(seat)?.reject(
        new CausewayError('internal', 'The frame could not be handed to a worker.', { cause: thrown }),
      );
    }
  }

  function finish(seat: Seat): Task | undefined {
    const { task } = seat;
    clearTimeout(seat.timer);
    seat.task = undefined;
    return task;
  }

  function rest(seat: Seat): void {
    assign();
    if (seat.task !== undefined || !seats.has(seat)) return;
    seat.timer = setTimeout(() => dismiss(seat), options.idleTimeoutMs);
    seat.timer.unref();
  }

  function dismiss(seat: Seat): void {
    clearTimeout(seat.timer);
    seats.delete(seat);
    seat.worker
      .terminate()
      .catch((thrown: unknown) => log.warn('An imaging worker did not end.', { reason: String(thrown) }));
  }

  function expire(seat: Seat): void {
    const task = finish(seat);
    dismiss(seat);
    log.warn('An imaging worker was stopped: its frame took too long.', {
      jobTimeoutMs,
      transferSyntaxUid: transferSyntaxOf(task),
    });
    task?.reject(
      new CausewayError(
        'timed-out',
        `Decoding the frame took longer than ${jobTimeoutMs} ms (jobTimeoutMs) and was stopped.`,
        {
          details: { limit: 'jobTimeoutMs' },
        },
      ),
    );
    assign();
  }

  function take(seat: Seat, answer: Answer): void {
    if (!seats.has(seat)) return;
    if (answer.kind === 'ready') {
      seat.ready = true;
    } else {
      const task = finish(seat);
      if (answer.kind === 'failed') {
        task?.reject(new CausewayError(answer.code, answer.message, { details: answer.details }));
      } else {
        task?.resolve(answer);
      }
    }
    rest(seat);
  }

  function lose(seat: Seat, reason: unknown): void {
    if (!seats.delete(seat)) return;
    // A worker that cannot even start takes a waiting job with it, else the same would be tried for ever.
    const task = finish(seat) ?? (seat.ready ? undefined : queue.shift());
    log.warn('An imaging worker ended unexpectedly.', {
      reason: String(reason),
      transferSyntaxUid: transferSyntaxOf(task),
    });
    task?.reject(
      seat.ready
        ? new CausewayError('decode-failed', 'The decoder broke down on this frame.', {
            cause: reason,
            // It may have been for want of memory.
            details: { passing: true },
          })
        : new CausewayError('internal', 'No imaging worker could be started.', { cause: reason }),
    );
    assign();
  }

  function start(): void {
    const seat: Seat = { worker: options.startWorker(), ready: false, task: undefined, timer: undefined };
    seats.add(seat);
    seat.worker.onAnswer((answer) => take(seat, answer));
    seat.worker.onExit((reason) => lose(seat, reason));
  }

  return {
    run(job, transfer) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new CausewayError('unavailable', 'Imaging has been closed.'));
        } else if (queue.length >= options.maxQueuedJobs) {
          const message = `${queue.length} frames are already waiting to be decoded (maxQueuedJobs).`;
          reject(new CausewayError('unavailable', message, { details: { limit: 'maxQueuedJobs' } }));
        } else {
          queue.push({ job, transfer, resolve, reject });
          assign();
        }
      });
    },
    async close() {
      closed = true;
      const gone = new CausewayError('unavailable', 'Imaging is closing.');
      for (const task of queue.splice(0)) task.reject(gone);
      const open = [...seats];
      seats.clear();
      await Promise.all(
        open.map((seat) => {
          finish(seat)?.reject(gone);
          return seat.worker.terminate();
        }),
      );
    },
  };
}
