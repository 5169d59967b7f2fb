import { createBoundedCache } from '../kernel/bounded-cache.ts';
import { CausewayError } from '../kernel/errors.ts';
import { unconvertible } from './unconvertible.ts';

const maxKnownFailures = 10_000;

/** So long who asks again is told before; then it is tried anew, as there may have been another reason. */
const keptMs = 600_000;

/** Remembers what failed when its answer had begun already, so that who asks again is told before. */
export interface KnownFailures {
  /** @throws CausewayError as it failed before */
  check(key: string): void;
  /** The same bytes; what keeps them from coming is remembered. */
  watch(key: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

export function createKnownFailures(now = () => performance.now()): KnownFailures {
  const failures = createBoundedCache<{ readonly failure: CausewayError; readonly until: number }>(maxKnownFailures);
  return {
    check(key) {
      const known = failures.get(key);
      if (known !== undefined && now() < known.until) throw known.failure;
    },
    async *watch(key, bytes) {
      try {
        yield* bytes;
      } catch (thrown) {
        if (isLasting(thrown)) failures.set(key, { failure: thrown, until: now() + keptMs }, 1);
        throw thrown;
      }
    },
  };
}

/** What was stored once is never another file. */
function isLasting(thrown: unknown): thrown is CausewayError {
  return thrown instanceof CausewayError && unconvertible.has(thrown.code) && thrown.details.passing !== true;
}
