import type { DifferentContentPolicy } from './instance-index.ts';

/** What a peer may ask of us. */
export type PeerOperation = 'query' | 'retrieve' | 'store';

export interface PeerTls {
  /** Whether its certificate has to be for the host name or address by which it is called. */
  readonly checkHostName: boolean;
}

/** As whom we call a peer that wants to know (PS3.7 §D.3.3.7). */
export interface PeerUser {
  readonly name: string;
  /** Goes out to the peer; never shown or logged. */
  readonly passcode: string | undefined;
}

/** A DICOM node that somebody has made known. */
export interface KnownPeer {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  /** Where it listens, if it does. */
  readonly port: number | undefined;
  /** How it is called by TLS; undefined: without. */
  readonly tls: PeerTls | undefined;
  /** As which we call it, if not by the title of the house. */
  readonly callingAeTitle: string | undefined;
  /** Undefined: without a user identity. */
  readonly user: PeerUser | undefined;
  readonly may: readonly PeerOperation[];
  /** In which instances are sent to it, the best first; none: as they are stored, or converted to what it takes. */
  readonly transferSyntaxUids: readonly string[];
  /**
   * Which values of Specific Character Set (0008,0005) it understands, backslashes between them, the best first: in these it
   * gets answers to queries that name none, or one that lacks a character. None: UTF-8.
   */
  readonly characterSets: readonly string[];
  /** What to do with different content under a SOP Instance UID that is known; undefined: as the house does. */
  readonly onDifferentContent: DifferentContentPolicy | undefined;
  /** How instances are fetched from it; `auto`: by C-GET, and by C-MOVE to ourselves if it does not offer that. */
  readonly retrieveBy: 'auto' | 'get' | 'move';
  /** Associations that we open to it at the same time. */
  readonly maxAssociations: number;
}
