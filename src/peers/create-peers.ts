import { isDeepStrictEqual } from 'node:util';
import type { PeerStore } from '../index/peer-store.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { KnownPeer, ListedPeer, PeerPut, Peers } from './peers.ts';

export interface PeersOptions {
  readonly store: PeerStore;
  readonly configured: readonly KnownPeer[];
}

const maxAgeMs = 1_000;

export function createPeers({ store, configured }: PeersOptions): Peers {
  const fixed = configured.map((peer): ListedPeer => ({ ...peer, origin: 'configuration' }));
  /** Changes made here: what was read before one is not to stand for what is known after it. */
  let changes = 0;
  let known: { readonly at: number; readonly peers: readonly ListedPeer[] } | undefined;

  async function all(): Promise<readonly ListedPeer[]> {
    if (known === undefined || performance.now() - known.at > maxAgeMs) {
      const at = performance.now();
      const changesBefore = changes;
      const added = (await store.all()).map((peer): ListedPeer => ({ ...peer, origin: 'api' }));
      const peers = [...fixed, ...added].sort((a, b) => (a.aeTitle < b.aeTitle ? -1 : a.aeTitle > b.aeTitle ? 1 : 0));
      if (changes === changesBefore) known = { at, peers };
      return peers;
    }
    return known.peers;
  }

  function forget(): void {
    changes += 1;
    known = undefined;
  }

  function checkChangeable(aeTitle: string): void {
    if (!fixed.some((peer) => peer.aeTitle === aeTitle)) return;
    throw new CausewayError('conflict', `The peer ${aeTitle} is named by the configuration and is changed there.`);
  }

  /**
   * Nobody can read a passcode back, so that whoever changes something else cannot give it again. It goes nowhere else,
   * though, and not in the clear if it did not before: else whoever may change a peer could have it sent to himself.
   */
  async function put(peer: KnownPeer, by: string, { expected, dropsPasscode = false }: PeerPut = {}) {
    checkChangeable(peer.aeTitle);
    const before = (await store.all()).find(({ aeTitle }) => aeTitle === peer.aeTitle);
    const version = expected === 'any' ? before?.version : expected;
    if (expected !== undefined && version !== before?.version) throw changedMeanwhile(peer.aeTitle);
    if (expected === 'any' && before === undefined) throw changedMeanwhile(peer.aeTitle);
    const isToStay = !dropsPasscode && before?.hasPasscode === true && isWithoutPasscode(peer);
    if (isToStay && !isCalledAlike(before, peer)) {
      const message = `The passcode of ${before.user?.name} is not sent to another host or port, otherwise than by this TLS, or for another user: give it again, or an empty one to call without.`;
      throw new CausewayError('bad-request', message, { details: { parameter: 'userIdentity' } });
    }
    // Sealed anew where it can be opened: it may have been written before passcodes were.
    const kept = isToStay ? { ...peer, user: before.user } : peer;
    const written = await store.put(kept, by, {
      keepsPasscode: isToStay,
      ...(version !== undefined && { expected: version }),
    });
    forget();
    if (written === undefined) throw changedMeanwhile(peer.aeTitle);
    const hasPasscode = isToStay || peer.user?.passcode !== undefined;
    const listed: ListedPeer = { ...kept, origin: 'api', version: written.version, hasPasscode };
    return { peer: listed, isNew: written.isNew };
  }

  return {
    all,
    async get(aeTitle) {
      const named = (await all()).filter((peer) => peer.aeTitle === aeTitle);
      const found = named.find(({ port }) => port !== undefined) ?? named[0];
      if (found === undefined) throw new CausewayError('not-found', `There is no peer with the AE title ${aeTitle}.`);
      return found;
    },
    async add(peer, by) {
      const isFixed = fixed.some(({ aeTitle }) => aeTitle === peer.aeTitle);
      const added = isFixed ? undefined : await store.add(peer, by);
      forget();
      if (added === undefined) {
        throw new CausewayError('conflict', `There is a peer with the AE title ${peer.aeTitle} already.`);
      }
      return { ...peer, origin: 'api', version: added.version, hasPasscode: peer.user?.passcode !== undefined };
    },
    put,
    changes: (limit, offset) => store.changes(limit, offset),
    async remove(aeTitle, by) {
      checkChangeable(aeTitle);
      const removed = await store.delete(aeTitle, by);
      forget();
      if (!removed) throw new CausewayError('not-found', `There is no peer with the AE title ${aeTitle}.`);
    },
  };
}

function isWithoutPasscode({ user }: KnownPeer): boolean {
  return user !== undefined && user.passcode === undefined;
}

function isCalledAlike(one: KnownPeer, other: KnownPeer): boolean {
  return (
    one.host === other.host &&
    one.port === other.port &&
    isDeepStrictEqual(one.tls, other.tls) &&
    one.user?.name === other.user?.name
  );
}

function changedMeanwhile(aeTitle: string): CausewayError {
  return new CausewayError(
    'precondition-failed',
    `Somebody else has changed or removed the peer ${aeTitle} meanwhile.`,
    {
      details: { parameter: 'If-Match' },
    },
  );
}
