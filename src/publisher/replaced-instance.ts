import type { IndexedInstance } from '../index/instance-record.ts';
import type { InstanceEnd, PendingInstance } from '../index/publishing-instances.ts';

/**
 * What becomes of an instance that was replaced here after it was planned: no other version than a filter has seen, or than
 * its file was made of, is passed off as it. Its new version is planned in the same graph.
 * @returns undefined if what is stored is what was planned
 */
export function endOfReplaced(
  { studyKey, seriesKey, instanceKey, sourceSha256 }: PendingInstance,
  { sha256 }: Pick<IndexedInstance, 'sha256'>,
): (InstanceEnd & { readonly status: 'replaced' }) | undefined {
  if (sourceSha256.equals(sha256)) return undefined;
  const answer = 'It was replaced here: its new version is planned.';
  return { studyKey, seriesKey, instanceKey, status: 'replaced', sourceSha256: sha256, answer };
}
