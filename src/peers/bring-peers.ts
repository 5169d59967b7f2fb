import { isDeepStrictEqual } from 'node:util';
import { CausewayError } from '../kernel/errors.ts';
import type { KnownPeer, Peers } from './peers.ts';

/** Peers that a file from another site brings. */
export interface BroughtPeers {
  /** Titles of those that are called as the file says only from now on, and have its passcodes no more than the file has. */
  readonly fresh: ReadonlySet<string>;
  /** What else the file brings was accepted: those that are called otherwise here are changed. */
  keep(): Promise<void>;
  /** It was not: those that were made known are forgotten. */
  undo(): Promise<void>;
}

/**
 * Makes known those that are not; those that are called alike stay as they are.
 * @param replaces whether those that are called otherwise here are to be changed
 * @throws CausewayError `conflict` naming those that are called otherwise, unless they are to be changed and can be
 */
export async function bringPeers(
  peers: Peers,
  brought: readonly KnownPeer[],
  by: string,
  replaces: boolean,
): Promise<BroughtPeers> {
  const known = await peers.all();
  const isKnown = ({ aeTitle }: KnownPeer) => known.some((one) => one.aeTitle === aeTitle);
  const isAlike = (peer: KnownPeer) => known.some((one) => one.aeTitle === peer.aeTitle && isAtSameAddress(one, peer));
  const isFixed = ({ aeTitle }: KnownPeer) =>
    known.some((one) => one.aeTitle === aeTitle && one.origin === 'configuration');
  const others = brought.filter((peer) => isKnown(peer) && !isAlike(peer));
  const refused = replaces ? others.filter(isFixed) : others;
  if (refused.length > 0) throw calledOtherwise(refused, replaces);

  const added: string[] = [];
  const undo = async () => {
    for (const aeTitle of added.splice(0)) await peers.remove(aeTitle, by);
  };
  try {
    for (const peer of brought.filter((one) => !isKnown(one))) {
      await peers.add(peer, by);
      added.push(peer.aeTitle);
    }
  } catch (thrown) {
    await undo();
    throw thrown;
  }
  return {
    fresh: new Set([...added, ...others.map(({ aeTitle }) => aeTitle)]),
    async keep() {
      for (const peer of others) await peers.put(peer, by, { dropsPasscode: true });
    },
    undo,
  };
}

function isAtSameAddress(one: KnownPeer, other: KnownPeer): boolean {
  return one.host === other.host && one.port === other.port && isDeepStrictEqual(one.tls, other.tls);
}

function calledOtherwise(refused: readonly KnownPeer[], replaces: boolean): CausewayError {
  const named = refused.map(({ aeTitle, host, port }) => `${aeTitle} at ${host}:${port ?? '-'}`).join(', ');
  const remedy = replaces
    ? 'They are named by the settings of this site, and are changed there.'
    : 'Give the file these addresses, or import it with peers=replace.';
  return new CausewayError('conflict', `The file has peers that are called otherwise here: ${named}. ${remedy}`, {
    details: { parameter: 'peers' },
  });
}
