import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { PeerTls } from '../../peers/peers.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';

/** A connection on its way, and the event that says that it can be used. */
export interface Dialled {
  readonly socket: Socket;
  readonly isReady: 'connect' | 'secureConnect';
}

interface Callee {
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  readonly tls?: PeerTls | undefined;
}

/** Calls a peer, by TLS where it is known to want that: never without because it does not answer so. */
export async function dial({ host, port, tls }: Callee, identity: TlsIdentity | undefined): Promise<Dialled> {
  const address = { host, port, noDelay: true, keepAlive: true };
  if (tls === undefined) return { socket: connect(address), isReady: 'connect' };
  const socket = connectTls({
    ...(await identity?.current()),
    ...address,
    // A server name is never an address, RFC 6066 §3.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.checkHostName ? {} : { checkServerIdentity: () => undefined }),
  });
  return { socket, isReady: 'secureConnect' };
}
