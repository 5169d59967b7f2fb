import type { ArrivalStore } from '../index/publishing-arrivals.ts';
import type { ResultStore } from '../index/publishing-results.ts';
import type { Clock } from '../kernel/clock.ts';
import { groupBy } from '../kernel/group-by.ts';
import type { CurrentConfiguration } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { planSending } from './plan-sending.ts';
import type { RunTask } from './run-task.ts';

export interface PublishBackTaskParts {
  readonly results: Pick<ResultStore, 'stored'>;
  readonly arrivals: Pick<ArrivalStore, 'planStored'>;
  readonly configuration: CurrentConfiguration;
  readonly destinations: DestinationsInUse;
  readonly clock: Clock;
  /** There is something new to do. */
  readonly wake: () => void;
}

/** Sends what came back to the publishers that are to have it: graphs of their own, one a study, asked by their own filters. */
export function createPublishBackTask(parts: PublishBackTaskParts): RunTask {
  const { results, arrivals, configuration: current, destinations, clock, wake } = parts;

  return async ({ task, publisher }) => {
    const stored = await results.stored(task.graphId, task.wave);
    if (stored.length === 0) return { status: 'success', note: 'Nothing has come back.' };
    const { version, configuration } = await current.read();
    const absent: string[] = [];
    for (const name of publisher.results?.publishBackTo ?? []) {
      const target = configuration.publishers.find((one) => one.name === name);
      if (target === undefined || !target.enabled) {
        absent.push(name);
        continue;
      }
      for (const [studyInstanceUid, ofStudy] of groupBy(stored, (one) => one.studyInstanceUid)) {
        await arrivals.planStored(
          ofStudy,
          {
            publisher: name,
            unit: 'study',
            origin: 'publish-back',
            referenceUid: studyInstanceUid,
            studyInstanceUid,
            seriesInstanceUid: undefined,
            // Done again after a crash, it finds what it has made.
            cause: `results of ${task.graphId}, wave ${task.wave}, study ${studyInstanceUid}`,
            expression: target.expression,
            isFiltered: target.expression.trim() !== '',
            again: false,
            sending: await planSending(destinations, target, configuration),
            configurationVersion: version,
          },
          clock.now(),
        );
      }
    }
    wake();
    const left = absent.length === 0 ? '' : ` Not to ${absent.join(', ')}, disabled or no longer configured.`;
    return { status: 'success', note: `${stored.length} results go on.${left}` };
  };
}
