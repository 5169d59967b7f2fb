import type { QueryRetrieveRoot } from '../../dicom/find-query.ts';
import { writeIdentifier } from '../../dicom/identifier.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { parseRetrieveQuery, type RetrieveQuery } from '../../dicom/retrieve-query.ts';
import type { Access } from '../../peers/create-access.ts';
import type { CommandSet } from '../command/command-set.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { status, statusText } from '../command/status.ts';
import type { SendableInstance, SendingParts } from '../send-instance.ts';
import type { AssociationFacts, DimseOperation, DimseRequest, Respond } from '../service.ts';
import { beginIdentifierOperation, type IdentifierRequest } from './identifier-operation.ts';
import {
  type LookedAgain,
  runSubOperations,
  type SubOperationCounts,
  type SubOperationsResult,
} from './sub-operations.ts';

/** What is to be retrieved and who asks for it. */
export interface AskedRetrieval {
  readonly query: RetrieveQuery;
  /** As it came. */
  readonly identifier: DicomJson;
  readonly association: AssociationFacts;
  /** C-CANCEL has come, or the association is gone. */
  readonly stop: AbortSignal;
}

/** What a retrieval asks for. */
export interface FoundInstances<I> {
  readonly total: number;
  /** May be walked more than once. */
  instances(): AsyncIterable<I>;
}

/** Who has the instances that are retrieved. */
export interface RetrievalSource<I extends SendableInstance> {
  /** @throws CausewayError what finding them throws, which refuses the retrieval */
  found(asked: AskedRetrieval): Promise<FoundInstances<I>>;
  /** What has become of an instance that could not be read; left out where that cannot be told. */
  lookAgain?(instance: I): Promise<LookedAgain<I>>;
  readonly parts: SendingParts<I>;
}

/** Where instances of one retrieval go. */
export interface Receiver<I> {
  /**
   * Called while the instance before is being sent.
   * @returns what performs the C-STORE and returns its response
   * @throws CausewayError if it cannot be sent, as may what is returned
   */
  prepare(instance: I): Promise<() => Promise<CommandSet>>;
  /** Whether it is the receiver that has failed, whatever the instance. Left out where nobody is left to tell then. */
  hasFailed?(thrown: object): boolean;
  close(): Promise<void>;
}

export interface RetrievalOptions<I extends SendableInstance> {
  readonly source: RetrievalSource<I>;
  readonly access: Access;
  /** Undefined where the presentation context is not one for this operation. */
  readonly root: QueryRetrieveRoot | undefined;
  /** @param found is looked for when it is first asked for @returns the receiver, or how the request is to be refused */
  open(
    found: () => Promise<FoundInstances<I>>,
  ): Promise<Receiver<I> | { readonly status: number; readonly message: string }>;
}

/** Relational retrieval as the caller wants, nothing else. PS3.4 §C.5.2.1, §C.5.3.1. */
export function agreedRetrieval(proposed: Buffer): Buffer {
  return Buffer.from(proposed.subarray(0, 2).map((wanted, at) => (at === 0 && wanted === 1 ? 1 : 0)));
}

/** What C-MOVE and C-GET do alike: they differ in where the instances go. PS3.4 §C.4.2, §C.4.3. */
export function beginRetrieval<I extends SendableInstance>(
  request: DimseRequest,
  respond: Respond,
  options: RetrievalOptions<I>,
): DimseOperation {
  const { association, context, log } = request;

  async function retrieveAll({ root, readIdentifier, stop, gone, refuse }: IdentifierRequest): Promise<void> {
    const startedAt = performance.now();
    const identifier = readIdentifier();
    const query = parseRetrieveQuery(root, identifier);
    let finding: Promise<FoundInstances<I>> | undefined;
    const found = () => (finding ??= options.source.found({ query, identifier, association, stop }));
    const receiver = await options.open(found);
    if ('status' in receiver) return refuse(receiver.status, receiver.message);
    const report = (counts: SubOperationCounts) => respond({ status: retrieveStatus.pending, ...countsOf(counts) });
    const prepare = receiver.prepare.bind(receiver);
    const { lookAgain } = options.source;
    const isReceiver = (thrown: object) => receiver.hasFailed?.(thrown) === true;
    const result = await found()
      .then(({ total, instances }) =>
        runSubOperations({ total, instances: instances(), prepare, isReceiver, lookAgain, report, stop, gone, log }),
      )
      .finally(() => receiver.close());
    const { failedSopInstanceUids, ...counts } = result;
    const code = finalStatus(result, stop.aborted);
    log.info('A retrieval was answered.', {
      level: query.level,
      ...counts,
      status: statusText(code),
      durationMs: Math.round(performance.now() - startedAt),
    });
    // Nothing remains of what has ended, but for what was cancelled.
    const told = code === retrieveStatus.cancelled ? counts : { ...counts, remaining: 0 };
    const failed = failedSopInstanceUids.length > 0 ? [failedList(failedSopInstanceUids)] : undefined;
    await respond({ status: code, ...countsOf(told) }, failed);
  }

  function failedList(uids: readonly string[]): Buffer {
    return writeIdentifier({ '00080058': { vr: 'UI', Value: [...uids] } }, context.transferSyntaxUid);
  }

  return beginIdentifierOperation(request, respond, {
    what: 'retrieval',
    operation: 'retrieve',
    access: options.access,
    root: options.root,
    wrongContext: 'The presentation context is for another operation.',
    perform: retrieveAll,
  });
}

/** Numbers of a US; Remaining only while there are some (PS3.4 §C.4.2.1.6, §C.4.3.1.4). */
function countsOf({ remaining, completed, failed, warning }: SubOperationCounts) {
  const most = (count: number): number => Math.min(count, 0xffff);
  return {
    ...(remaining > 0 ? { numberOfRemainingSuboperations: most(remaining) } : {}),
    numberOfCompletedSuboperations: most(completed),
    numberOfFailedSuboperations: most(failed),
    numberOfWarningSuboperations: most(warning),
  };
}

/** PS3.4 tables C.4-2 and C.4-3. */
function finalStatus({ completed, failed, warning }: SubOperationsResult, cancelled: boolean): number {
  if (cancelled) return retrieveStatus.cancelled;
  if (failed === 0 && warning === 0) return status.success;
  return completed + warning === 0 ? retrieveStatus.unableToPerformSuboperations : retrieveStatus.someFailed;
}
