import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';

export interface WakingLoopParts {
  /** Does all that there is to do, and ends soon once the signal is aborted. */
  readonly work: (signal: AbortSignal) => Promise<void>;
  /** Between two looks for work that another node was given, or left; asked after each. */
  readonly pollMs: number | (() => number);
  readonly log: Log;
  /** For the log, where the work fails and is tried again. */
  readonly trouble: string;
}

/** Work that is done in the background, again and again. */
export interface WakingLoop {
  start(): void;
  /** Looks at once whether there is something to do. */
  wake(): void;
  /** Ends after what is under way; what is left is done after the next start. */
  close(): Promise<void>;
}

export function createWakingLoop({ work, pollMs, log, trouble }: WakingLoopParts): WakingLoop {
  const closing = new AbortController();
  let waking = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      waking = new AbortController();
      try {
        await work(closing.signal);
      } catch (thrown) {
        log.warn(trouble, { error: String(thrown) });
      }
      const signal = AbortSignal.any([closing.signal, waking.signal]);
      await delay(typeof pollMs === 'number' ? pollMs : pollMs(), undefined, { signal }).catch(() => {});
    }
  }

  return {
    start() {
      running ??= run();
    },
    wake: () => waking.abort(),
    async close() {
      closing.abort();
      await running;
    },
  };
}
