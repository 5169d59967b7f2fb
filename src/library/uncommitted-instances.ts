import type { CommitmentReport, ReferencedInstance } from '../dicom/commitment-data-set.ts';

/** An instance that a peer does not commit to. */
export interface UncommittedInstance extends ReferencedInstance {
  /** Undefined where its report does not name the instance. PS3.3 §C.14.1.1. */
  readonly failureReason: number | undefined;
}

/** What of that which a peer was asked about it does not commit to. */
export function uncommittedOf(
  asked: readonly ReferencedInstance[],
  { committed, failed }: Pick<CommitmentReport, 'committed' | 'failed'>,
): UncommittedInstance[] {
  const named = new Set([...committed, ...failed].map(({ sopInstanceUid }) => sopInstanceUid));
  const unnamed = asked.filter(({ sopInstanceUid }) => !named.has(sopInstanceUid));
  return [
    ...failed,
    ...unnamed.map(({ sopClassUid, sopInstanceUid }) => ({ sopClassUid, sopInstanceUid, failureReason: undefined })),
  ];
}
