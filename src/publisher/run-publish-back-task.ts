import type { ResultStore } from '../index/publishing-results.ts';
import type { PublishBack } from './publish-back.ts';
import type { RunTask } from './run-task.ts';

export interface PublishBackTaskParts {
  readonly results: Pick<ResultStore, 'tally'>;
  readonly publishBack: PublishBack;
}

/** Sends on what came back and has not gone on when it came: graphs of their own, one a study. */
export function createPublishBackTask({ results, publishBack }: PublishBackTaskParts): RunTask {
  return async ({ task, publisher }) => {
    const { absent } = await publishBack(publisher, task.graphId);
    const { stored } = await results.tally(task.graphId, task.wave);
    if (stored === 0) return { status: 'success', note: 'Nothing has come back.' };
    if (absent.length > 0) {
      const failure = `${stored} results do not go on to ${absent.join(', ')}: there is no such publisher.`;
      return { status: 'failed', failure, forGood: true };
    }
    return { status: 'success', note: `${stored} results go on.` };
  };
}
