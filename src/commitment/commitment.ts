import type { LongCommitmentReport, ReferencedInstance } from '../dicom/commitment-data-set.ts';

/** Promises to keep what is stored, and tells of them until whoever asked has heard. PS3.4 annex J. */
export interface Commitment {
  /** @param aeTitle of the asker */
  begin(aeTitle: string): CommitmentInProgress;
}

/** A request that is being taken in: any number of instances, of which none are held. */
export interface CommitmentInProgress {
  /** Looks for the instances, and keeps what it finds of them. @throws CausewayError `aborted` once it is abandoned */
  take(instances: readonly ReferencedInstance[]): Promise<void>;
  /**
   * Keeps the report until it is acknowledged. `untilMs` from now nobody else tells it: that is the time of the association
   * over which it was asked for.
   * @returns with all of them failed (0131) if the asker used the Transaction UID for something that it has not heard of
   * @throws CausewayError `aborted` once it is abandoned
   */
  finish(transactionUid: string, untilMs: number): Promise<PendingReport>;
  /** There will be no report, if it is not finished by then. Leaves nothing behind but a report that is kept. */
  abandon(): Promise<void>;
}

export interface PendingReport {
  readonly report: LongCommitmentReport;
  readonly committed: number;
  readonly failed: number;
  /** The asker has heard. */
  acknowledged(): Promise<void>;
  /** The asker has not heard over its own association: the report may go over another now. */
  missed(): Promise<void>;
}

/** Tells a report to its asker over an association of our own. @throws CausewayError if that fails */
export type TellReport = (aeTitle: string, report: LongCommitmentReport) => Promise<void>;
