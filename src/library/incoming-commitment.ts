import type { ReferencedInstance } from '../dicom/commitment-data-set.ts';

/** A peer asks whether what it has sent is safe here. */
export interface IncomingCommitmentRequest {
  readonly callingAeTitle: string;
  /** All of a request, or, of a long one, the next of it. */
  readonly instances: readonly ReferencedInstance[];
}

/**
 * Promises to keep instances. @returns those that are durably here; the rest is told as not committed, with the reason
 */
export type CommitToInstances = (
  request: IncomingCommitmentRequest,
) => Iterable<ReferencedInstance> | Promise<Iterable<ReferencedInstance>>;
