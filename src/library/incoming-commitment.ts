import type { CommitmentRequest, ReferencedInstance } from '../dicom/commitment-data-set.ts';

/** A peer asks whether what it has sent is safe here. */
export interface IncomingCommitmentRequest extends CommitmentRequest {
  readonly callingAeTitle: string;
}

/**
 * Promises to keep instances. @returns those that are durably here; the rest is told as not committed, with the reason
 */
export type CommitToInstances = (
  request: IncomingCommitmentRequest,
) => Iterable<ReferencedInstance> | Promise<Iterable<ReferencedInstance>>;
