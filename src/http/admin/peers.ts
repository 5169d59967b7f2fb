import { CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { peerDefaults } from '../../peers/parse-known-peer.ts';
import type { KnownPeer, ListedPeer, Peers } from '../../peers/peers.ts';
import type { Exchange, Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';

type Properties = components['schemas']['PeerProperties'];
type Described = components['schemas']['Peer'];

/** Asks whether a peer answers. @returns milliseconds @throws CausewayError */
export type EchoPeer = (peer: KnownPeer, log: Log) => Promise<number>;

/** Who is known, at run time. Bodies are as the OpenAPI document has them. */
export function peerOperations(peers: Peers, echo: EchoPeer) {
  const list: Operation = async ({ response }) => {
    response.json((await peers.all()).map(described));
  };
  const get: Operation = async ({ response, pathParameters }) => {
    response.json(described(await peers.get(pathParameters['aeTitle'] ?? '')));
  };
  const add: Operation = async (exchange) => {
    const { aeTitle, ...properties } = exchange.request.body as Properties & { readonly aeTitle: string };
    created(exchange, await peers.add(peerOf(aeTitle, properties)));
  };
  const put: Operation = async (exchange) => {
    const properties = exchange.request.body as Properties;
    const { peer, isNew } = await peers.put(peerOf(exchange.pathParameters['aeTitle'] ?? '', properties));
    if (isNew) return created(exchange, peer);
    exchange.log.info('peer changed', { peer: peer.aeTitle, host: peer.host, port: peer.port, may: peer.may });
    exchange.response.json(described(peer));
  };
  const remove: Operation = async ({ response, pathParameters, log }) => {
    const aeTitle = pathParameters['aeTitle'] ?? '';
    await peers.remove(aeTitle);
    log.info('peer forgotten', { peer: aeTitle });
    response.status(204).end();
  };
  return {
    listPeers: list,
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

function created({ request, response, log }: Exchange, peer: ListedPeer): void {
  log.info('peer added', { peer: peer.aeTitle, host: peer.host, port: peer.port, may: peer.may });
  const path = request.originalUrl.split('?')[0]!.replace(/\/+$/, '');
  const own = encodeURIComponent(peer.aeTitle);
  response.setHeader('Location', path.endsWith(`/${own}`) ? path : `${path}/${own}`);
  response.status(201).json(described(peer));
}

function peerOf(aeTitle: string, { transferSyntaxes, userIdentity, ...properties }: Properties): KnownPeer {
  const user = userIdentity && { name: userIdentity.userName, passcode: userIdentity.passcode };
  return { ...peerDefaults, ...properties, user, aeTitle, transferSyntaxUids: transferSyntaxes ?? [] };
}

function described({ transferSyntaxUids, characterSets, may, ...peer }: ListedPeer): Described {
  const { port, tls, callingAeTitle, onDifferentContent, user, ...rest } = peer;
  return {
    ...rest,
    may: [...may],
    transferSyntaxes: [...transferSyntaxUids],
    characterSets: [...characterSets],
    ...(port === undefined ? {} : { port }),
    ...(tls === undefined ? {} : { tls }),
    // The passcode stays here.
    ...(user === undefined ? {} : { userIdentity: { userName: user.name } }),
    ...(callingAeTitle === undefined ? {} : { callingAeTitle }),
    ...(onDifferentContent === undefined ? {} : { onDifferentContent }),
  };
}
