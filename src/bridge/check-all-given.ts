import { CausewayError } from '../kernel/errors.ts';
import type { ListedUids } from './peer-listings.ts';

/**
 * At the end of what is told of a target: what was deleted here between its arrival and its turn is missing, and what was
 * told before is not to pass for all.
 * @throws CausewayError `unavailable`
 */
export function checkAllGiven(given: number, listed: Pick<ListedUids, 'size'> = { size: 0 }): void {
  if (given >= listed.size) return;
  const message = `${listed.size - given} of ${listed.size} instances were deleted here while they were read: ask again.`;
  throw new CausewayError('unavailable', message);
}
