/** Whom we call. */
export interface CalledPeer {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  /** As which we call, if not by the title of the house. */
  readonly callingAeTitle?: string | undefined;
  /** Associations that we open to it at the same time. */
  readonly maxAssociations: number;
}
