import { asCausewayError, type CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { commandField, responseBit } from '../command/command-field.ts';
import { type CommandSet, decodeCommandSet, noDataSet } from '../command/command-set.ts';
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
import { createInvocations } from './invocations.ts';
import { createMessageSender } from './message-sender.ts';
import type { MessageWriter } from './message-writer.ts';
import { abortReason, protocolViolation } from './pdu.ts';
import type { PduPart } from './pdu-reader.ts';
import type { Receiving } from './receiving.ts';

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
  /** A request of the peer waits for one of its others to end, and keeps what comes behind it from being read. */
  readonly crowded: boolean;
  /** Resolves when no operation is running. */
  whenIdle(): Promise<void>;
  /** The association is gone. @param why a sentence, for those who wait for answers of the peer */
  abort(why?: string): void;
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
  /** Called for every response that says that others follow, and for other signs that there will be one. */
  onPending?(): void;
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
  const { association, contexts, log } = options;
  const send = createMessageSender(options.writer, (error) => {
    ended = true;
    options.onBroken(error);
  });
  const invocations = createInvocations({ ...options, send });
  const { peer } = invocations;
  const running = new Set<Operation>();
  const counts = new Map<string, number>();
  /** Told when an operation has ended. */
  let waiting: (() => void)[] = [];

  /** Room for a command that comes in several fragments. */
  let splitCommand: Buffer | undefined;
  let commandBytes = 0;
  let commandContextId: number | undefined;
  let crowded = false;
  /** The data set that is on its way. */
  let receiving: Receiving | undefined;
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
      const taken = invocations.receive(command);
      if (taken === undefined || taken instanceof Promise) return taken;
      receiving = taken;
      return undefined;
    }
    const { messageId } = command;
    if (messageId === undefined) throw unexpected('A request came without Message ID (0000,0110).');
    if (running.size < options.maxOperations) {
      begin(contextId, command, messageId);
      return undefined;
    }
    crowded = true;
    return whenOneEnds().then(() => {
      crowded = false;
      begin(contextId, command, messageId);
    });
  }

  function begin(contextId: number, command: CommandSet, messageId: number): void {
    const context = contexts.get(contextId);
    if (ended || context === undefined) return;
    const hasDataSet = (command.commandDataSetType ?? noDataSet) !== noDataSet;
    const request: DimseRequest = { association, context, peer, command, hasDataSet, log };
    const respond = createRespond(request, messageId);
    const operation = { messageId, contextId, respond, service: startService(request, messageId, respond) };
    if (hasDataSet) receiving = receivingFor(operation);
    else run(operation);
  }

  function startService(request: DimseRequest, messageId: number, respond: Respond): DimseOperation {
    const { command } = request;
    const duplicate = [...running].some((other) => other.messageId === messageId);
    if (duplicate) return refusal(respond, status.duplicateInvocation, 'This Message ID is in use.');
    const service = serviceFor(command.commandField, request.context);
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

  /** Several services may be asked by the same command; one that is asked over none of its contexts says so itself. */
  function serviceFor(field: number, { abstractSyntaxUid }: PresentationContext): DimseService | undefined {
    const asked = options.services.filter((service) => service.commandField === field);
    return asked.find((service) => service.acceptsSopClass(abstractSyntaxUid, undefined)) ?? asked[0];
  }

  function createRespond({ context, command }: DimseRequest, messageId: number): Respond {
    return (response, dataSet) => {
      const answer = {
        affectedSopClassUid: command.affectedSopClassUid ?? command.requestedSopClassUid ?? context.abstractSyntaxUid,
        ...response,
        ...(response.errorComment === undefined ? {} : { errorComment: errorComment(response.errorComment) }),
        commandField: command.commandField | responseBit,
        messageIdBeingRespondedTo: messageId,
      };
      return send(context.id, answer, dataSet);
    };
  }

  function receivingFor(operation: Operation): Receiving {
    const { contextId, service } = operation;
    return {
      contextId,
      write: (bytes) => service.write?.(bytes),
      end() {
        run(operation);
        return undefined;
      },
      abort: async () => service.abort?.(),
    };
  }

  function receiveData({ contextId, bytes, ends }: Fragment): Promise<void> | undefined {
    const current = receiving;
    if (current === undefined) throw unexpected('A data set came without a command that announces it.');
    if (current.contextId !== contextId) throw unexpected('A data set came for another context than its command.');
    const written = bytes.length === 0 ? undefined : current.write?.(bytes);
    if (!ends) return written;
    return written === undefined ? endData(current) : written.then(() => endData(current));
  }

  function endData(current: Receiving): Promise<void> | undefined {
    if (receiving !== current) return undefined;
    receiving = undefined;
    return current.end();
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
    // The peer has gone; the line about the end of the association says so. Of another that has gone, this one waits to hear.
    if ((ended || options.writer.hasEnded) && error.code !== 'internal') {
      log.debug('A DIMSE operation failed after its association had ended.', { error, messageId: operation.messageId });
      return;
    }
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
      return invocations.awaiting;
    },
    get crowded() {
      return crowded;
    },
    async whenIdle() {
      while (running.size > 0) await whenOneEnds();
    },
    abort(why) {
      ended = true;
      for (const one of [...[...running].map(({ service }) => service), receiving]) {
        one
          ?.abort?.()
          .catch((thrown: unknown) => log.error('A DIMSE operation left something behind.', { error: thrown }));
      }
      receiving = undefined;
      invocations.end(why);
    },
    counts,
  };
}

/** Passes over the data set of a request and answers why it is not served. */
function refusal(respond: Respond, code: number, message: string): DimseOperation {
  return { finish: () => respond({ status: code, errorComment: message }) };
}

function unexpected(message: string) {
  return protocolViolation(abortReason.unexpectedParameter, message);
}
