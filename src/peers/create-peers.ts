import { isDeepStrictEqual } from 'node:util';
import type { PeerStore } from '../index/peer-store.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { KnownPeer, ListedPeer, Peers } from './peers.ts';

export interface PeersOptions {
  readonly store: PeerStore;
  readonly configured: readonly KnownPeer[];
}

const maxAgeMs = 1_000;

export function createPeers({ store, configured }: PeersOptions): Peers {
  const fixed = configured.map((peer): ListedPeer => ({ ...peer, origin: 'configuration' }));
  let known: { readonly at: number; readonly peers: readonly ListedPeer[] } | undefined;

  async function all(): Promise<readonly ListedPeer[]> {
    if (known === undefined || performance.now() - known.at > maxAgeMs) {
      const at = performance.now();
      const added = (await store.all()).map((peer): ListedPeer => ({ ...peer, origin: 'api' }));
      const peers = [...fixed, ...added].sort((a, b) => (a.aeTitle < b.aeTitle ? -1 : a.aeTitle > b.aeTitle ? 1 : 0));
      known = { at, peers };
    }
    return known.peers;
  }

  function checkChangeable(aeTitle: string): void {
    if (!fixed.some((peer) => peer.aeTitle === aeTitle)) return;
    throw new CausewayError('conflict', `The peer ${aeTitle} is named by the configuration and is changed there.`);
  }

  /**
   * Nobody can read a passcode back, so that whoever changes something else cannot give it again. It goes nowhere else,
   * though, and not in the clear if it did not before: else whoever may change a peer could have it sent to himself.
   */
  async function withPasscode(peer: KnownPeer): Promise<KnownPeer> {
    if (peer.user === undefined || peer.user.passcode !== undefined) return peer;
    const before = (await store.all()).find(({ aeTitle }) => aeTitle === peer.aeTitle);
    const isCalledAlike =
      before?.host === peer.host && before.port === peer.port && isDeepStrictEqual(before.tls, peer.tls);
    return isCalledAlike && before.user?.name === peer.user.name ? { ...peer, user: before.user } : peer;
  }

  async function put(peer: KnownPeer): Promise<{ readonly peer: ListedPeer; readonly isNew: boolean }> {
    checkChangeable(peer.aeTitle);
    const kept = await withPasscode(peer);
    const isNew = await store.put(kept);
    known = undefined;
    return { peer: { ...kept, origin: 'api' }, isNew };
  }

  return {
    all,
    async get(aeTitle) {
      const named = (await all()).filter((peer) => peer.aeTitle === aeTitle);
      const found = named.find(({ port }) => port !== undefined) ?? named[0];
      if (found === undefined) throw new CausewayError('not-found', `There is no peer with the AE title ${aeTitle}.`);
      return found;
    },
    async add(peer) {
      known = undefined;
      if ((await all()).some(({ aeTitle }) => aeTitle === peer.aeTitle)) {
        throw new CausewayError('conflict', `There is a peer with the AE title ${peer.aeTitle} already.`);
      }
      return (await put(peer)).peer;
    },
    put,
    async remove(aeTitle) {
      checkChangeable(aeTitle);
      const removed = await store.delete(aeTitle);
      known = undefined;
      if (!removed) throw new CausewayError('not-found', `There is no peer with the AE title ${aeTitle}.`);
    },
  };
}
