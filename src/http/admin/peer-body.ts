import { peerDefaults } from '../../peers/parse-known-peer.ts';
import type { KnownPeer, ListedPeer } from '../../peers/peers.ts';
import type { components } from '../openapi.gen.ts';

export type PeerProperties = components['schemas']['PeerProperties'];

/** A peer as a body of the OpenAPI document says it. */
export function peerOf(aeTitle: string, { transferSyntaxes, userIdentity, ...properties }: PeerProperties): KnownPeer {
  // An empty one says that there is to be none.
  const user = userIdentity && { name: userIdentity.userName, passcode: userIdentity.passcode || undefined };
  return { ...peerDefaults, ...properties, user, aeTitle, transferSyntaxUids: transferSyntaxes ?? [] };
}

/** The body that says a peer. */
export function describedPeer({
  transferSyntaxUids,
  characterSets,
  may,
  ...peer
}: ListedPeer): components['schemas']['Peer'] {
  const { port, tls, callingAeTitle, onDifferentContent, user, version: _, hasPasscode, ...rest } = peer;
  return {
    ...rest,
    may: [...may],
    transferSyntaxes: [...transferSyntaxUids],
    characterSets: [...characterSets],
    ...(port === undefined ? {} : { port }),
    ...(tls === undefined ? {} : { tls }),
    // The passcode stays here.
    ...(user === undefined
      ? {}
      : { userIdentity: { userName: user.name, passcodeIsSet: hasPasscode ?? user.passcode !== undefined } }),
    ...(callingAeTitle === undefined ? {} : { callingAeTitle }),
    ...(onDifferentContent === undefined ? {} : { onDifferentContent }),
  };
}
