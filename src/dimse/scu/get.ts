import { transferSyntaxes, transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { Log } from '../../kernel/log.ts';
import type { ProposedContext } from '../association/associate-request.ts';
import { commandField } from '../command/command-field.ts';
import type { Peer } from '../service.ts';
import { maxContexts, numberedContexts } from './numbered-contexts.ts';
import { queryProposals } from './remote-query.ts';
import { type RetrievalOptions, type RetrievalResult, requestRetrieval } from './retrieval-request.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';

const uncompressed = [transferSyntaxUids.explicitVrLittleEndian, transferSyntaxUids.implicitVrLittleEndian];
const compressed = transferSyntaxes.filter(({ encapsulated }) => encapsulated);
const lossless = compressed.filter(({ lossy }) => !lossy).map(({ uid }) => uid);
const oneEach = [...compressed.map(({ uid }) => [uid]), uncompressed];

/**
 * What to propose to a peer that is to send instances over our association. Of few SOP classes each transfer syntax is
 * proposed for itself, so that the peer can send what it has as it is. Of many there is room for two contexts each, in
 * which the peer chooses one syntax: lossy ones are left out, lest it compresses for us.
 * @param sopClassUids that may come; those that find no room are left out, so the likely ones stand first
 * @see PS3.8 §9.3.2.2
 */
export function getContexts(sopClassUids: readonly string[]): ProposedContext[] {
  const query = queryProposals('get');
  const room = maxContexts - query.length;
  const syntaxes = sopClassUids.length * oneEach.length <= room ? oneEach : [lossless, uncompressed];
  const storage = sopClassUids.flatMap((abstractSyntaxUid) =>
    syntaxes.map((transferSyntaxUids) => ({ abstractSyntaxUid, transferSyntaxUids })),
  );
  return numberedContexts([...query, ...storage]);
}

/**
 * C-GET: has the peer send instances over this association, on which a Storage SCP of ours has to serve them.
 * @throws CausewayError `sop-class-unsupported`, `bad-request`, `unavailable` as the peer answers; `aborted`
 * @see PS3.4 §C.4.3, PS3.7 §9.1.3
 */
export function get(peer: Peer, target: RemoteTarget, options: RetrievalOptions, log: Log): Promise<RetrievalResult> {
  return requestRetrieval(peer, 'get', { commandField: commandField.cGet }, { target, options, log });
}
