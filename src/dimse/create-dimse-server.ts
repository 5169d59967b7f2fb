import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Activity } from '../activity/activity.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { AssociationAccess } from '../peers/create-access.ts';
import { type Association, acceptAssociation } from './association/association.ts';
import { associationToYield } from './association/association-to-yield.ts';
import { type DimseLimits, defaultDimseLimits } from './limits.ts';
import { listenOn } from './listen-on.ts';
import type { DimseService } from './service.ts';
import { type ClientCertificate, createTlsAcceptor, type TlsFacts } from './tls/tls-acceptor.ts';
import type { TlsIdentity } from './tls/tls-identity.ts';
import type { CheckUserIdentity } from './user-identity.ts';

export interface DimseServerOptions {
  /** Address to listen on; `0.0.0.0` or `::` for every one. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly aeTitle: string;
  /** Refuses callers that call another AE title than ours. */
  readonly strictAeTitle: boolean;
  /** Those not given are as in `defaultDimseLimits`. */
  readonly limits?: Partial<DimseLimits>;
  /** What is served, by the Command Field of its requests. */
  readonly services: readonly DimseService[];
  /** What we show and whom we believe at the TLS port. */
  readonly tlsIdentity?: TlsIdentity;
  /** A second port, for TLS. */
  readonly tls?: { readonly host: string; readonly port: number; readonly clientCertificate: ClientCertificate };
  /** Undefined where anybody may open associations. */
  readonly associationAccess?: AssociationAccess | undefined;
  /** Undefined where a user identity is of no consequence. */
  readonly checkUserIdentity?: CheckUserIdentity | undefined;
  readonly log: Log;
  readonly metrics?: Pick<Metrics, 'associations' | 'associationsOpen'>;
  readonly activity?: Pick<Activity, 'tell'>;
}

export interface DimseServer {
  /** @throws CausewayError `unavailable` if the address cannot be listened on */
  listen(): Promise<{ readonly port: number; readonly tlsPort: number | undefined }>;
  /**
   * Takes no further connection, lets running operations end for at most `graceMs`, then aborts. Resolves when every
   * connection is closed.
   */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/** A connection, with or without an association. */
type Connection = Pick<Association, 'abort' | 'shutdown'>;

/** Read at a time, as Node itself would. */
const readBufferBytes = 65_536;

/** The DIMSE door: services as SCP over the DICOM Upper Layer. PS3.7, PS3.8. */
export function createDimseServer(options: DimseServerOptions): DimseServer {
  const { log, metrics } = options;
  const limits: DimseLimits = { ...defaultDimseLimits, ...options.limits };
  const policy = { aeTitle: options.aeTitle, strictAeTitle: options.strictAeTitle, services: options.services };

  const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  const servers = [createServer({ noDelay: true, pauseOnConnect: true }, (socket) => accept(socket))];
  if (options.tls !== undefined) servers.push(createServer({ noDelay: true }, handshaking(options.tls)));
  const connections = new Set<Connection>();
  /** Those of them that have no association yet or no more, the oldest first. */
  const pending = new Set<Connection>();
  const established = new Set<Association>();
  let whenEmpty: (() => void) | undefined;

  /** A connection counts as one that has no association until both sides have agreed on TLS, and is then accepted. */
  function handshaking({ clientCertificate }: { clientCertificate: ClientCertificate }): (socket: Socket) => void {
    if (options.tlsIdentity === undefined) throw new CausewayError('internal', 'A TLS port needs an identity.');
    const acceptTls = createTlsAcceptor({
      identity: options.tlsIdentity,
      clientCertificate,
      handshakeTimeoutMs: limits.associateTimeoutMs,
      log,
    });
    return (socket) => {
      makeRoom();
      const handshake: Connection = { abort: () => socket.destroy(), shutdown: () => socket.destroy() };
      const leave = (): void => {
        pending.delete(handshake);
        connections.delete(handshake);
        if (connections.size === 0) whenEmpty?.();
      };
      connections.add(handshake);
      pending.add(handshake);
      socket.once('close', leave);
      acceptTls(socket, (secured, facts) => {
        socket.off('close', leave);
        pending.delete(handshake);
        accept(secured, facts);
        connections.delete(handshake);
      });
    };
  }

  function accept(socket: Socket, tls?: TlsFacts): void {
    makeRoom();
    let admitted = false;
    const association = acceptAssociation(socket, {
      id: randomUUID(),
      policy,
      limits,
      readBuffer,
      log,
      activity: options.activity,
      tls,
      associationAccess: options.associationAccess,
      checkUserIdentity: options.checkUserIdentity,
      admit(address) {
        if (established.size >= limits.maxAssociations) {
          associationToYield(established, address, limits)?.abort('crowded-out');
        }
        if (established.size >= limits.maxAssociations) return false;
        admitted = true;
        established.add(association);
        pending.delete(association);
        count();
        return true;
      },
      onEnd(isConnected) {
        if (admitted && established.delete(association)) count();
        if (isConnected) pending.add(association);
      },
      onClose(end) {
        connections.delete(association);
        pending.delete(association);
        if (end !== 'probe') metrics?.associations.inc({ end });
        if (connections.size === 0) whenEmpty?.();
      },
    });
    connections.add(association);
    pending.add(association);
  }

  /** Callers send their request at once: closing the oldest that has not keeps silent peers from locking them out. */
  function makeRoom(): void {
    const [oldest] = pending;
    if (oldest === undefined || pending.size < limits.maxPendingConnections) return;
    pending.delete(oldest);
    oldest.abort('crowded-out');
  }

  function count(): void {
    metrics?.associationsOpen.set(established.size);
  }

  return {
    async listen() {
      const [plain, ...secure] = servers;
      const port = await listenOn(plain!, options, log);
      try {
        const [tlsPort] = await Promise.all(secure.map((server) => listenOn(server, options.tls ?? options, log)));
        return { port, tlsPort };
      } catch (thrown) {
        // Who is told that it does not listen does not close it.
        plain!.close();
        throw thrown;
      }
    },

    async close({ graceMs }) {
      for (const server of servers) server.close();
      const empty = new Promise<void>((resolve) => {
        whenEmpty = resolve;
        if (connections.size === 0) resolve();
      });
      const abortAll = setTimeout(() => {
        for (const association of connections) association.abort('shutdown');
      }, graceMs);
      for (const association of connections) association.shutdown();
      await empty;
      clearTimeout(abortAll);
    },
  };
}
