import type { CommitmentReport } from '../dicom/commitment-data-set.ts';
import type { Terminal } from './terminal.ts';

/** Names what a peer does not commit to, with the Failure Reason of each (PS3.3 §C.14.1.1). */
export function complainUncommitted(terminal: Terminal, failed: CommitmentReport['failed']): void {
  for (const { sopInstanceUid, failureReason } of failed) {
    terminal.complain(`not committed: ${sopInstanceUid} (${failureReason.toString(16).padStart(4, '0')})`);
  }
}
