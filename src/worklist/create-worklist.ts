import { randomUUID } from 'node:crypto';
import { matches } from '../dicom/matches.ts';
import type { Condition } from '../dicom/query.ts';
import {
  accessionNumberTag,
  patientIdTag,
  scheduledProcedureStepSequence,
  stepAttributes,
  stepStatusTag,
} from '../dicom/worklist-item.ts';
import type { WorklistNarrowing, WorklistPosition, WorklistStore } from '../index/worklist-store.ts';
import { CausewayError } from '../kernel/errors.ts';
import { decidedStepStatus, withStepStatus } from './step-status.ts';
import type { Worklist } from './worklist.ts';

/** Items that are looked at together. */
const batchItems = 200;

export function createWorklist(store: WorklistStore): Worklist {
  return {
    async *find(conditions, stop) {
      const narrowing = narrowingOf(conditions);
      const asksForStatus = stepConditions(conditions).some(
        (one) => 'path' in one && one.path.join() === stepStatusTag,
      );
      let after: WorklistPosition | undefined;
      for (;;) {
        const batch = await store.narrowed(narrowing, after, batchItems);
        for (const item of batch) {
          if (stop.aborted) return;
          const status = decidedStepStatus(item.performed);
          // What is done is not to be done: only who asks for it hears of it.
          if (status === 'COMPLETED' && !asksForStatus) continue;
          const dataSet = withStepStatus(item.dataSet, status);
          if (matches(dataSet, { conditions })) yield { ...item, dataSet };
        }
        after = batch.at(-1);
        if (batch.length < batchItems || stop.aborted) return;
      }
    },
    list: (after, limit) => store.list(after, limit),
    async get(id) {
      const found = await store.get(id);
      if (found === undefined) throw unknown();
      return found;
    },
    async add(item) {
      return (await store.put(randomUUID(), item)).item;
    },
    put: (id, item) => store.put(id, item),
    async remove(id) {
      if (!(await store.delete(id))) throw unknown();
    },
  };
}

function unknown(): CausewayError {
  return new CausewayError('not-found', 'There is no such worklist item.');
}

function stepConditions(conditions: readonly Condition[]): readonly Condition[] {
  return conditions.flatMap((condition) =>
    condition.kind === 'sequence' && condition.path.join() === scheduledProcedureStepSequence ? condition.of : [],
  );
}

/** What the columns can tell: it never leaves out an item that matches. */
function narrowingOf(conditions: readonly Condition[]): WorklistNarrowing {
  const step = stepConditions(conditions);
  const single = (within: readonly Condition[], tag: string): string | undefined => {
    for (const one of within) if (one.kind === 'single' && one.path.join() === tag) return one.value.trim();
    return undefined;
  };
  return {
    ...dates(step),
    modality: single(step, stepAttributes.modality),
    stationAeTitle: single(step, stepAttributes.stationAeTitle),
    patientId: single(conditions, patientIdTag),
    accessionNumber: single(conditions, accessionNumberTag),
  };
}

function dates(step: readonly Condition[]): Pick<WorklistNarrowing, 'fromDate' | 'toDate'> {
  for (const one of step) {
    const path = one.kind === 'combined-range' ? one.datePath : one.kind === 'range' ? one.path : [];
    if (path.join() !== stepAttributes.startDate || !('from' in one || 'to' in one)) continue;
    return { fromDate: one.from?.slice(0, 8), toDate: one.to?.slice(0, 8) };
  }
  return { fromDate: undefined, toDate: undefined };
}
