import type { IndexedInstance } from '../index/instance-record.ts';
import type { InstanceEnd, PendingInstance } from '../index/publishing-instances.ts';
import type { RunningTask } from './run-task.ts';
import { filtersOf } from './sending-plan.ts';

/**
 * What becomes of an instance that was replaced here after it was planned: another version than a filter has seen, or than
 * its file was made of, is not passed off as it. What has arrived is planned anew in its new version; nothing else is, so
 * that it fails in words and can be done again.
 * @returns undefined if it goes on
 */
export function endOfReplaced(
  { task, publisher, configuration }: Pick<RunningTask, 'task' | 'publisher' | 'configuration'>,
  { sourceSha256, prepared }: Pick<PendingInstance, 'sourceSha256' | 'prepared'>,
  stored: Pick<IndexedInstance, 'sha256'>,
): Pick<InstanceEnd & { status: 'gone' | 'unsendable' }, 'status' | 'answer'> | undefined {
  if (sourceSha256.equals(stored.sha256)) return undefined;
  if (task.origin === 'arrival') {
    const isFiltered = filtersOf(publisher, configuration, task.expression).length > 0;
    if (prepared === undefined && !isFiltered) return undefined;
    return { status: 'gone', answer: 'It was replaced here: the new version is planned by itself.' };
  }
  if (prepared === undefined) return undefined;
  return { status: 'unsendable', answer: 'It was replaced here while it was made ready to be sent: do it again.' };
}
