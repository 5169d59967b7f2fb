import { CausewayError } from '../../kernel/errors.ts';
import type { KnownPeer, PeerTls, PeerUser } from '../../peers/peers.ts';
import type { UserIdentity } from '../association/associate-request.ts';
import { identityType } from '../user-identity.ts';

/** Whom we call. */
export interface CalledPeer {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  /** Calls by TLS. */
  readonly tls?: PeerTls | undefined;
  /** As which we call, if not by the title of the house. */
  readonly callingAeTitle?: string | undefined;
  /** As whom we call. */
  readonly userIdentity?: UserIdentity | undefined;
  /** Associations that we open to it at the same time. */
  readonly maxAssociations: number;
}

/** @throws CausewayError `conflict` if nobody knows where the peer listens */
export function calledPeer(peer: KnownPeer): CalledPeer {
  const { port } = peer;
  if (port === undefined) throw new CausewayError('conflict', `The peer ${peer.aeTitle} has no port to call.`);
  return { ...peer, port, userIdentity: peer.user && identityOf(peer.user) };
}

/** No response is asked for: archives that check it reject who is wrong, and others give none. */
function identityOf({ name, passcode }: PeerUser): UserIdentity {
  return {
    type: passcode === undefined ? identityType.userName : identityType.userNameAndPasscode,
    responseRequested: false,
    primary: Buffer.from(name),
    secondary: Buffer.from(passcode ?? ''),
  };
}
