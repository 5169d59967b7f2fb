import type { CommitmentReport, ReferencedInstance } from '../dicom/commitment-data-set.ts';
import type { Terminal } from './terminal.ts';

/** An instance that a peer does not commit to. */
export interface UncommittedInstance extends ReferencedInstance {
  /** Undefined where its report does not name the instance. PS3.3 §C.14.1.1. */
  readonly failureReason: number | undefined;
}

/** What of that which a peer was asked about it does not commit to. */
export function uncommittedOf(
  asked: readonly ReferencedInstance[],
  { committed, failed }: CommitmentReport,
): UncommittedInstance[] {
  const named = new Set([...committed, ...failed].map(({ sopInstanceUid }) => sopInstanceUid));
  const unnamed = asked.filter(({ sopInstanceUid }) => !named.has(sopInstanceUid));
  return [
    ...failed,
    ...unnamed.map(({ sopClassUid, sopInstanceUid }) => ({ sopClassUid, sopInstanceUid, failureReason: undefined })),
  ];
}

/** Names what a peer does not commit to, with the Failure Reason of each (PS3.3 §C.14.1.1). */
export function complainUncommitted(terminal: Terminal, uncommitted: readonly UncommittedInstance[]): void {
  for (const { sopInstanceUid, failureReason } of uncommitted) {
    const why = failureReason?.toString(16).padStart(4, '0') ?? 'the report does not name it';
    terminal.complain(`not committed: ${sopInstanceUid} (${why})`);
  }
}
