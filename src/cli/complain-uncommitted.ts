import type { UncommittedInstance } from '../library/uncommitted-instances.ts';
import type { Terminal } from './terminal.ts';

/** Names what a peer does not commit to, with the Failure Reason of each (PS3.3 §C.14.1.1). */
export function complainUncommitted(terminal: Terminal, uncommitted: readonly UncommittedInstance[]): void {
  for (const { sopInstanceUid, failureReason } of uncommitted) {
    const why = failureReason?.toString(16).padStart(4, '0') ?? 'the report does not name it';
    terminal.complain(`not committed: ${sopInstanceUid} (${why})`);
  }
}
