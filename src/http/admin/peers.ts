import { CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { KnownPeer, ListedPeer, PeerChange, Peers } from '../../peers/peers.ts';
import type { Exchange, Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { whoOf } from '../who.ts';
import { pageOf, pageOfItems } from './page-of-items.ts';
import { describedPeer, type PeerProperties, peerOf } from './peer-body.ts';
import { sendCreated } from './send-created.ts';

type Change = components['schemas']['PeerChange'];

/** Asks whether a peer answers. @returns milliseconds @throws CausewayError */
export type EchoPeer = (peer: KnownPeer, log: Log) => Promise<number>;

/** Who is known, at run time. Bodies are as the OpenAPI document has them. */
export function peerOperations(peers: Peers, echo: EchoPeer, trustProxy: boolean) {
  const by = ({ request }: Exchange) => whoOf(request, trustProxy);
  const list: Operation = async ({ response }) => {
    response.json((await peers.all()).map(describedPeer));
  };
  const get: Operation = async ({ response, pathParameters }) => {
    const peer = await peers.get(pathParameters['aeTitle'] ?? '');
    setEtag(response, peer);
    response.json(describedPeer(peer));
  };
  const add: Operation = async (exchange) => {
    const { aeTitle, ...properties } = exchange.request.body as PeerProperties & { readonly aeTitle: string };
    created(exchange, await peers.add(peerOf(aeTitle, properties), by(exchange)));
  };
  const put: Operation = async (exchange) => {
    const properties = exchange.request.body as PeerProperties;
    const expected = expectedVersion(exchange.request.headers['if-match']);
    const { peer, isNew } = await peers.put(
      peerOf(exchange.pathParameters['aeTitle'] ?? '', properties),
      by(exchange),
      {
        ...(expected !== undefined && { expected }),
        dropsPasscode: properties.userIdentity?.passcode === '',
      },
    );
    if (isNew) return created(exchange, peer);
    setEtag(exchange.response, peer);
    exchange.log.info('peer changed', { peer: peer.aeTitle, host: peer.host, port: peer.port, may: peer.may });
    exchange.response.json(describedPeer(peer));
  };
  const remove: Operation = async (exchange) => {
    const { response, pathParameters, log } = exchange;
    const aeTitle = pathParameters['aeTitle'] ?? '';
    await peers.remove(aeTitle, by(exchange));
    log.info('peer forgotten', { peer: aeTitle });
    response.status(204).end();
  };
  const changes: Operation = async ({ response, query }) => {
    const { limit, offset } = pageOf(query);
    const { items, total } = await peers.changes(limit, offset);
    response.json(pageOfItems(items.map(changeRow), total, offset));
  };
  return {
    listPeers: list,
    listPeerChanges: changes,
    getPeer: get,
    addPeer: add,
    putPeer: put,
    deletePeer: remove,
    echoPeer: echoOperation(peers, echo),
  };
}

/** That a peer does not answer is an answer: whoever asks wants to know why. */
function echoOperation(peers: Peers, echo: EchoPeer): Operation {
  return async ({ response, pathParameters, log }) => {
    const peer = await peers.get(pathParameters['aeTitle'] ?? '');
    const startedAt = performance.now();
    try {
      response.json({ reached: true, durationMs: rounded(await echo(peer, log)) });
    } catch (thrown) {
      if (!(thrown instanceof CausewayError)) throw thrown;
      response.json({ reached: false, durationMs: rounded(performance.now() - startedAt), error: thrown.message });
    }
  };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function created(exchange: Exchange, peer: ListedPeer): void {
  exchange.log.info('peer added', { peer: peer.aeTitle, host: peer.host, port: peer.port, may: peer.may });
  setEtag(exchange.response, peer);
  sendCreated(exchange, peer.aeTitle, describedPeer(peer));
}

function changeRow({ at, by, action, aeTitle, peer }: PeerChange): Change {
  const row = { at: at.toISOString(), by, action, aeTitle };
  if (peer === undefined) return row;
  const user = peer.user && { name: peer.user.name, passcode: undefined };
  return { ...row, peer: describedPeer({ ...peer, user, origin: 'api' }) };
}

/** Those of the configuration have no version that could be changed. */
function setEtag(response: Exchange['response'], { version }: ListedPeer): void {
  if (version !== undefined) response.setHeader('ETag', `"${version}"`);
}

/** RFC 9110 §13.1.1. @returns undefined without the header */
function expectedVersion(header: string | undefined): string | undefined {
  const text = header?.trim();
  return text === '*' ? 'any' : text?.replace(/^W\//, '').replace(/^"|"$/g, '');
}
