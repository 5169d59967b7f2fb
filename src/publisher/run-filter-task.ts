import type { FilterVerdict, PublishingInstances, UnfilteredInstance } from '../index/publishing-instances.ts';
import type { TaskStore } from '../index/publishing-tasks.ts';
import { attributesOfMetadata } from '../index/stored-metadata.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Filter } from './filter.ts';
import type { RunTask } from './run-task.ts';
import { filtersOf, sendingPlan } from './sending-plan.ts';

export interface FilterTaskParts {
  readonly instances: PublishingInstances;
  readonly tasks: Pick<TaskStore, 'endFilter'>;
  /** @throws CausewayError `bad-request` for what is no expression */
  readonly compileFilter: (expression: string) => Filter;
  readonly clock: Clock;
}

/** Instances whose metadata are held at the same time. */
const atOnce = 50;

/**
 * Asks the filters about every instance of the wave, as it is stored by now, then plans how those that they select are sent.
 * What somebody sends by hand is asked about by nobody.
 */
export function createFilterTask({ instances, tasks, compileFilter, clock }: FilterTaskParts): RunTask {
  return async ({ task, publisher, configuration, destination, sending, progress, alive }) => {
    const filters = (task.origin === 'send' ? [] : filtersOf(publisher, configuration, task.expression)).map(
      ({ expression }) => compileFilter(expression),
    );
    for (let done = 0; ; ) {
      sending.signal.throwIfAborted();
      const page = await instances.unfiltered(task, atOnce);
      if (page.length === 0) break;
      const outcome: Record<FilterVerdict, UnfilteredInstance[]> = { selected: [], excluded: [], gone: [] };
      for (const instance of page) {
        const { metadata, callingAeTitle, receivedAt } = instance;
        if (metadata === undefined) {
          outcome.gone.push(instance);
          continue;
        }
        const subject = { attributes: await attributesOfMetadata(metadata), callingAeTitle, receivedAt };
        outcome[filters.every((filter) => filter.selects(subject)) ? 'selected' : 'excluded'].push(instance);
      }
      if (!(await instances.recordFiltered(task, outcome))) break;
      done += page.length;
      alive();
      await progress(done);
    }
    const isMine = await tasks.endFilter(task, sendingPlan(publisher, configuration, destination), clock.now());
    return { status: 'written', outcome: isMine ? 'success' : 'waiting' };
  };
}
