import { randomUUID } from 'node:crypto';
import {
  type CommitmentReport,
  type ReferencedInstance,
  writeCommitmentRequest,
} from '../../dicom/commitment-data-set.ts';
import { writeIdentifier } from '../../dicom/identifier.ts';
import { uidOfUuid } from '../../dicom/uuid-uid.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { ProposedContext } from '../association/associate-request.ts';
import { commandField } from '../command/command-field.ts';
import { status } from '../command/status.ts';
import type { CommitmentReports } from '../commitment-reports.ts';
import type { Peer } from '../service.ts';
import { storageCommitment } from '../storage-commitment.ts';
import { remoteFailure } from './remote-status.ts';

export const commitContexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntaxUid: storageCommitment.sopClassUid, transferSyntaxUids: storageCommitment.transferSyntaxUids },
];

export interface CommitOptions {
  /** For the report. */
  readonly timeoutMs: number;
  /** Ends waiting for it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * N-ACTION: asks the peer to commit to what it was sent, and waits for its report, over this association or another one.
 * @throws CausewayError `sop-class-unsupported` if the peer does not offer it, `unavailable` as it answers, `timed-out` if
 * it does not report (with `details.limit` `commitmentTimeoutMs`), `aborted`
 * @see PS3.4 §J.3.2
 */
export async function commit(
  peer: Peer,
  instances: readonly ReferencedInstance[],
  reports: CommitmentReports,
  { timeoutMs, signal }: CommitOptions,
): Promise<CommitmentReport> {
  const context = peer.contexts.find(({ abstractSyntaxUid }) => abstractSyntaxUid === storageCommitment.sopClassUid);
  if (context === undefined) {
    throw new CausewayError('sop-class-unsupported', 'The peer does not offer storage commitment.');
  }
  const transactionUid = uidOfUuid(randomUUID());
  const reported = reports.expect(transactionUid, timeoutMs, signal);
  reported.catch(() => {}); // told below
  try {
    const command = {
      commandField: commandField.nAction,
      requestedSopClassUid: storageCommitment.sopClassUid,
      requestedSopInstanceUid: storageCommitment.sopInstanceUid,
      actionTypeId: storageCommitment.requestAction,
    };
    const dataSet = writeIdentifier(writeCommitmentRequest({ transactionUid, instances }), context.transferSyntaxUid);
    const { response } = await peer.request(context.id, command, { dataSet: [dataSet] });
    if (response.status !== status.success) throw remoteFailure('N-ACTION', response);
    return await reported;
  } finally {
    reports.forget(transactionUid);
  }
}
