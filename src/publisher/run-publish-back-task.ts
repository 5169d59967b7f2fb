import type { ResultStore } from '../index/publishing-results.ts';
import { CausewayError } from '../kernel/errors.ts';
import { groupBy } from '../kernel/group-by.ts';
import type { PublishBack } from './publish-back.ts';
import type { RunTask } from './run-task.ts';

export interface PublishBackTaskParts {
  readonly results: Pick<ResultStore, 'stored'>;
  readonly publishBack: PublishBack;
}

/** Sends what came back to the publishers that are to have it: graphs of their own, one a study. */
export function createPublishBackTask({ results, publishBack }: PublishBackTaskParts): RunTask {
  return async ({ task, publisher }) => {
    const stored = await results.stored(task.graphId, task.wave);
    if (stored.length === 0) return { status: 'success', note: 'Nothing has come back.' };
    const absent: string[] = [];
    for (const name of publisher.results?.publishBackTo ?? []) {
      for (const [study, ofStudy] of groupBy(stored, (one) => one.studyInstanceUid)) {
        try {
          // Done again after a crash, it finds what it has made.
          await publishBack(name, ofStudy, `results of ${task.graphId}, wave ${task.wave}, study ${study}`);
        } catch (thrown) {
          if (!(thrown instanceof CausewayError) || thrown.code !== 'not-found') throw thrown;
          absent.push(name);
        }
      }
    }
    const left = absent.length === 0 ? '' : ` Not to ${absent.join(', ')}: no such publisher.`;
    return { status: 'success', note: `${stored.length} results go on.${left}` };
  };
}
