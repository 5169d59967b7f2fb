import type { KnownPeer } from './known-peer.ts';

/** A peer as it was written, without its passcode. */
export interface WrittenPeer extends Omit<KnownPeer, 'user'> {
  readonly user: { readonly name: string } | undefined;
  readonly hasPasscode: boolean;
}

/** That a peer was made known, changed or removed. */
export interface PeerChange {
  readonly at: Date;
  readonly by: string;
  readonly action: 'added' | 'changed' | 'removed';
  readonly aeTitle: string;
  /** As it was from then on; undefined of one that was removed. */
  readonly peer: WrittenPeer | undefined;
}
