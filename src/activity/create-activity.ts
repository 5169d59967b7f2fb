import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Activity, ReceivedMinute } from './activity.ts';
import type { Happening, HouseEvent } from './house-event.ts';

export interface ActivityParts {
  readonly clock: Clock;
  /** Those who look on at the same time. */
  readonly maxFollowers: number;
  /** After so long without news comes `quiet`. */
  readonly quietMs?: number;
}

/** Events that are kept for those who come later, and that wait for one who is slow. */
const kept = 200;
const minuteMs = 60_000;
const keptMinutes = 60;

interface Follower {
  readonly waiting: HouseEvent[];
  missed: number;
  wake(): void;
}

export function createActivity({ clock, maxFollowers, quietMs = 15_000 }: ActivityParts): Activity {
  const closing = new AbortController();
  const past: HouseEvent[] = [];
  // Numbers of another process, before or beside it, are not those of this one.
  const process = randomUUID().slice(0, 8);
  let told = 0;
  const followers = new Set<Follower>();
  /** By the minute, as a number of minutes since 1970. */
  const minutes = new Map<number, Omit<ReceivedMinute, 'minute'>>();

  function count(happening: Happening, at: Date): void {
    if (happening.kind !== 'instance') return;
    const minute = Math.floor(at.getTime() / minuteMs);
    const { instances, bytes, refused } = minutes.get(minute) ?? { instances: 0, bytes: 0, refused: 0 };
    const isRefused = happening.outcome === 'refused';
    minutes.set(minute, {
      instances: instances + (isRefused ? 0 : 1),
      bytes: bytes + (isRefused ? 0 : happening.bytes),
      refused: refused + (isRefused ? 1 : 0),
    });
    for (const old of minutes.keys()) if (old <= minute - keptMinutes) minutes.delete(old);
  }

  /** @returns how many; undefined if it is no event of this process */
  function toldSince(id: string): number | undefined {
    const [, of, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? [];
    return of === process && Number(number) <= told ? told - Number(number) : undefined;
  }

  async function* newsFor(follower: Follower, signal: AbortSignal): AsyncGenerator<HouseEvent | 'quiet' | number> {
    // At once, so that whoever looks on knows that the connection is there.
    yield 'quiet';
    while (!signal.aborted) {
      if (follower.missed > 0) {
        const { missed } = follower;
        follower.missed = 0;
        yield missed;
      }
      const event = follower.waiting.shift();
      if (event !== undefined) yield event;
      else if (!(await newsWithin(quietMs, follower, signal)) && !signal.aborted) yield 'quiet';
    }
  }

  return {
    tell(happening) {
      const at = clock.now();
      count(happening, at);
      told += 1;
      const event: HouseEvent = { ...happening, id: `${process}-${told}`, at };
      past.push(event);
      if (past.length > kept) past.shift();
      for (const follower of followers) {
        // The newest matter: who is slow loses the oldest, and is told so.
        if (follower.waiting.length >= kept) {
          follower.waiting.shift();
          follower.missed += 1;
        }
        follower.waiting.push(event);
        follower.wake();
      }
    },
    recent: (most) => past.slice(Math.max(0, past.length - most)),
    async *follow({ recent, after, signal }) {
      if (followers.size >= maxFollowers || closing.signal.aborted) {
        throw new CausewayError('unavailable', `${maxFollowers} clients follow the events already.`, {
          details: { limit: 'maxFeedClients' },
        });
      }
      const since = after === undefined ? undefined : toldSince(after);
      const waiting = this.recent(Math.min(since ?? recent, kept)).slice();
      const follower: Follower = { waiting, missed: Math.max(0, (since ?? 0) - waiting.length), wake: () => {} };
      followers.add(follower);
      try {
        yield* newsFor(follower, AbortSignal.any([signal, closing.signal]));
      } finally {
        followers.delete(follower);
      }
    },
    received() {
      const oldest = Math.floor(clock.now().getTime() / minuteMs) - keptMinutes;
      return [...minutes]
        .filter(([minute]) => minute > oldest)
        .sort(([a], [b]) => a - b)
        .map(([minute, counts]) => ({ minute: new Date(minute * minuteMs), ...counts }));
    },
    close: () => closing.abort(),
  };
}

/** @returns false if the time is over without any */
async function newsWithin(ms: number, follower: Follower, signal: AbortSignal): Promise<boolean> {
  const woken = new AbortController();
  let hasNews = false;
  follower.wake = () => {
    hasNews = true;
    woken.abort();
  };
  await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => {});
  follower.wake = () => {};
  return hasNews;
}
