import { setTimeout as delay } from 'node:timers/promises';
import type { Commitment } from '../../commitment/commitment.ts';
import { type CommitmentReport, failureReason, readCommitmentRequest } from '../../dicom/commitment-data-set.ts';
import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { Access } from '../../peers/create-access.ts';
import { commandField } from '../command/command-field.ts';
import { status, statusText } from '../command/status.ts';
import { gatherIdentifier, heldByRequests } from '../gather-identifier.ts';
import { reportCommitment } from '../scu/report-commitment.ts';
import type { DimseOperation, DimseRequest, DimseService, Respond } from '../service.ts';
import { storageCommitment } from '../storage-commitment.ts';
import { gathering } from './gathering.ts';

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
}

/** Longer than a request for a hundred thousand instances. */
const maxRequestBytes = 16_777_216;

/** Time for the report over the association that asked for it; after that it is told over another. */
const leaseMs = 20_000;

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
  { commitment, access, aeTitle, patienceMs = 1_000 }: CommitmentServiceOptions,
): DimseOperation {
  const dataSet = gatherIdentifier(maxRequestBytes, heldByRequests);
  const refused = access('store', association);

  async function refuse(code: number, message: string, tag?: string): Promise<void> {
    log.warn('A storage commitment request was refused.', { status: statusText(code), reason: message });
    await respond({ status: code, errorComment: message, ...(tag === undefined ? {} : { offendingElement: [tag] }) });
  }

  /** Over the association that asked, if it is still there; if not, the report is told over another. */
  async function reportHere(report: CommitmentReport): Promise<void> {
    // The report that is under way with its Transaction UID is another one: it stays until it is told.
    const isRepeated = report.failed.some(({ failureReason: why }) => why === failureReason.duplicateTransactionUid);
    try {
      await delay(patienceMs);
      await reportCommitment(peer, context, report, aeTitle);
      if (!isRepeated) await commitment.acknowledged(association.callingAeTitle, report.transactionUid);
    } catch (thrown) {
      const reason = asCausewayError(thrown).message;
      if (isRepeated) return;
      log.info('The storage commitment report goes over another association.', { reason });
      await commitment.missed(association.callingAeTitle, report.transactionUid).catch((failure: unknown) => {
        log.warn('The storage commitment report goes out late.', { reason: asCausewayError(failure).message });
      });
    }
  }

  return gathering(dataSet, refused, {
    async finish() {
      if (context.abstractSyntaxUid !== storageCommitment.sopClassUid) {
        return refuse(status.sopClassNotSupported, 'The presentation context is not one for storage commitment.');
      }
      if (command.requestedSopInstanceUid !== storageCommitment.sopInstanceUid) {
        return refuse(status.noSuchSopInstance, 'Requested SOP Instance UID is not the well-known one.', '00001001');
      }
      if (command.actionTypeId !== storageCommitment.requestAction) {
        return refuse(status.noSuchActionType, 'There is one action: 1, request storage commitment.', '00001008');
      }
      if (!hasDataSet) return refuse(status.missingAttribute, 'There is no data set.');
      const refusal = await refused;
      if (refusal !== undefined) return refuse(status.notAuthorized, refusal);
      let report: CommitmentReport;
      try {
        const request = readCommitmentRequest(dataSet.read(context.transferSyntaxUid));
        report = await commitment.request(association.callingAeTitle, request, leaseMs);
      } catch (thrown) {
        const { code, message, details } = asCausewayError(thrown);
        if (!(thrown instanceof CausewayError) || code === 'internal') throw thrown;
        const answer = code === 'attribute-missing' ? status.missingAttribute : status.processingFailure;
        return refuse(answer, message, typeof details.tag === 'string' ? details.tag : undefined);
      }
      log.info('Storage commitment was requested.', {
        transactionUid: report.transactionUid,
        committed: report.committed.length,
        failed: report.failed.length,
      });
      await respond({
        status: status.success,
        affectedSopInstanceUid: storageCommitment.sopInstanceUid,
        actionTypeId: storageCommitment.requestAction,
      });
      // Not awaited: a caller that releases the association is not kept waiting for its own answer.
      void reportHere(report);
    },
  });
}
