import { createBoundedCache } from '../kernel/bounded-cache.ts';
import { CausewayError, type ErrorCode } from '../kernel/errors.ts';

/** What was stored once is never another file: what keeps it from being converted does so the next time, too. */
const lasting: ReadonlySet<ErrorCode> = new Set([
  'transfer-syntax-unsupported',
  'decode-failed',
  'frame-not-found',
  'frame-boundary-unknown',
  'limit-exceeded',
  'malformed',
  'truncated',
]);

const maxKnownFailures = 10_000;

/** Remembers what failed when its answer had begun already, so that who asks again is told before. */
export interface KnownFailures {
  /** @throws CausewayError as it failed before */
  check(key: string): void;
  /** The same bytes; what keeps them from coming is remembered. */
  watch(key: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

export function createKnownFailures(): KnownFailures {
  const failures = createBoundedCache<CausewayError>(maxKnownFailures);
  return {
    check(key) {
      const failure = failures.get(key);
      if (failure !== undefined) throw failure;
    },
    async *watch(key, bytes) {
      try {
        yield* bytes;
      } catch (thrown) {
        if (thrown instanceof CausewayError && lasting.has(thrown.code)) failures.set(key, thrown, 1);
        throw thrown;
      }
    },
  };
}
