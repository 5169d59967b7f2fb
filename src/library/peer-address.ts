import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import { calledPeer } from '../dimse/scu/called-peer.ts';
import { CausewayError } from '../kernel/errors.ts';
import { parseKnownPeer, peerDefaults } from '../peers/parse-known-peer.ts';

/** A peer, with all that can be said of it. */
export interface PeerNode {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  /** Calls it by TLS; its certificate has to be for its host name unless `checkHostName` is false. */
  readonly tls?: { readonly checkHostName?: boolean };
  /** As whom we call: by name, or by name and passcode (which go in the clear without TLS). PS3.7 §D.3.3.7 */
  readonly user?: {
    readonly name: string;
    readonly passcode?: string;
    /** A peer that does not say that it accepts the user is left again: one that knows of no users says nothing. */
    readonly mustBeAccepted?: boolean;
  };
  /** Associations to it at the same time: 4 unless given. */
  readonly maxAssociations?: number;
}

/** `AETITLE@host:port`, with `/tls` behind it to be called by TLS; or the same in pieces. */
export type PeerAddress = string | PeerNode;

/** @throws CausewayError `bad-request` for what is no address */
export function peerAt(address: PeerAddress): CalledPeer {
  if (typeof address === 'string') {
    const peer = parseKnownPeer(address);
    if (peer?.port !== undefined) return calledPeer(peer);
    throw new CausewayError('bad-request', `A peer is AETITLE@host:port; "${address}" is not.`);
  }
  const { tls, user, ...peer } = address;
  const called = calledPeer({
    ...peerDefaults,
    ...peer,
    tls: tls && { checkHostName: tls.checkHostName ?? true },
    user: user && { name: user.name, passcode: user.passcode },
  });
  const responseRequested = user?.mustBeAccepted ?? false;
  return { ...called, userIdentity: called.userIdentity && { ...called.userIdentity, responseRequested } };
}
