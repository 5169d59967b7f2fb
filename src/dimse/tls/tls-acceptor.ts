import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Log } from '../../kernel/log.ts';
import { certificateRefusalInWords, subjectInWords, tlsFailureInWords } from './tls-failure.ts';
import type { TlsIdentity } from './tls-identity.ts';

/** Whether callers have to show a certificate, may, or are not asked for one. One that is shown has to be sound. */
export const clientCertificates = ['required', 'requested', 'none'] as const;
export type ClientCertificate = (typeof clientCertificates)[number];

/** What TLS tells of a connection. */
export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  /** Subject of the certificate that the peer showed. */
  readonly certificate?: string;
}

export interface TlsAcceptorOptions {
  readonly identity: TlsIdentity;
  readonly clientCertificate: ClientCertificate;
  readonly handshakeTimeoutMs: number;
  readonly log: Log;
}

/** What becomes of a connection: `secured` with its TLS socket, or it is closed without. */
export type AcceptTls = (socket: Socket, secured: (socket: TLSSocket, facts: TlsFacts) => void) => void;

/** Makes TLS connections of those that were accepted. PS3.15 §B.12, PS3.8 §9.1.1. */
export function createTlsAcceptor(options: TlsAcceptorOptions): AcceptTls {
  const { identity, clientCertificate, log } = options;
  /** Connections on their way to TLS. */
  const shaking = new Map<string, { raw: Socket; secured: Parameters<AcceptTls>[1] }>();
  let material: SecureContextOptions | undefined;
  const server = createServer({
    requestCert: clientCertificate !== 'none',
    // A certificate that is not sound is refused by ourselves, as OpenSSL does not say why.
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeTimeoutMs,
  });

  server.on('secureConnection', (socket) => {
    const secured = shaking.get(nameOf(socket))?.secured;
    const refusal = refusalOf(socket);
    if (secured === undefined || refusal !== undefined) {
      refuse(socket, refusal ?? 'The connection is gone.', subjectInWords(socket.getPeerCertificate()));
      socket.destroy();
      return;
    }
    secured(socket, factsOf(socket));
  });
  server.on('tlsClientError', (error, socket) => {
    const why = tlsFailureInWords(error) ?? error.message;
    // As port monitors do.
    if (shaking.get(nameOf(socket))?.raw.bytesRead === 0)
      log.debug('Connection closed.', { address: socket.remoteAddress, end: 'probe' });
    else refuse(socket, `There is no TLS with the peer: ${why}.`);
  });

  function refusalOf(socket: TLSSocket): string | undefined {
    if (clientCertificate === 'none' || socket.authorized) return undefined;
    const certificate = socket.getPeerCertificate();
    const isShown = Object.keys(certificate).length > 0;
    if (!isShown && clientCertificate === 'requested') return undefined;
    return certificateRefusalInWords(certificate, String(socket.authorizationError));
  }

  function refuse(socket: TLSSocket, reason: string, certificate?: string): void {
    log.warn('A TLS connection was refused.', {
      address: socket.remoteAddress,
      reason,
      ...(certificate === undefined ? {} : { certificate }),
    });
  }

  return (socket, secured) => {
    const name = nameOf(socket);
    shaking.set(name, { raw: socket, secured });
    socket.on('close', () => shaking.delete(name));
    socket.on('error', () => {}); // told as that of the TLS connection
    identity
      .current()
      .then((newest) => {
        if (newest !== material) server.setSecureContext(newest);
        material = newest;
        if (!socket.destroyed) server.emit('connection', socket);
      })
      .catch((thrown: unknown) => {
        log.error('There is no TLS to offer; the connection was closed.', {
          address: socket.remoteAddress,
          error: thrown,
        });
        socket.destroy();
      });
  };
}

/** One address has one connection from each of its ports. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = subjectInWords(socket.getPeerCertificate());
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    ...(certificate === undefined ? {} : { certificate }),
  };
}
