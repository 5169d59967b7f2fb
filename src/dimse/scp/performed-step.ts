import { randomUUID } from 'node:crypto';
import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { uidOfUuid } from '../../dicom/uuid-uid.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { Access } from '../../peers/create-access.ts';
import type { PerformedSteps } from '../../worklist/performed-steps.ts';
import { commandField } from '../command/command-field.ts';
import { status, statusText } from '../command/status.ts';
import { gatherIdentifier } from '../gather-identifier.ts';
import { heldByNotices } from '../held-bytes.ts';
import { performedStepSopClass } from '../performed-step.ts';
import type { DimseOperation, DimseRequest, DimseResponse, DimseService, Respond } from '../service.ts';
import { gathering } from './gathering.ts';

export interface PerformedStepServiceOptions {
  readonly performedSteps: PerformedSteps;
  readonly access: Access;
}

/** Longer than a step that refers to fifty thousand images. */
const maxStepBytes = 16_777_216;

/** Of a step that is completed or discontinued, in the words of PS3.4 table F.7.2-2. */
const mayNoLongerBeUpdated = {
  status: status.processingFailure,
  errorId: 0xa710,
  errorComment: 'Performed Procedure Step Object may no longer be updated',
};

/** Modality Performed Procedure Step as SCP: N-CREATE and N-SET. PS3.4 §F.7, PS3.7 §10.1.3, §10.1.5. */
export function createPerformedStepServices(options: PerformedStepServiceOptions): DimseService[] {
  const service = (name: string, field: number, begin: DimseService['begin']): DimseService => ({
    name,
    commandField: field,
    acceptsSopClass: (uid) => uid === performedStepSopClass,
    acceptsTransferSyntax: isIdentifierSyntax,
    begin,
  });
  return [
    service('N-CREATE', commandField.nCreate, (request, respond) => {
      const sopInstanceUid = request.command.affectedSopInstanceUid ?? uidOfUuid(randomUUID());
      return beginChange(request, respond, options, {
        sopInstanceUid,
        onConflict: { status: status.duplicateSopInstance },
        perform: (dataSet, { begin }) => begin(request.association.callingAeTitle, sopInstanceUid, dataSet),
      });
    }),
    service('N-SET', commandField.nSet, (request, respond) => {
      const sopInstanceUid = request.command.requestedSopInstanceUid ?? '';
      return beginChange(request, respond, options, {
        sopInstanceUid,
        onConflict: mayNoLongerBeUpdated,
        perform: (dataSet, { change }) => change(sopInstanceUid, dataSet),
      });
    }),
  ];
}

interface StepChange {
  readonly sopInstanceUid: string;
  /** What a `conflict` is answered with; where this has no Error Comment, it is the error's message. */
  readonly onConflict: Pick<DimseResponse, 'status' | 'errorId' | 'errorComment'>;
  perform(dataSet: DicomJson, steps: PerformedSteps): ReturnType<PerformedSteps['change']>;
}

function beginChange(
  { association, context, hasDataSet, log }: DimseRequest,
  respond: Respond,
  { performedSteps, access }: PerformedStepServiceOptions,
  { sopInstanceUid, onConflict, perform }: StepChange,
): DimseOperation {
  const gatherer = gatherIdentifier(maxStepBytes, heldByNotices.of(association.address));
  const refused = access('store', association);

  async function refuse(response: DimseResponse): Promise<void> {
    const { status: code, errorComment: reason } = response;
    log.warn('What a modality tells of a procedure step was refused.', { status: statusText(code), reason });
    await respond({ ...response, affectedSopInstanceUid: sopInstanceUid });
  }

  return gathering(gatherer, refused, {
    async finish() {
      if (context.abstractSyntaxUid !== performedStepSopClass) {
        const errorComment = 'The presentation context is not one for performed procedure steps.';
        return refuse({ status: status.sopClassNotSupported, errorComment });
      }
      if (!/^[0-9.]{1,64}$/.test(sopInstanceUid)) {
        return refuse({ status: status.invalidSopInstance, errorComment: 'The SOP Instance UID is missing or none.' });
      }
      if (!hasDataSet) return refuse({ status: status.missingAttribute, errorComment: 'There is no data set.' });
      const refusal = await refused;
      if (refusal !== undefined) return refuse({ status: status.notAuthorized, errorComment: refusal });
      try {
        const { facts } = await perform(gatherer.read(context.transferSyntaxUid), performedSteps);
        log.info('A modality told of a procedure step.', { performedStep: sopInstanceUid, status: facts.status });
      } catch (thrown) {
        const response = refusalBy(thrown, onConflict);
        if (response === undefined) throw thrown;
        return refuse(response);
      }
      await respond({ status: status.success, affectedSopInstanceUid: sopInstanceUid });
    },
  });
}

/** @returns undefined for an error of ours */
function refusalBy(thrown: unknown, onConflict: StepChange['onConflict']): DimseResponse | undefined {
  if (!(thrown instanceof CausewayError)) return undefined;
  const { code, message: errorComment, details } = asCausewayError(thrown);
  const offending = typeof details.tag === 'string' ? { offendingElement: [details.tag] } : {};
  switch (code) {
    case 'conflict':
      return { errorComment, ...onConflict };
    case 'not-found':
      return { status: status.noSuchSopInstance, errorComment };
    case 'attribute-missing':
      return {
        status: details['isEmpty'] === true ? status.missingAttributeValue : status.missingAttribute,
        errorComment,
        ...offending,
      };
    case 'bad-request':
      return { status: status.invalidAttributeValue, errorComment, ...offending };
    case 'limit-exceeded':
      return { status: status.resourceLimitation, errorComment };
    case 'malformed':
    case 'truncated':
    case 'unavailable':
    case 'storage-full':
    case 'timed-out':
      return { status: status.processingFailure, errorComment };
    default:
      return undefined;
  }
}
