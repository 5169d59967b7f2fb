import type { DicomJson } from '../../dicom/json-model.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { commandField } from '../command/command-field.ts';
import { type CommandSet, noDataSet } from '../command/command-set.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { gatherIdentifier } from '../gather-identifier.ts';
import type { Answer, Peer, PresentationContext, RequestOptions } from '../service.ts';
import { giveUp, type SendMessage } from './message-sender.ts';
import { abortReason, protocolViolation } from './pdu.ts';
import type { Receiving } from './receiving.ts';

/** Requests of ours over one association, each until its last response has come. */
export interface Invocations {
  readonly peer: Peer;
  /** Those that the peer has and has not answered. */
  readonly awaiting: number;
  /**
   * Takes the command of a response.
   * @returns where its data set goes, if one follows; else undefined or a promise if it has to be waited for
   * @throws CausewayError by `protocolViolation`
   */
  receive(response: CommandSet): Receiving | Promise<void> | undefined;
  /** The association is gone. @param why a sentence, where there is one */
  end(why: string | undefined): void;
}

export interface InvocationsOptions {
  readonly send: SendMessage;
  /** The accepted ones by their id. */
  readonly contexts: ReadonlyMap<number, PresentationContext>;
  /** Those in which the peer is SCP. */
  readonly peerContexts: readonly PresentationContext[];
  /** Called whenever `awaiting` has changed. */
  onAwaiting(): void;
  /** Called for every response that says that others follow, and for other signs that there will be one. */
  onPending?(): void;
}

/** A request of ours whose last response has not come. */
interface Invoked {
  readonly contextId: number;
  pending(answer: Answer): Promise<void> | undefined;
  last(answer: Answer): void;
  fail(error: CausewayError): void;
}

/** Pending, and pending with keys that are not supported: further responses follow. PS3.7 §C.4. */
const pendingStatuses: ReadonlySet<number> = new Set([
  retrieveStatus.pending,
  retrieveStatus.pendingWithUnsupportedKeys,
]);

/**
 * One request at a time: no more of ours than one may be unanswered, whatever window the peer has for its own (PS3.7
 * §D.3.3.3), as we never ask for more and, asked, agree to one.
 */
export function createInvocations({ send, contexts, peerContexts, ...options }: InvocationsOptions): Invocations {
  /** By their Message ID. */
  const invoked = new Map<number, Invoked>();
  /** Those whose turn has not come, in the order in which they came. */
  const queue: (() => void)[] = [];
  let isTaken = false;
  let lastMessageId = 0;
  let awaiting = 0;
  /** Why, as far as it is known. */
  let ended: { readonly why: string | undefined } | undefined;

  async function request(contextId: number, command: CommandSet, how: RequestOptions): Promise<Answer> {
    if (isTaken) await new Promise<void>((enter) => queue.push(enter));
    isTaken = true;
    try {
      return await perform(contextId, command, how);
    } finally {
      const next = queue.shift();
      // Who waits takes over the turn.
      if (next === undefined) isTaken = false;
      else next();
    }
  }

  async function perform(
    contextId: number,
    command: CommandSet,
    { dataSet, onPending, prolong, signal }: RequestOptions,
  ): Promise<Answer> {
    if (ended !== undefined) {
      await giveUp(dataSet);
      throw associationEnded(ended.why);
    }
    const messageId = nextMessageId();
    const answered = new Promise<Answer>((last, fail) => {
      const pending = (answer: Answer) => (signal?.aborted ? undefined : onPending?.(answer));
      invoked.set(messageId, { contextId, pending, last, fail });
    });
    answered.catch(() => {}); // what fails while the request is being sent is told by the sending
    const cancel = (): void => {
      const command = { commandField: commandField.cCancel, messageIdBeingRespondedTo: messageId };
      send(contextId, command, undefined).catch(() => {}); // the association has ended, and with it the request
    };
    const unprolong = prolong?.(() => options.onPending?.());
    try {
      await send(contextId, { ...command, messageId }, dataSet);
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
      countAwaiting(1);
      return await answered.finally(() => countAwaiting(-1));
    } finally {
      unprolong?.();
      signal?.removeEventListener('abort', cancel);
      invoked.delete(messageId);
    }
  }

  function countAwaiting(change: 1 | -1): void {
    awaiting += change;
    options.onAwaiting();
  }

  function nextMessageId(): number {
    lastMessageId = (lastMessageId % 65_535) + 1;
    return lastMessageId;
  }

  return {
    peer: {
      contexts: peerContexts,
      request,
      async invoke(contextId, command, dataSet) {
        return (await request(contextId, command, dataSet === undefined ? {} : { dataSet })).response;
      },
    },
    get awaiting() {
      return awaiting;
    },
    receive(response) {
      const request = invoked.get(response.messageIdBeingRespondedTo ?? 0);
      if (request === undefined) {
        const message = 'A response came to a request that was never sent.';
        throw protocolViolation(abortReason.unexpectedParameter, message);
      }
      const answer = (readDataSet?: () => DicomJson): Promise<void> | undefined => {
        const answered: Answer = readDataSet === undefined ? { response } : { response, readDataSet };
        if (pendingStatuses.has(response.status ?? 0)) {
          options.onPending?.();
          return request.pending(answered);
        }
        request.last(answered);
        return undefined;
      };
      if ((response.commandDataSetType ?? noDataSet) === noDataSet) return answer();
      const { contextId } = request;
      const { write, read } = gatherIdentifier();
      const transferSyntaxUid = contexts.get(contextId)?.transferSyntaxUid ?? '';
      return { contextId, write, end: () => answer(() => readable(() => read(transferSyntaxUid))) };
    },
    end(why) {
      ended ??= { why };
      for (const { fail } of invoked.values()) fail(associationEnded(ended.why));
    },
  };
}

/** What is wrong with an answer is the peer's, not that of whoever had it asked. */
function readable(read: () => DicomJson): DicomJson {
  try {
    return read();
  } catch (thrown) {
    const cause = asCausewayError(thrown);
    if (cause.code === 'internal') throw cause;
    throw new CausewayError('unavailable', `The peer's answer cannot be read: ${cause.message}`, { cause });
  }
}

function associationEnded(why: string | undefined): CausewayError {
  const message = 'The association ended before the peer answered';
  return new CausewayError('aborted', why === undefined ? `${message}.` : `${message}: ${why}`);
}
