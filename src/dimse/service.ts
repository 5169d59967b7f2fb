import type { DicomJson } from '../dicom/json-model.ts';
import type { Log } from '../kernel/log.ts';
import type { CommonExtendedNegotiation, ExtendedNegotiation, UserIdentity } from './association/associate-request.ts';
import type { OutgoingDataSet } from './association/message-writer.ts';
import type { CommandSet } from './command/command-set.ts';
import type { TlsFacts } from './tls/tls-acceptor.ts';

/** What a service may know of the association that a request came over. */
export interface AssociationFacts {
  /** As in the log. */
  readonly id: string;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  /** Network address of the peer. */
  readonly address: string;
  /** Undefined without TLS. */
  readonly tls?: TlsFacts | undefined;
  /** Whose user identity was checked and found right. PS3.7 §D.3.3.7 */
  readonly user?: string | undefined;
  /** What the caller sent, checked or not; passcodes stay behind. */
  readonly userIdentity?: Pick<UserIdentity, 'type' | 'primary'> | undefined;
}

/** A presentation context that both sides agreed on. */
export interface PresentationContext {
  readonly id: number;
  readonly abstractSyntaxUid: string;
  readonly transferSyntaxUid: string;
  /** What we answered to the caller's extended negotiation of the SOP class, if it proposed one. PS3.7 §D.3.3.5. */
  readonly applicationInfo?: Buffer;
}

/** A response to a request of ours. */
export interface Answer {
  readonly response: CommandSet;
  /** Where a data set came with it. @throws CausewayError `unavailable` if it cannot be read */
  readonly readDataSet?: () => DicomJson;
}

export interface RequestOptions {
  readonly dataSet?: OutgoingDataSet;
  /** Takes a pending response; nothing more is read from the peer until what it returns resolves. Must not throw. */
  onPending?(answer: Answer): Promise<void> | undefined;
  /**
   * Given what starts the time for a response anew, for signs of the peer's work that come another way.
   * @returns what ends it
   */
  prolong?(restart: () => void): () => void;
  /** Sends C-CANCEL; pending responses that still come are passed over. */
  readonly signal?: AbortSignal;
}

/** Requests of ours over an association, whoever opened it. */
export interface Peer {
  /** Those in which the peer is SCP. */
  readonly contexts: readonly PresentationContext[];
  /**
   * Sends a request and waits for its last response. A data set that fails on its way, or turns out odd, ends the
   * association, as half a message cannot be taken back. It is read to its end or given up (`return`), whatever happens.
   * Waits while another request of ours is unanswered.
   * @throws CausewayError `aborted` if the association ends before the response has come, with why; its cause is the error of
   * the data set, if it was that
   */
  request(contextId: number, command: CommandSet, options: RequestOptions): Promise<Answer>;
  /** The same for requests that have one response and no data set in it. */
  invoke(contextId: number, command: CommandSet, dataSet?: OutgoingDataSet): Promise<CommandSet>;
}

export interface DimseRequest {
  readonly association: AssociationFacts;
  readonly context: PresentationContext;
  /** Who sent it, for requests in the other direction. */
  readonly peer: Peer;
  readonly command: CommandSet;
  /** True if a data set follows the command. */
  readonly hasDataSet: boolean;
  /** Its lines carry the association. */
  readonly log: Log;
}

/**
 * A response but for what follows from its request (Command Field, Message ID Being Responded To, Affected SOP Class
 * UID) and from its data set (Command Data Set Type). The Error Comment may be a sentence of any length: what does not
 * fit is cut off.
 */
export type DimseResponse = Omit<CommandSet, 'commandField' | 'commandDataSetType'> & { readonly status: number };

/** Sends one response; resolves when there is room for the next. @throws CausewayError `aborted` */
export type Respond = (response: DimseResponse, dataSet?: OutgoingDataSet) => Promise<void>;

/** One request that is being served. */
export interface DimseOperation {
  /**
   * Reads bytes of the request's data set, in order, in the transfer syntax of the context; their memory may be used
   * again as soon as the call is back. Never throws.
   * @returns undefined if more may follow at once, else a promise to wait for
   */
  write?(bytes: Buffer): Promise<void> | undefined;
  /** The request is complete: performs it and sends its responses. An error answers 0110 and is logged. */
  finish(): Promise<void>;
  /** C-CANCEL-RQ: `finish` is to come to its end early. */
  cancel?(): void;
  /** The association is gone; no response can be sent any more. Leaves nothing behind. Never rejects. */
  abort?(): Promise<void>;
}

/** A DIMSE service as SCP: one file each in `scp/`. To add one, write its file and name it where the server is made. */
export interface DimseService {
  /** As the Standard calls it, for the log. */
  readonly name: string;
  /** Command Field of the requests that it serves. */
  readonly commandField: number;
  /** @param common what the caller says of the SOP class by common extended negotiation, PS3.7 §D.3.3.6 */
  acceptsSopClass(sopClassUid: string, common: CommonExtendedNegotiation | undefined): boolean;
  acceptsTransferSyntax(transferSyntaxUid: string): boolean;
  /** Whether the service sends requests of this SOP class to the caller, who is their SCP by role selection. */
  invokes?(sopClassUid: string): boolean;
  /** Service-class-application-information that answers the caller's, or undefined to answer nothing. PS3.7 §D.3.3.5. */
  answerExtendedNegotiation?(proposed: ExtendedNegotiation): Buffer | undefined;
  begin(request: DimseRequest, respond: Respond): DimseOperation;
}
