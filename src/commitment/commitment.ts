import type { CommitmentReport, CommitmentRequest } from '../dicom/commitment-data-set.ts';

/** Promises to keep what is stored, and tells of them until whoever asked has heard. PS3.4 annex J. */
export interface Commitment {
  /**
   * Looks for the instances and keeps the report until it is acknowledged. `untilMs` from now nobody else tells it: that
   * is the time of the association over which it was asked for.
   * @param aeTitle of the asker
   * @returns with all of them failed (0131) if the asker used the Transaction UID for something that it has not heard of
   */
  request(aeTitle: string, request: CommitmentRequest, untilMs: number): Promise<CommitmentReport>;
  /** The asker has heard. */
  acknowledged(aeTitle: string, transactionUid: string): Promise<void>;
  /** The asker has not heard over its own association: the report may go over another now. */
  missed(aeTitle: string, transactionUid: string): Promise<void>;
}

/** Tells a report to its asker over an association of our own. @throws CausewayError if that fails */
export type TellReport = (aeTitle: string, report: CommitmentReport) => Promise<void>;
