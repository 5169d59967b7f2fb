import type { Log } from '../kernel/log.ts';

/** An instance as it is to leave: after de-identification and compression. */
export interface OutgoingInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  /** Of the Part 10 file, bytes. */
  readonly size: number;
  /** Of the Part 10 file, lower-case hexadecimal. */
  readonly sha256: string;
  /** The Part 10 file; can be read again. */
  open(): AsyncIterable<Uint8Array>;
  /** How else it can be had, for a receiver that does not take it as it is. Undefined: as it is or not at all. */
  readonly otherwise?: {
    /** The better ones first. */
    readonly transferSyntaxUids: readonly string[];
    /** The Part 10 file in one of them, made as it is read. @throws CausewayError where it cannot be made */
    open(transferSyntaxUid: string): Promise<AsyncIterable<Uint8Array>>;
  };
}

/** What became of one instance at the receiver. A value, as batches succeed in part. */
export interface SendOutcome {
  readonly sopInstanceUid: string;
  /** `refused`: it will never take this one. `failed`: it may, later. */
  readonly status: 'accepted' | 'refused' | 'failed';
  /** For people: what the receiver answered, with its status code. No secret, no patient. */
  readonly answer: string;
  /** Refused because there is something under its SOP Instance UID already: that may be this one. */
  readonly isThere?: boolean;
  /** Accepted, but what the receiver has may be something else: that it confirms it proves nothing. */
  readonly inDoubt?: boolean;
  /** What has left, where that is not the file that was given but one in another transfer syntax. */
  readonly sent?: { readonly transferSyntaxUid: string; readonly size: number; readonly sha256: string };
}

export interface ConfirmOutcome {
  readonly sopInstanceUid: string;
  /** `unknown`: the receiver cannot tell yet. */
  readonly status: 'confirmed' | 'missing' | 'unknown';
  readonly answer: string;
}

/** A file that came back, as DICOM or otherwise. */
export interface Result {
  /** By which it is known not to be stored twice. */
  readonly id: string;
  readonly mediaType: string;
  /** What it is about, as the receiver knows it. */
  readonly about: {
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid?: string;
    readonly sopInstanceUid?: string;
  };
  open(): AsyncIterable<Uint8Array>;
}

/** What surrounds whatever is asked of a destination. */
export interface Sending {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Waits until so many bytes may leave. */
  readonly throttle: (bytes: number) => Promise<void>;
  /** Something happens: who sends, or asks for a long time, is not given up for hanging. */
  readonly alive?: () => void;
  /** Of what is sent: how many instances of a series, as the receiver knows it, it accepted before this send began. */
  readonly acceptedBefore?: (seriesInstanceUid: string) => Promise<number>;
}

/** What a test of the connection did, step by step, until the first that failed. */
export interface ConnectionTest {
  readonly ok: boolean;
  /** Such as "address found", "connected", "certificate trusted", "token accepted". */
  readonly steps: readonly { readonly what: string; readonly ok: boolean; readonly answer: string }[];
}

/** Where things go. Made anew when its settings change; keeps connections meanwhile. */
export interface Destination {
  /** True where a batch is to be a whole unit, as what is sent tells of it. */
  readonly wholeUnits?: boolean;
  /**
   * Sends a batch. Every instance has exactly one outcome, in any order. Sending again what was sent before leaves the
   * receiver with one copy.
   * @throws CausewayError where nothing could be sent at all and it is worth another try (`unavailable`, `timed-out`), or is
   *   not (`forbidden` for credentials that are refused, `bad-request` for settings that cannot work); the message is for people.
   *   `details.retryAfterSeconds` where the receiver says when it may be asked again
   */
  send(batch: readonly OutgoingInstance[], sending: Sending): AsyncIterable<SendOutcome>;
  /** Asks the receiver what it has. Undefined where the kind of destination cannot tell. */
  readonly confirm:
    | ((batch: readonly Omit<OutgoingInstance, 'open'>[], sending: Sending) => Promise<readonly ConfirmOutcome[]>)
    | undefined;
  /** What the receiver has made of the unit so far. Undefined where the kind of destination makes nothing. */
  readonly results: ((unit: ResultsUnit, sending: Sending) => Promise<ResultsSoFar>) | undefined;
  test(sending: Sending): Promise<ConnectionTest>;
  close(): Promise<void>;
}

/** UIDs as the receiver knows them. */
export interface ResultsUnit {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUids: readonly string[];
  readonly sopInstanceUids: readonly string[];
  /** Which of these came before, so that they need not be named again. */
  known(resultIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** SOP Instance UIDs of all of the study that ever left for there, whether it is still here or not. */
  everSent(): Promise<ReadonlySet<string>>;
}

export interface ResultsSoFar {
  /** Nothing more is to come, but for what `troubles` are about. */
  readonly complete: boolean;
  readonly results: readonly Result[];
  readonly troubles?: readonly ResultsTrouble[];
  /** False where nothing was told of any part: whether anything else would be answered, nobody knows. */
  readonly isAnswered?: boolean;
}

/** Why there is nothing of a part, or not all. */
export interface ResultsTrouble {
  /** A sentence for people that says which part it is about. */
  readonly words: string;
  /** It may be otherwise when it is asked again. */
  readonly mayPass: boolean;
}
