import type { Log } from '../../kernel/log.ts';
import { commandField } from '../command/command-field.ts';
import type { Peer } from '../service.ts';
import { type RetrievalOptions, type RetrievalResult, requestRetrieval } from './retrieval-request.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';

/**
 * C-MOVE: has the peer send instances to a third party, or to us.
 * @param destination AE title that the peer knows
 * @throws CausewayError `sop-class-unsupported`, `bad-request`, `unavailable` as the peer answers; `aborted`
 * @see PS3.4 §C.4.2, PS3.7 §9.1.4
 */
export function move(
  peer: Peer,
  target: RemoteTarget,
  destination: string,
  options: RetrievalOptions,
  log: Log,
): Promise<RetrievalResult> {
  const command = { commandField: commandField.cMove, moveDestination: destination };
  return requestRetrieval(peer, 'move', command, { target, options, log });
}
