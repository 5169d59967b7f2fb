import { isDeepStrictEqual } from 'node:util';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { KnownPeer, Peers } from './peers.ts';

/** Peers that a file from another site brings. */
export interface BroughtPeers {
  /** Titles of those that are called as the file says only from now on, and have its passcodes no more than the file has. */
  readonly fresh: ReadonlySet<string>;
  /**
   * What else the file brings was accepted: those that are called otherwise here are changed. Never rejects, as the rest of
   * the file holds already. @returns why, by title, some are called as before
   */
  keep(): Promise<ReadonlyMap<string, string>>;
  /** It was not: those that were made known are forgotten. Never rejects, lest it hides why; who is left stands in the log. */
  undo(): Promise<void>;
}

interface BringOptions {
  readonly by: string;
  /** Whether those that are called otherwise here are to be changed. */
  readonly replaces: boolean;
  readonly log: Log;
}

/**
 * Makes known those that are not; those that are called alike stay as they are.
 * @throws CausewayError `conflict` naming those that are called otherwise, unless they are to be changed and can be
 */
export async function bringPeers(
  peers: Peers,
  brought: readonly KnownPeer[],
  { by, replaces, log }: BringOptions,
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
    for (const aeTitle of added.splice(0)) {
      await peers.remove(aeTitle, by).catch((thrown: unknown) => {
        log.warn('a peer of a file that was refused stays known', { aeTitle, error: String(thrown) });
      });
    }
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
      const unchanged = new Map<string, string>();
      for (const peer of others) {
        await peers.put(peer, by, { dropsPasscode: true }).catch((thrown: unknown) => {
          log.warn('a peer could not be changed to what a file says', { aeTitle: peer.aeTitle, error: String(thrown) });
          unchanged.set(peer.aeTitle, asCausewayError(thrown).message);
        });
      }
      return unchanged;
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
