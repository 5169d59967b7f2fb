import type { ClaimedTask } from '../index/publishing-claims.ts';
import type { Publisher } from './configuration.ts';

/**
 * Until when results are asked for, whatever fails meanwhile; milliseconds since 1970.
 * @returns undefined for tasks that ask for none
 */
export function resultsDeadline(
  { type, readyAt }: Pick<ClaimedTask, 'type' | 'readyAt'>,
  { results }: Pick<Publisher, 'results'>,
): number | undefined {
  return type === 'results' && results !== undefined ? readyAt.getTime() + results.waitSeconds * 1000 : undefined;
}
