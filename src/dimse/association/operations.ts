import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { commandField, responseBit } from '../command/command-field.ts';
import { type CommandSet, decodeCommandSet, encodeCommandSet, noDataSet, withDataSet } from '../command/command-set.ts';
import { errorComment, status } from '../command/status.ts';
import type {
  AssociationFacts,
  DimseOperation,
  DimseRequest,
  DimseService,
  Peer,
  PresentationContext,
  Respond,
} from '../service.ts';
import type { MessageWriter, OutgoingDataSet } from './message-writer.ts';
import { abortReason, protocolViolation } from './pdu.ts';
import type { PduPart } from './pdu-reader.ts';

type Fragment = Extract<PduPart, { kind: 'fragment' }>;

/** The messages of one association on their way to the services. */
export interface Operations {
  /**
   * Takes the next bytes of a command or a data set.
   * @returns undefined if more may follow at once, else a promise to wait for, which rejects as the call throws
   * @throws CausewayError by `protocolViolation`
   */
  receive(fragment: Fragment): Promise<void> | undefined;
  /** Requests of ours over this association. */
  readonly peer: Peer;
  /** True if a message has begun and not ended. */
  readonly midMessage: boolean;
  /** Operations whose request is complete and whose responses are not. */
  readonly running: number;
  /** Requests of ours that the peer has and has not answered. */
  readonly awaiting: number;
  /** Resolves when no operation is running. */
  whenIdle(): Promise<void>;
  /** The association is gone. */
  abort(): void;
  /** Operations begun so far, by the service's name. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface OperationsOptions {
  readonly association: AssociationFacts;
  /** The accepted ones by their id. */
  readonly contexts: ReadonlyMap<number, PresentationContext>;
  /** Those in which the peer is SCP. */
  readonly peerContexts: readonly PresentationContext[];
  readonly services: readonly DimseService[];
  readonly writer: MessageWriter;
  /** Most operations that run at a time: the negotiated window. */
  readonly maxOperations: number;
  readonly maxCommandBytes: number;
  readonly log: Log;
  /** Called whenever an operation has ended. */
  onEnd(): void;
  /** Called whenever `awaiting` has changed. */
  onAwaiting(): void;
  /** Half of a message was sent and the rest cannot be: the association is of no more use. */
  onBroken(error: CausewayError): void;
}

interface Operation {
  readonly messageId: number;
  readonly contextId: number;
  readonly service: DimseOperation;
  readonly respond: Respond;
}

export function createOperations(options: OperationsOptions): Operations {
  const { association, contexts, writer, log } = options;
  const services = new Map(options.services.map((service) => [service.commandField, service]));
  const running = new Set<Operation>();
  const counts = new Map<string, number>();
  /** Told when an operation has ended. */
  let waiting: (() => void)[] = [];

  /** Room for a command that comes in several fragments. */
  let splitCommand: Buffer | undefined;
  let commandBytes = 0;
  let commandContextId: number | undefined;
  /** Requests of ours by their Message ID. */
  const invoked = new Map<number, { answer(response: CommandSet): void; fail(error: CausewayError): void }>();
  let lastMessageId = 0;
  let awaiting = 0;
  /** The operation whose data set is on its way. */
  let receiving: Operation | undefined;
  let ended = false;

  function receive(fragment: Fragment): Promise<void> | undefined {
    if (!contexts.has(fragment.contextId)) {
      throw unexpected(`Data came for presentation context ${fragment.contextId}, which was not accepted.`);
    }
    return fragment.isCommand ? receiveCommand(fragment) : receiveData(fragment);
  }

  function receiveCommand({ contextId, bytes, ends }: Fragment): Promise<void> | undefined {
    if (receiving !== undefined) throw unexpected('A command came before the data set of the last one was complete.');
    if (commandContextId !== undefined && commandContextId !== contextId) {
      throw unexpected('The fragments of a command came for different presentation contexts.');
    }
    if (commandBytes + bytes.length > options.maxCommandBytes) {
      throw unexpected(`A command is longer than ${options.maxCommandBytes} bytes (maxCommandBytes).`);
    }
    const whole = gatherCommand(bytes, ends);
    commandContextId = ends ? undefined : contextId;
    return whole && receiveMessage(contextId, decodeCommandSet(whole));
  }

  /** Fragments are copied: one of a single byte, or of none, must not keep the network buffer that it came in. */
  function gatherCommand(bytes: Buffer, ends: boolean): Buffer | undefined {
    if (ends && splitCommand === undefined) return bytes;
    splitCommand ??= Buffer.allocUnsafeSlow(options.maxCommandBytes);
    splitCommand.set(bytes, commandBytes);
    commandBytes += bytes.length;
    if (!ends) return undefined;
    const whole = splitCommand.subarray(0, commandBytes);
    splitCommand = undefined;
    commandBytes = 0;
    return whole;
  }

  function receiveMessage(contextId: number, command: CommandSet): Promise<void> | undefined {
    if (command.commandField === commandField.cCancel) {
      cancel(command.messageIdBeingRespondedTo);
      return undefined;
    }
    if ((command.commandField & responseBit) !== 0) {
      receiveResponse(command);
      return undefined;
    }
    const { messageId } = command;
    if (messageId === undefined) throw unexpected('A request came without Message ID (0000,0110).');
    if (running.size < options.maxOperations) {
      begin(contextId, command, messageId);
      return undefined;
    }
    return whenOneEnds().then(() => begin(contextId, command, messageId));
  }

  function receiveResponse(response: CommandSet): void {
    const waitingFor = invoked.get(response.messageIdBeingRespondedTo ?? 0);
    if (waitingFor === undefined) throw unexpected('A response came to a request that was never sent.');
    if ((response.commandDataSetType ?? noDataSet) !== noDataSet) {
      throw unexpected('A response came with a data set, which it cannot have.');
    }
    waitingFor.answer(response);
  }

  const peer: Peer = {
    contexts: options.peerContexts,
    async invoke(contextId, command, dataSet) {
      if (ended) throw associationEnded();
      const messageId = nextMessageId();
      const answered = new Promise<CommandSet>((answer, fail) => invoked.set(messageId, { answer, fail }));
      answered.catch(() => {}); // what fails while the request is being sent is told by the sending
      try {
        await send(contextId, { ...command, messageId }, dataSet);
        countAwaiting(1);
        return await answered.finally(() => countAwaiting(-1));
      } finally {
        invoked.delete(messageId);
      }
    },
  };

  async function send(contextId: number, command: CommandSet, dataSet: OutgoingDataSet | undefined): Promise<void> {
    const commandDataSetType = dataSet === undefined ? noDataSet : withDataSet;
    try {
      await writer.send(contextId, encodeCommandSet({ ...command, commandDataSetType }), dataSet);
    } catch (thrown) {
      const error = asCausewayError(thrown);
      if (error.code === 'aborted') throw error;
      options.onBroken(error);
      throw associationEnded(error);
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

  function begin(contextId: number, command: CommandSet, messageId: number): void {
    const context = contexts.get(contextId);
    if (ended || context === undefined) return;
    const hasDataSet = (command.commandDataSetType ?? noDataSet) !== noDataSet;
    const request: DimseRequest = { association, context, peer, command, hasDataSet, log };
    const respond = createRespond(request, messageId);
    const operation = { messageId, contextId, respond, service: startService(request, messageId, respond) };
    if (hasDataSet) receiving = operation;
    else run(operation);
  }

  function startService(request: DimseRequest, messageId: number, respond: Respond): DimseOperation {
    const { command } = request;
    const duplicate = [...running].some((other) => other.messageId === messageId);
    if (duplicate) return refusal(respond, status.duplicateInvocation, 'This Message ID is in use.');
    const service = services.get(command.commandField);
    if (service === undefined) {
      const field = command.commandField.toString(16).toUpperCase().padStart(4, '0');
      return refusal(respond, status.unrecognizedOperation, `Operation ${field}H is not supported.`);
    }
    counts.set(service.name, (counts.get(service.name) ?? 0) + 1);
    try {
      return service.begin(request, respond);
    } catch (thrown) {
      return { finish: () => Promise.reject(thrown) };
    }
  }

  function createRespond({ context, command }: DimseRequest, messageId: number): Respond {
    return (response, dataSet) => {
      const encoded = encodeCommandSet({
        affectedSopClassUid: command.affectedSopClassUid ?? command.requestedSopClassUid ?? context.abstractSyntaxUid,
        ...response,
        ...(response.errorComment === undefined ? {} : { errorComment: errorComment(response.errorComment) }),
        commandField: command.commandField | responseBit,
        messageIdBeingRespondedTo: messageId,
        commandDataSetType: dataSet === undefined ? noDataSet : withDataSet,
      });
      return writer.send(context.id, encoded, dataSet);
    };
  }

  function receiveData({ contextId, bytes, ends }: Fragment): Promise<void> | undefined {
    const operation = receiving;
    if (operation === undefined) throw unexpected('A data set came without a command that announces it.');
    if (operation.contextId !== contextId) throw unexpected('A data set came for another context than its command.');
    const written = bytes.length === 0 ? undefined : operation.service.write?.(bytes);
    if (!ends) return written;
    if (written === undefined) {
      endData(operation);
      return undefined;
    }
    return written.then(() => endData(operation));
  }

  function endData(operation: Operation): void {
    if (receiving !== operation) return;
    receiving = undefined;
    run(operation);
  }

  function run(operation: Operation): void {
    running.add(operation);
    operation.service
      .finish()
      .catch((thrown: unknown) => failed(operation, thrown))
      .finally(() => {
        running.delete(operation);
        const told = waiting;
        waiting = [];
        for (const tell of told) tell();
        options.onEnd();
      })
      .catch((thrown: unknown) => log.debug('A response could not be sent.', { error: thrown }));
  }

  async function failed(operation: Operation, thrown: unknown): Promise<void> {
    const error = asCausewayError(thrown);
    // The peer has gone; the line about the end of the association says so.
    if (error.code === 'aborted') return;
    log.error('A DIMSE operation failed.', { error, messageId: operation.messageId });
    await operation.respond({ status: status.processingFailure, errorComment: error.message });
  }

  function cancel(messageId: number | undefined): void {
    for (const operation of running) if (operation.messageId === messageId) operation.service.cancel?.();
  }

  function whenOneEnds(): Promise<void> {
    return new Promise((resolve) => waiting.push(resolve));
  }

  return {
    receive,
    peer,
    get midMessage() {
      return receiving !== undefined || commandContextId !== undefined;
    },
    get running() {
      return running.size;
    },
    get awaiting() {
      return awaiting;
    },
    async whenIdle() {
      while (running.size > 0) await whenOneEnds();
    },
    abort() {
      ended = true;
      for (const { service } of receiving === undefined ? running : [...running, receiving]) {
        service
          .abort?.()
          .catch((thrown: unknown) => log.error('A DIMSE operation left something behind.', { error: thrown }));
      }
      receiving = undefined;
      for (const { fail } of invoked.values()) fail(associationEnded());
    },
    counts,
  };
}

/** Passes over the data set of a request and answers why it is not served. */
function refusal(respond: Respond, code: number, message: string): DimseOperation {
  return { finish: () => respond({ status: code, errorComment: message }) };
}

function associationEnded(cause?: CausewayError): CausewayError {
  return new CausewayError('aborted', 'The association ended before the peer answered.', { cause });
}

function unexpected(message: string) {
  return protocolViolation(abortReason.unexpectedParameter, message);
}
