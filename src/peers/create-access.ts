import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { KnownPeer, PeerOperation, Peers } from './peers.ts';

/** Somebody at the DIMSE door. */
export interface Caller {
  readonly callingAeTitle: string;
  /** Network address. */
  readonly address: string;
}

/** Why a caller may not do something, in words for its log and ours; undefined if it may. */
export type Access = (operation: PeerOperation, caller: Caller) => Promise<string | undefined>;

export interface AccessOptions {
  /** Patient data goes to known peers, unless the house is open to anyone. */
  readonly query: 'peers' | 'anyone';
  readonly store: 'peers' | 'anyone';
  readonly peers: Pick<Peers, 'all'>;
}

/** Why a caller may not open an association, in words for our log; undefined if it may. */
export type AssociationAccess = (caller: Caller) => Promise<string | undefined>;

/** Lets known peers open associations, from their addresses, whatever they may do then. */
export function createAssociationAccess(peers: Pick<Peers, 'all'>): AssociationAccess {
  return async (caller) => {
    const named = await namedPeers(peers, caller);
    return named.length === 0 ? unknownTitle : refusalByAddress(named, caller);
  };
}

/** Decides who may do what: the one place for it. Whoever is known by AE title has to call from the known address. */
export function createAccess({ query, store, peers }: AccessOptions): Access {
  const open = { query, retrieve: query, store } as const satisfies Record<PeerOperation, 'peers' | 'anyone'>;
  return async (operation, caller) => {
    if (open[operation] === 'anyone') return undefined;
    const named = await namedPeers(peers, caller);
    if (named.length === 0) return unknownTitle;
    const allowed = named.filter(({ may }) => may.includes(operation));
    if (allowed.length === 0) return `The peer is not allowed to ${operation}.`;
    return refusalByAddress(allowed, caller);
  };
}

const unknownTitle = 'The calling AE title is not among the known peers.';

async function namedPeers(peers: Pick<Peers, 'all'>, { callingAeTitle }: Caller): Promise<readonly KnownPeer[]> {
  return (await peers.all()).filter(({ aeTitle }) => aeTitle === callingAeTitle);
}

async function refusalByAddress(named: readonly KnownPeer[], { address }: Caller): Promise<string | undefined> {
  for (const { host } of named) {
    if ((await addressesOf(host)).includes(plain(address))) return undefined;
  }
  return 'The peer calls from another address than is known of it.';
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [plain(host)];
  // A name that cannot be resolved lets nobody in.
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => plain(address));
}

/** IPv4 addresses come as IPv6 ones where the socket takes both. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}
