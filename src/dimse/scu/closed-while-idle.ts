import { CausewayError } from '../../kernel/errors.ts';
import type { LentAssociation } from './peer-associations.ts';

/**
 * Whether a request failed as the peer had closed an association that lay idle, at this moment: it is asked over another.
 * One that we ended, as the peer kept us waiting, was there: it may be at what it was asked, and would be waited for again.
 * @param thrown what the first request over it failed with, before any answer
 */
export function closedWhileIdle({ isReused, endedBy }: LentAssociation, thrown: unknown): boolean {
  const isGone = thrown instanceof CausewayError && thrown.code === 'aborted';
  return isGone && isReused && endedBy?.code !== 'timed-out';
}
