import type { ErrorCode, ErrorDetails } from '../kernel/errors.ts';

/** Which door an instance came through, for the change feed, the log and the policy of its source. */
export interface InstanceSource {
  readonly door: 'stow' | 'dimse' | 'import' | 'publisher';
  /** Association or request id, as in the log. */
  readonly id: string;
  /** Calling AE title, where there is one. */
  readonly callingAeTitle?: string;
  /** Network address of the sender, or the path that was imported. */
  readonly address?: string;
  /** As whom the sender was let in. */
  readonly user?: string | undefined;
  /** We have fetched it from a peer for somebody who asks: it need not stay. */
  readonly isFetched?: boolean;
  /** Other content that is here under its UID stays, whatever the policy. */
  readonly neverReplaces?: boolean;
  /** C-STORE: at whose C-MOVE it comes, as the sender says. */
  readonly moveOriginatorAeTitle?: string;
  /** STOW-RS to `/studies/{study}`: instances of other studies are refused (A901). */
  readonly studyInstanceUid?: string;
  /** C-STORE: of a SOP class that was agreed on as a specialization of one that is stored. PS3.4 §B.3.1.4. */
  readonly isSpecialized?: boolean;
  /** C-STORE: what the command said; the data set must agree (A900). */
  readonly affected?: { readonly sopClassUid: string; readonly sopInstanceUid: string };
}

/** The Standard's names of an instance; those that are known when it is refused. */
export interface InstanceUids {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
}

export interface StoreWarning {
  /** Warning Reason (0008,1196): B000 coerced, B006 elements discarded, B007 data set does not match SOP class. */
  readonly reason: 0xb000 | 0xb006 | 0xb007;
  /** Attribute at fault, eight hexadecimal digits. */
  readonly tag?: string;
  readonly message: string;
}

/** What became of one instance. Values, not exceptions, because a STOW-RS request succeeds in part. */
export type InstanceOutcome =
  | ({
      /** `duplicate`: identical content was there already. `kept`: different content was there and stays. */
      readonly status: 'stored' | 'duplicate' | 'replaced' | 'kept';
      readonly warnings: readonly StoreWarning[];
    } & InstanceUids)
  | ({
      readonly status: 'refused';
      readonly code: ErrorCode;
      /** Names the attribute or the byte offset. */
      readonly message: string;
      readonly details: ErrorDetails;
    } & Partial<InstanceUids>);

/** One instance on its way in: the bytes of a Part 10 file in order, in chunks of any size. */
export interface InstanceReceiver {
  /**
   * Reads the chunk, whose memory may be used again as soon as the call is back. Never throws: refusals come out of
   * `finish`, and bytes written after the instance is refused are passed over.
   * @returns undefined if more may follow at once, else a promise to wait for
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** The bytes are complete. Resolves after the commit; `stored` is durable. Never rejects. */
  finish(): Promise<InstanceOutcome>;
  /** The sender went away: leaves nothing behind. Never rejects. */
  abort(): Promise<void>;
}

/** The one door in. */
export interface Ingest {
  receive(source: InstanceSource): InstanceReceiver;
}
