import type { Retries } from './configuration.ts';

/**
 * How long to wait before the next attempt: twice as long each time, up to the most, a quarter more or less by chance, lest
 * all that failed together comes again together.
 * @param failed attempts that have failed so far, at least 1 @param random from 0 to 1 @returns milliseconds
 */
export function backOffMs(failed: number, retries: Retries, random: number): number {
  const { firstDelaySeconds, maxDelaySeconds } = retries;
  const seconds = Math.min(maxDelaySeconds, firstDelaySeconds * 2 ** (failed - 1));
  return Math.round(seconds * 1000 * (0.75 + random / 2));
}
