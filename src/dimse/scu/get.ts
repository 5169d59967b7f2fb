import type { Log } from '../../kernel/log.ts';
import { commandField } from '../command/command-field.ts';
import type { Peer } from '../service.ts';
import { type RetrievalOptions, type RetrievalResult, requestRetrieval } from './retrieval-request.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';

/**
 * C-GET: has the peer send instances over this association, on which a Storage SCP of ours has to serve them.
 * @throws CausewayError `sop-class-unsupported`, `bad-request`, `unavailable` as the peer answers; `aborted`
 * @see PS3.4 §C.4.3, PS3.7 §9.1.3
 */
export function get(peer: Peer, target: RemoteTarget, options: RetrievalOptions, log: Log): Promise<RetrievalResult> {
  return requestRetrieval(peer, 'get', { commandField: commandField.cGet }, { target, options, log });
}
