import type { KnownPeer } from '../index/known-peer.ts';

export type { KnownPeer, PeerOperation, PeerTls, PeerUser } from '../index/known-peer.ts';

/** A peer and who has made it known: those of the configuration cannot be changed at run time. */
export interface ListedPeer extends KnownPeer {
  readonly origin: 'configuration' | 'api';
}

/** Who is known, by the configuration and since. */
export interface Peers {
  /** By AE title; not older than a second, this node's own changes show at once. */
  all(): Promise<readonly ListedPeer[]>;
  /** The one with a port, where there are several of a title. @throws CausewayError `not-found` */
  get(aeTitle: string): Promise<ListedPeer>;
  /** @throws CausewayError `conflict` if the title is known already */
  add(peer: KnownPeer): Promise<ListedPeer>;
  /** Adds or changes; a passcode that is not given stays that of the same user, as long as host, port and TLS stay. @throws CausewayError `conflict` if the configuration names it */
  put(peer: KnownPeer): Promise<{ readonly peer: ListedPeer; readonly isNew: boolean }>;
  /** @throws CausewayError `not-found`, `conflict` if the configuration names it */
  remove(aeTitle: string): Promise<void>;
}
