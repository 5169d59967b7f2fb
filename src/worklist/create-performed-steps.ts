import { textValues } from '../dicom/match-values.ts';
import { changedPerformedStep, newPerformedStep, performedStepStatusTag } from '../dicom/performed-step.ts';
import type { PerformedStepStore } from '../index/performed-step-store.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { PerformedSteps } from './performed-steps.ts';

export function createPerformedSteps(store: PerformedStepStore): PerformedSteps {
  return {
    async begin(aeTitle, sopInstanceUid, attributes) {
      const step = newPerformedStep(attributes);
      if (await store.add(sopInstanceUid, aeTitle, step)) return step;
      throw new CausewayError('conflict', 'There is a performed procedure step with this UID.');
    },
    async change(sopInstanceUid, modifications) {
      const step = await store.change(sopInstanceUid, (before) => {
        const [status] = textValues(before[performedStepStatusTag]);
        if (status === 'IN PROGRESS') return changedPerformedStep(before, modifications);
        throw new CausewayError('conflict', 'The performed procedure step may no longer be updated.');
      });
      if (step !== undefined) return step;
      throw new CausewayError('not-found', 'There is no such performed procedure step.');
    },
  };
}
