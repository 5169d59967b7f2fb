import type { DicomJson } from '../dicom/json-model.ts';
import type { PerformedStepFacts } from '../dicom/performed-step.ts';
import { scheduledProcedureStepSequence, stepStatusTag } from '../dicom/worklist-item.ts';

/** Scheduled Procedure Step Status (0040,0020) as far as modalities decide it. PS3.3 §C.4.10. */
export type DecidedStepStatus = 'STARTED' | 'COMPLETED' | 'DISCONTINUED';

/**
 * What has become of a scheduled procedure step: it is under way as long as anything is, then done if anything of it is.
 * @returns undefined if nothing was begun, or only by mistake
 */
export function decidedStepStatus(performed: readonly PerformedStepFacts[]): DecidedStepStatus | undefined {
  const statuses = new Set(performed.filter(({ wrongEntry }) => !wrongEntry).map(({ status }) => status));
  if (statuses.has('IN PROGRESS')) return 'STARTED';
  if (statuses.has('COMPLETED')) return 'COMPLETED';
  return statuses.has('DISCONTINUED') ? 'DISCONTINUED' : undefined;
}

/** An item with the status that was decided, in the place of its own. */
export function withStepStatus(dataSet: DicomJson, status: DecidedStepStatus | undefined): DicomJson {
  const [step, ...others] = dataSet[scheduledProcedureStepSequence]?.Value ?? [];
  if (status === undefined || step === undefined) return dataSet;
  const decided = { ...(step as DicomJson), [stepStatusTag]: { vr: 'CS' as const, Value: [status] } };
  return { ...dataSet, [scheduledProcedureStepSequence]: { vr: 'SQ', Value: [decided, ...others] } };
}
