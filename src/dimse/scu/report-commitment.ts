import { commitmentReportPieces, type LongCommitmentReport } from '../../dicom/commitment-data-set.ts';
import { commandField } from '../command/command-field.ts';
import { status } from '../command/status.ts';
import type { Peer, PresentationContext } from '../service.ts';
import { storageCommitment } from '../storage-commitment.ts';
import { remoteFailure } from './remote-status.ts';

/**
 * N-EVENT-REPORT: tells whoever asked what is committed.
 * @param retrieveAeTitle where the instances can be had
 * @throws CausewayError `unavailable` if the peer does not acknowledge it, `aborted`
 * @see PS3.4 §J.3.3, PS3.7 §10.1.1
 */
export async function reportCommitment(
  peer: Pick<Peer, 'invoke'>,
  { id, transferSyntaxUid }: PresentationContext,
  report: LongCommitmentReport,
  retrieveAeTitle: string,
): Promise<void> {
  const command = {
    commandField: commandField.nEventReport,
    affectedSopClassUid: storageCommitment.sopClassUid,
    affectedSopInstanceUid: storageCommitment.sopInstanceUid,
    eventTypeId: report.hasFailures ? storageCommitment.failuresEvent : storageCommitment.successEvent,
  };
  const dataSet = commitmentReportPieces(report, retrieveAeTitle, transferSyntaxUid);
  const response = await peer.invoke(id, command, dataSet);
  if (response.status !== status.success) throw remoteFailure('N-EVENT-REPORT', response);
}
