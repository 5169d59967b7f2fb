import { describe, expect, it, vi } from 'vitest';
import type { Answer, Job } from '../../../src/imaging/job.ts';
import { createWorkerPool, type PoolWorker, type WorkerPoolOptions } from '../../../src/imaging/worker-pool.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { frameDescription } from '../../support/pixel-frames.ts';

/** A worker that does what the test tells it to. */
function fakeWorker() {
  let answer: (answer: Answer) => void = () => {};
  let exit: (reason: unknown) => void = () => {};
  const jobs: Job[] = [];
  const worker: PoolWorker = {
    postMessage: (job) => jobs.push(job),
    onAnswer: (listener) => {
      answer = listener;
    },
    onExit: (listener) => {
      exit = listener;
    },
    terminate: vi.fn(async () => exit('terminated')),
  };
  return {
    worker,
    jobs,
    ready: () => answer({ kind: 'ready' }),
    done: () => answer({ kind: 'rendered', bytes: new Uint8Array(1) }),
    fail: () => answer({ kind: 'failed', code: 'decode-failed', message: 'no', details: {} }),
    crash: (reason: unknown) => exit(reason),
  };
}

function poolOf(options: Partial<WorkerPoolOptions> = {}) {
  const started: ReturnType<typeof fakeWorker>[] = [];
  const pool = createWorkerPool({
    workers: 2,
    jobTimeoutMs: 1000,
    maxQueuedJobs: 3,
    idleTimeoutMs: 5000,
    log: silentLog,
    startWorker: () => {
      const fake = fakeWorker();
      started.push(fake);
      return fake.worker;
    },
    ...options,
  });
  return { pool, started, run: () => pool.run(job, []) };
}

const job: Job = { kind: 'decode', bytes: new Uint8Array(1), frame: frameDescription() };

describe('the worker pool', () => {
  it('starts no worker before there is work, and no more than are allowed', async () => {
    const { pool, started, run } = poolOf();
    expect(started).toHaveLength(0);
    const jobs = [run(), run(), run()];
    expect(started).toHaveLength(2);
    for (const fake of started) fake.ready();
    expect(started.map((fake) => fake.jobs.length)).toEqual([1, 1]);
    started[0]!.done();
    expect(started[0]!.jobs).toHaveLength(2);
    started[0]!.done();
    started[1]!.done();
    await expect(Promise.all(jobs)).resolves.toHaveLength(3);
    await pool.close();
  });

  it('gives a worker its next job also after a job that failed', async () => {
    const { pool, started, run } = poolOf({ workers: 1 });
    const [bad, good] = [run(), run()];
    started[0]!.ready();
    started[0]!.fail();
    await expect(bad).rejects.toMatchObject({ code: 'decode-failed', message: 'no' });
    started[0]!.done();
    await expect(good).resolves.toMatchObject({ kind: 'rendered' });
    expect(started).toHaveLength(1);
    await pool.close();
  });

  it('refuses a job when too many wait, and names the limit', async () => {
    const { pool, run } = poolOf({ maxQueuedJobs: 2 });
    const waiting = [run(), run()];
    await expect(run()).rejects.toMatchObject({ code: 'unavailable', details: { limit: 'maxQueuedJobs' } });
    await pool.close();
    for (const job of waiting) await expect(job).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('terminates a worker past its time and starts another for the next job', async () => {
    vi.useFakeTimers();
    try {
      const { pool, started, run } = poolOf({ workers: 1 });
      const [stuck, next] = [run(), run()];
      started[0]!.ready();
      vi.advanceTimersByTime(1000);
      await expect(stuck).rejects.toMatchObject({ code: 'timed-out', details: { limit: 'jobTimeoutMs' } });
      expect(started[0]!.worker.terminate).toHaveBeenCalledOnce();
      expect(started).toHaveLength(2);
      started[0]!.done();
      started[1]!.ready();
      started[1]!.done();
      await expect(next).resolves.toMatchObject({ kind: 'rendered' });
      await pool.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not count the time that a worker takes to start', async () => {
    vi.useFakeTimers();
    try {
      const { pool, started, run } = poolOf();
      const slow = run();
      vi.advanceTimersByTime(900);
      started[0]!.ready();
      vi.advanceTimersByTime(900);
      started[0]!.done();
      await expect(slow).resolves.toBeDefined();
      await pool.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('fails the job of a worker that breaks down, and goes on', async () => {
    const { pool, started, run } = poolOf({ workers: 1 });
    const [lost, next] = [run(), run()];
    started[0]!.ready();
    started[0]!.crash(new Error('out of memory'));
    await expect(lost).rejects.toMatchObject({ code: 'decode-failed', details: { passing: true } });
    started[1]!.ready();
    started[1]!.done();
    await expect(next).resolves.toBeDefined();
    await pool.close();
  });

  it('does not try for ever where no worker can start', async () => {
    const { pool, started, run } = poolOf({ workers: 1 });
    const jobs = [run(), run()];
    started[0]!.crash(new Error('no such file'));
    started[1]!.crash(new Error('no such file'));
    for (const job of jobs) await expect(job).rejects.toMatchObject({ code: 'internal' });
    expect(started).toHaveLength(2);
    await pool.close();
  });

  it('ends a worker that has nothing to do, and starts one when there is', async () => {
    vi.useFakeTimers();
    try {
      const { pool, started, run } = poolOf();
      const first = run();
      started[0]!.ready();
      started[0]!.done();
      await first;
      vi.advanceTimersByTime(4999);
      expect(started[0]!.worker.terminate).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(started[0]!.worker.terminate).toHaveBeenCalledOnce();
      const second = run();
      started[1]!.ready();
      started[1]!.done();
      await expect(second).resolves.toBeDefined();
      await pool.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('when closed ends its workers, fails what waits and takes nothing more', async () => {
    const { pool, started, run } = poolOf({ workers: 1 });
    const jobs = [run(), run()];
    started[0]!.ready();
    const closing = pool.close();
    for (const job of jobs) await expect(job).rejects.toMatchObject({ code: 'unavailable' });
    await closing;
    expect(started[0]!.worker.terminate).toHaveBeenCalledOnce();
    await expect(run()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
