import type { ResultStore } from '../index/publishing-results.ts';
import type { PublishBack } from './publish-back.ts';
import type { RunTask } from './run-task.ts';

export interface PublishBackTaskParts {
  readonly results: Pick<ResultStore, 'stored'>;
  readonly publishBack: PublishBack;
}

/** Sends on what came back and has not gone on when it came: graphs of their own, one a study. */
export function createPublishBackTask({ results, publishBack }: PublishBackTaskParts): RunTask {
  return async ({ task, publisher }) => {
    const { absent } = await publishBack(publisher, task.graphId);
    const stored = await results.stored(task.graphId);
    if (stored === 0) return { status: 'success', note: 'Nothing has come back.' };
    const left = absent.length === 0 ? '' : ` Not to ${absent.join(', ')}: no such publisher.`;
    return { status: 'success', note: `${stored} results go on.${left}` };
  };
}
