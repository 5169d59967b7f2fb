/** Bounds of everything that a peer can make grow or last. */
export interface DimseLimits {
  /** Associations open at a time; one more is rejected with 2/3/2, so that the caller tries again. */
  readonly maxAssociations: number;
  /**
   * Once all of them are in use, the association that has been idle for longest, and for at least so long, is aborted for
   * a caller who needs its place. One of an address that has more than the caller's own gives way at once.
   */
  readonly yieldIdleMs: number;
  /** The same for an association over which nothing was ever asked: callers ask at once. */
  readonly yieldUnusedMs: number;
  /** Connections at a time that have not sent an A-ASSOCIATE-RQ; one more closes the oldest. */
  readonly maxPendingConnections: number;
  /** Longest P-DATA-TF variable field that we announce and take, in bytes. */
  readonly maxPduBytes: number;
  /** Longest A-ASSOCIATE-RQ variable field, in bytes. */
  readonly maxAssociatePduBytes: number;
  /** Longest command (group 0000), in bytes. */
  readonly maxCommandBytes: number;
  /** Operations of one association that run at a time, where the caller negotiates an asynchronous window. */
  readonly maxOperations: number;
  /** How long a new connection may take until its A-ASSOCIATE-RQ is complete (ARTIM of PS3.8 §9.1.5). */
  readonly associateTimeoutMs: number;
  /** How long an association may lie idle between two messages. */
  readonly idleTimeoutMs: number;
  /** How long a peer may send next to nothing in the middle of a message. */
  readonly receiveTimeoutMs: number;
  /** How long a peer may take nothing of what is sent to it. */
  readonly sendTimeoutMs: number;
  /** How long a peer may take to answer a request of ours, once it has it. */
  readonly responseTimeoutMs: number;
  /** How long a peer may take to close the connection after release, rejection or abort (ARTIM). */
  readonly closeTimeoutMs: number;
}

/** Limits of how long a peer is waited for. */
export type TimeLimit = Extract<keyof DimseLimits, `${string}TimeoutMs`>;

export const defaultDimseLimits: DimseLimits = {
  maxAssociations: 100,
  yieldIdleMs: 60_000,
  yieldUnusedMs: 5_000,
  maxPendingConnections: 256,
  maxPduBytes: 128 * 1024,
  maxAssociatePduBytes: 128 * 1024,
  maxCommandBytes: 64 * 1024,
  maxOperations: 8,
  associateTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
  receiveTimeoutMs: 60_000,
  sendTimeoutMs: 60_000,
  responseTimeoutMs: 300_000,
  closeTimeoutMs: 5_000,
};
