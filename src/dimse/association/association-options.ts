import type { Activity } from '../../activity/activity.ts';
import type { Log } from '../../kernel/log.ts';
import type { AssociationAccess } from '../../peers/create-access.ts';
import type { DimseLimits } from '../limits.ts';
import type { TlsFacts } from '../tls/tls-acceptor.ts';
import type { CheckUserIdentity } from '../user-identity.ts';
import type { NegotiationPolicy } from './negotiate.ts';

/**
 * How a connection ended. `probe`: the peer closed it before a byte came, as port monitors do. `crowded-out`: nothing was
 * going on when a newer one needed its place.
 */
export type AssociationEnd =
  | 'released'
  | 'rejected'
  | 'aborted-by-peer'
  | 'aborted'
  | 'timed-out'
  | 'connection-lost'
  | 'shutdown'
  | 'crowded-out'
  | 'probe';

export interface AssociationOptions {
  /** Unique; every log line carries it. */
  readonly id: string;
  readonly policy: Omit<NegotiationPolicy, 'maxPduBytes' | 'maxOperations'>;
  readonly limits: DimseLimits;
  readonly log: Log;
  /** Is told of associations that are accepted, rejected and over. */
  readonly activity?: Pick<Activity, 'tell'> | undefined;
  /** Undefined without TLS. */
  readonly tls?: TlsFacts | undefined;
  /** Undefined where anybody may open associations. */
  readonly associationAccess?: AssociationAccess | undefined;
  /** Undefined where a user identity is of no consequence. */
  readonly checkUserIdentity?: CheckUserIdentity | undefined;
  /** What arrives on any of the server's connections lies here for as long as it is looked at. */
  readonly readBuffer: Buffer;
  /** Asked when a request has come: false rejects it by the association limit. @param address of the caller */
  admit(address: string): boolean;
  /** Called once, when the association is over. @param isConnected whether the connection takes a moment longer */
  onEnd(isConnected: boolean): void;
  /** Called once, when the connection is closed. */
  onClose(end: AssociationEnd): void;
}
