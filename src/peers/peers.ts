import type { KnownPeer } from '../index/known-peer.ts';
import type { PeerChange } from '../index/peer-change.ts';

export type { KnownPeer, PeerOperation, PeerTls, PeerUser } from '../index/known-peer.ts';
export type { PeerChange } from '../index/peer-change.ts';

/** A peer and who has made it known: those of the configuration cannot be changed at run time. */
export interface ListedPeer extends KnownPeer {
  readonly origin: 'configuration' | 'api';
  /** Of one that can be changed: another one after each change. */
  readonly version?: string;
  /** Also of a passcode that this node has not the key for. */
  readonly hasPasscode?: boolean;
}

/** How a peer is put. */
export interface PeerPut {
  /** The version that is to be replaced: `precondition-failed` if another is there by now, or none. `any`: whichever is there. */
  readonly expected?: string;
  /** Its user has no passcode from now on, rather than the one that is there. */
  readonly dropsPasscode?: boolean;
}

/** Who is known, by the configuration and since. What is changed is written down with `by` whom. */
export interface Peers {
  /** By AE title; not older than a second, this node's own changes show at once. */
  all(): Promise<readonly ListedPeer[]>;
  /** The one with a port, where there are several of a title. @throws CausewayError `not-found` */
  get(aeTitle: string): Promise<ListedPeer>;
  /** @throws CausewayError `conflict` if the title is known already */
  add(peer: KnownPeer, by: string): Promise<ListedPeer>;
  /**
   * Adds or changes. A passcode that is not given stays, as long as user, host, port and TLS do.
   * @throws CausewayError `conflict` if the configuration names it, `bad-request` where a passcode would go to somebody else
   */
  put(peer: KnownPeer, by: string, how?: PeerPut): Promise<{ readonly peer: ListedPeer; readonly isNew: boolean }>;
  /** @throws CausewayError `not-found`, `conflict` if the configuration names it */
  remove(aeTitle: string, by: string): Promise<void>;
  /** Of those that are not of the configuration, the newest first. */
  changes(limit: number, offset: number): Promise<{ readonly items: readonly PeerChange[]; readonly total: number }>;
}
