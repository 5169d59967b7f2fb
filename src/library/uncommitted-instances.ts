import type { CommitmentReport, ReferencedInstance } from '../dicom/commitment-data-set.ts';

/** An instance that a peer does not commit to. */
export interface UncommittedInstance extends ReferencedInstance {
  /** Undefined where its report does not name the instance. PS3.3 §C.14.1.1. */
  readonly failureReason: number | undefined;
}

type Answered = Pick<CommitmentReport, 'committed' | 'failed'>;

/**
 * What of that which a peer was asked about it commits to: what its report names as such, of the SOP class that was asked, and
 * does not also name as failed.
 */
export function committedOf(
  asked: readonly ReferencedInstance[],
  { committed, failed }: Answered,
): ReferencedInstance[] {
  const keyOf = ({ sopClassUid, sopInstanceUid }: ReferencedInstance) => `${sopClassUid}/${sopInstanceUid}`;
  const promised = new Set(committed.map(keyOf));
  const refused = new Set(failed.map(({ sopInstanceUid }) => sopInstanceUid));
  return asked.filter((one) => promised.has(keyOf(one)) && !refused.has(one.sopInstanceUid));
}

/** Everything else that it was asked about. */
export function uncommittedOf(asked: readonly ReferencedInstance[], report: Answered): UncommittedInstance[] {
  const committed = new Set(committedOf(asked, report));
  const reasons = new Map(report.failed.map(({ sopInstanceUid, failureReason }) => [sopInstanceUid, failureReason]));
  return asked
    .filter((one) => !committed.has(one))
    .map(({ sopClassUid, sopInstanceUid }) => ({
      sopClassUid,
      sopInstanceUid,
      failureReason: reasons.get(sopInstanceUid),
    }));
}
