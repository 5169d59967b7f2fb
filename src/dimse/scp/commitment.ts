import { setTimeout as delay } from 'node:timers/promises';
import type { Commitment, CommitmentInProgress, PendingReport } from '../../commitment/commitment.ts';
import type { ReferencedInstance } from '../../dicom/commitment-data-set.ts';
import { type CommitmentRequestLimits, createCommitmentRequestReader } from '../../dicom/commitment-request-reader.ts';
import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { Access } from '../../peers/create-access.ts';
import { commandField } from '../command/command-field.ts';
import { status, statusText } from '../command/status.ts';
import { reportCommitment } from '../scu/report-commitment.ts';
import type { DimseOperation, DimseRequest, DimseService, Respond } from '../service.ts';
import { storageCommitment } from '../storage-commitment.ts';

export interface CommitmentServiceOptions {
  readonly commitment: Commitment;
  readonly access: Access;
  /** Ours, as where to retrieve from. */
  readonly aeTitle: string;
  /**
   * How long the association is left alone before it is used for the report: a caller that releases it at once waits for
   * the report on another.
   */
  readonly patienceMs?: number;
  readonly limits?: CommitmentRequestLimits;
}

/** Time for the report over the association that asked for it, and for each instance in it; then it is told over another. */
const leaseMs = 20_000;
const leaseOfInstanceMs = 0.5;

/** Looked for together; no more of a request is held. */
const batchReferences = 500;

/** Storage Commitment as SCP: N-ACTION, answered by N-EVENT-REPORT. PS3.4 annex J, PS3.7 §10.1.4. */
export function createCommitmentService(options: CommitmentServiceOptions): DimseService {
  return {
    name: 'N-ACTION',
    commandField: commandField.nAction,
    acceptsSopClass: (uid) => uid === storageCommitment.sopClassUid,
    acceptsTransferSyntax: isIdentifierSyntax,
    // Reports that others tell us come from callers who take the role of the SCP.
    invokes: (uid) => uid === storageCommitment.sopClassUid,
    begin: (request, respond) => beginRequest(request, respond, options),
  };
}

function beginRequest(
  { association, command, context, hasDataSet, peer, log }: DimseRequest,
  respond: Respond,
  { commitment, access, aeTitle, patienceMs = 1_000, limits }: CommitmentServiceOptions,
): DimseOperation {
  const reader = createCommitmentRequestReader(context.transferSyntaxUid, limits);
  let references: ReferencedInstance[] = [];
  let inProgress: CommitmentInProgress | undefined;
  /** Why it will not be done; what still comes of the data set is passed over. */
  let refusal: Refusal | undefined = refusalByCommand();
  let failure: unknown;
  /** From then on it is for `finish` to leave nothing behind, or a whole report. */
  let isFinishing = false;
  /** The association is gone. */
  let isAborted = false;

  function refusalByCommand(): Refusal | undefined {
    if (context.abstractSyntaxUid !== storageCommitment.sopClassUid) {
      return [status.sopClassNotSupported, 'The presentation context is not one for storage commitment.'];
    }
    if (command.requestedSopInstanceUid !== storageCommitment.sopInstanceUid) {
      return [status.noSuchSopInstance, 'Requested SOP Instance UID is not the well-known one.', '00001001'];
    }
    if (command.actionTypeId !== storageCommitment.requestAction) {
      return [status.noSuchActionType, 'There is one action: 1, request storage commitment.', '00001008'];
    }
    return hasDataSet ? undefined : [status.missingAttribute, 'There is no data set.'];
  }

  /** Looks for what has come. Nothing is looked for or kept for somebody who may not ask. */
  async function takeReferences(): Promise<void> {
    const batch = references;
    references = [];
    try {
      if (inProgress === undefined) {
        const refused = await access('store', association);
        if (refused !== undefined) {
          refusal = [status.notAuthorized, refused];
          return;
        }
        throwIfAborted();
        inProgress = commitment.begin(association.callingAeTitle);
      }
      await inProgress.take(batch);
    } catch (thrown) {
      fail(thrown);
    }
  }

  function throwIfAborted(): void {
    if (isAborted) throw new CausewayError('aborted', 'The association ended before the request was complete.');
  }

  function fail(thrown: unknown): void {
    const { code, message, details } = asCausewayError(thrown);
    if (!(thrown instanceof CausewayError) || code === 'internal' || code === 'aborted') failure = thrown;
    else refusal = [statusOf(code), message, typeof details.tag === 'string' ? details.tag : undefined];
  }

  async function abandon(): Promise<void> {
    await inProgress?.abandon().catch((thrown: unknown) => {
      log.warn('What a storage commitment request left is deleted later.', { reason: asCausewayError(thrown).message });
    });
  }

  async function refuse([code, message, tag]: Refusal): Promise<void> {
    await abandon();
    log.warn('A storage commitment request was refused.', { status: statusText(code), reason: message });
    await respond({ status: code, errorComment: message, ...(tag === undefined ? {} : { offendingElement: [tag] }) });
  }

  /** Over the association that asked, if it is still there; if not, the report is told over another. */
  async function reportHere(pending: PendingReport): Promise<void> {
    try {
      await delay(patienceMs);
      await reportCommitment(peer, context, pending.report, aeTitle);
      await pending.acknowledged();
    } catch (thrown) {
      await reportElsewhere(pending, thrown);
    }
  }

  async function reportElsewhere({ missed }: PendingReport, thrown: unknown): Promise<void> {
    const reason = asCausewayError(thrown).message;
    log.info('The storage commitment report goes over another association.', { reason });
    await missed().catch((late: unknown) => {
      log.warn('The storage commitment report goes out late.', { reason: asCausewayError(late).message });
    });
  }

  /** @returns undefined if there is a refusal or failure instead */
  async function finishRequest(): Promise<PendingReport | undefined> {
    let transactionUid = '';
    let count = 0;
    try {
      const end = reader.end();
      transactionUid = end.transactionUid;
      count = end.count;
      references.push(...end.references);
    } catch (thrown) {
      fail(thrown);
      return undefined;
    }
    await takeReferences();
    if (refusal !== undefined || failure !== undefined) return undefined;
    try {
      throwIfAborted();
      return await inProgress?.finish(transactionUid, leaseMs + leaseOfInstanceMs * count);
    } catch (thrown) {
      fail(thrown);
      return undefined;
    }
  }

  return {
    write(bytes) {
      if (refusal !== undefined || failure !== undefined) return undefined;
      try {
        for (const one of reader.push(bytes)) references.push(one);
      } catch (thrown) {
        fail(thrown);
        return undefined;
      }
      return references.length < batchReferences ? undefined : takeReferences();
    },
    async finish() {
      isFinishing = true;
      const pending = refusal === undefined && failure === undefined ? await finishRequest() : undefined;
      if (refusal !== undefined) return refuse(refusal);
      if (failure !== undefined || pending === undefined) {
        await abandon();
        throw failure;
      }
      const { committed, failed, report } = pending;
      log.info('Storage commitment was requested.', { transactionUid: report.transactionUid, committed, failed });
      try {
        await respond({
          status: status.success,
          affectedSopInstanceUid: storageCommitment.sopInstanceUid,
          actionTypeId: storageCommitment.requestAction,
        });
      } catch (thrown) {
        await reportElsewhere(pending, thrown);
        throw thrown;
      }
      // Not awaited: a caller that releases the association is not kept waiting for its own answer.
      void reportHere(pending);
    },
    async abort() {
      isAborted = true;
      if (!isFinishing) await abandon();
    },
  };
}

type Refusal = readonly [code: number, message: string, tag?: string | undefined];

function statusOf(code: CausewayError['code']): number {
  if (code === 'attribute-missing') return status.missingAttribute;
  return code === 'limit-exceeded' ? status.resourceLimitation : status.processingFailure;
}
