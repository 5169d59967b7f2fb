import { CausewayError } from '../../kernel/errors.ts';
import type { KnownPeer, PeerTls } from '../../peers/peers.ts';

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
  /** Associations that we open to it at the same time. */
  readonly maxAssociations: number;
}

/** @throws CausewayError `conflict` if nobody knows where the peer listens */
export function calledPeer(peer: KnownPeer): CalledPeer {
  const { port } = peer;
  if (port === undefined) throw new CausewayError('conflict', `The peer ${peer.aeTitle} has no port to call.`);
  return { ...peer, port };
}
