import type { InstanceKey } from '../index/instance-key.ts';
import type { PublishingInstances } from '../index/publishing-instances.ts';
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

/** Asks the filters about every instance of the wave, then plans how those that they select are sent. */
export function createFilterTask({ instances, tasks, compileFilter, clock }: FilterTaskParts): RunTask {
  return async ({ task, publisher, configuration, destination, sending, progress }) => {
    const filters = filtersOf(publisher, configuration, task.expression).map(({ expression }) =>
      compileFilter(expression),
    );
    for (let done = 0; ; ) {
      sending.signal.throwIfAborted();
      const page = await instances.unfiltered(task, atOnce);
      if (page.length === 0) break;
      const selected: InstanceKey[] = [];
      const excluded: InstanceKey[] = [];
      const gone: InstanceKey[] = [];
      for (const instance of page) {
        const { metadata, callingAeTitle, receivedAt } = instance;
        if (metadata === undefined) {
          gone.push(instance);
          continue;
        }
        const subject = { attributes: await attributesOfMetadata(metadata), callingAeTitle, receivedAt };
        (filters.every((filter) => filter.selects(subject)) ? selected : excluded).push(instance);
      }
      if (!(await instances.recordFiltered(task, { selected, excluded, gone }))) break;
      done += page.length;
      await progress(done);
    }
    const isMine = await tasks.endFilter(task, sendingPlan(publisher, configuration, destination), clock.now());
    return { status: 'written', outcome: isMine ? 'success' : 'waiting' };
  };
}
