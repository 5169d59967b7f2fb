import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { backOffMs } from './back-off.ts';
import type { Publisher } from './configuration.ts';

/** Whether destinations can be reached, as far as this node knows: after a failure a single task tries, and not at once. */
export interface Reachability {
  /** Tasks that may be sent there at the same time. */
  places(publisher: string): number;
  /** What begun then has found out. What has begun before the last failure tells nothing new of one. */
  learn(publisher: Pick<Publisher, 'name' | 'retries'>, reached: Reached, begunAt: number): void;
  /** Somebody believes that it can be reached. */
  tryNow(publisher: string): void;
}

export interface Reached {
  readonly isOut: boolean;
  /** Nobody is to come for so long, as it has said. */
  readonly restMs: number;
}

export interface ReachabilityParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

interface Reach {
  failures: number;
  notBefore: number;
}

export function createReachability({ clock, random, log }: ReachabilityParts): Reachability {
  const reaches = new Map<string, Reach>();
  return {
    places(publisher) {
      const reach = reaches.get(publisher);
      if (reach === undefined || reach.failures === 0) return Number.MAX_SAFE_INTEGER;
      return reach.notBefore <= clock.now().getTime() ? 1 : 0;
    },
    learn({ name, retries }, { isOut, restMs }, begunAt) {
      const reach = reaches.get(name) ?? { failures: 0, notBefore: 0 };
      if (!isOut) {
        if (reach.failures > 0) log.info('a destination can be reached again', { publisher: name });
        reaches.delete(name);
        return;
      }
      if (reach.failures > 0 && begunAt < reach.notBefore) return;
      if (reach.failures === 0) log.warn('a destination cannot be reached', { publisher: name });
      const failures = reach.failures + 1;
      const waitMs = Math.max(backOffMs(failures, retries, random()), restMs);
      reaches.set(name, { failures, notBefore: clock.now().getTime() + waitMs });
    },
    tryNow(publisher) {
      const reach = reaches.get(publisher);
      if (reach !== undefined) reach.notBefore = Math.min(reach.notBefore, clock.now().getTime());
    },
  };
}
