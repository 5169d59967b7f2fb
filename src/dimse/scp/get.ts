import type { QueryRetrieveRoot } from '../../dicom/find-query.ts';
import { writeDataSet } from '../../dicom/json-writer.ts';
import { parseRetrieveQuery } from '../../dicom/retrieve-query.ts';
import { storageSopClass } from '../../dicom/storage-sop-classes.ts';
import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import { commandField } from '../command/command-field.ts';
import { status } from '../command/status.ts';
import { sendInstance } from '../send-instance.ts';
import type { DimseOperation, DimseRequest, DimseService, Respond } from '../service.ts';
import { gatherIdentifier } from './gather-identifier.ts';
import type { QueryAccess } from './query-access.ts';
import { retrieveStatus, statusOfQueryError } from './retrieve-status.ts';
import { runSubOperations, type SubOperationCounts, type SubOperationsResult } from './sub-operations.ts';

export interface GetServiceOptions {
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly access: QueryAccess;
  /** UIDs of private storage SOP classes besides those of the Standard. */
  readonly privateSopClassUids: readonly string[];
}

/** PS3.4 §C.6.1.3, §C.6.2.3; the last is retired. */
const rootOfSopClass: Readonly<Record<string, QueryRetrieveRoot>> = {
  '1.2.840.10008.5.1.4.1.2.1.3': 'patient',
  '1.2.840.10008.5.1.4.1.2.2.3': 'study',
  '1.2.840.10008.5.1.4.1.2.3.3': 'patient-study-only',
};

/**
 * Retrieval as SCP over the caller's own association: C-GET. Instances go to the caller by C-STORE in the presentation
 * contexts for which it took the role of an SCP. PS3.4 §C.4.3, PS3.7 §9.1.3.
 */
export function createGetService(options: GetServiceOptions): DimseService {
  const privateSopClassUids = new Set(options.privateSopClassUids);
  return {
    name: 'C-GET',
    commandField: commandField.cGet,
    acceptsSopClass: (uid) => rootOfSopClass[uid] !== undefined,
    acceptsTransferSyntax: (uid) =>
      uid === transferSyntaxUids.explicitVrLittleEndian || uid === transferSyntaxUids.implicitVrLittleEndian,
    invokes: (uid) => storageSopClass(uid) !== undefined || privateSopClassUids.has(uid),
    answerExtendedNegotiation: ({ applicationInfo }) => relational(applicationInfo),
    begin: (request, respond) => beginGet(request, respond, options),
  };
}

/** Relational retrieval as the caller wants, nothing else. PS3.4 §C.5.2.1. */
function relational(proposed: Buffer): Buffer {
  return Buffer.from(proposed.subarray(0, 2).map((wanted, at) => (at === 0 && wanted === 1 ? 1 : 0)));
}

function beginGet(request: DimseRequest, respond: Respond, options: GetServiceOptions): DimseOperation {
  const { context, hasDataSet, association, peer, command, log } = request;
  const root = rootOfSopClass[context.abstractSyntaxUid];
  const identifier = gatherIdentifier();
  const stop = new AbortController();

  async function retrieveAll(): Promise<void> {
    const startedAt = performance.now();
    const query = parseRetrieveQuery(root!, identifier.read(context.transferSyntaxUid));
    const { failedSopInstanceUids, ...counts } = await runSubOperations({
      search: options.search,
      retrieve: options.retrieve,
      query,
      store: (instance) => sendInstance(peer, options.retrieve, instance, { priority: command.priority ?? 0 }),
      report: (so) => respond({ status: retrieveStatus.pending, ...countsOf(so) }),
      stop: stop.signal,
      log,
    });
    const result = { ...counts, failedSopInstanceUids };
    const code = finalStatus(result, stop.signal.aborted);
    log.info('A retrieval was answered.', {
      level: query.level,
      ...counts,
      status: code.toString(16).toUpperCase().padStart(4, '0'),
      durationMs: Math.round(performance.now() - startedAt),
    });
    const failed = failedSopInstanceUids.length > 0 ? [failedList(failedSopInstanceUids)] : undefined;
    await respond({ status: code, ...countsOf(counts, code === retrieveStatus.cancelled) }, failed);
  }

  function failedList(uids: readonly string[]): Buffer {
    const isExplicit = context.transferSyntaxUid === transferSyntaxUids.explicitVrLittleEndian;
    return writeDataSet(
      { '00080058': { vr: 'UI', Value: [...uids] } },
      undefined,
      isExplicit ? 'explicit' : 'implicit',
    );
  }

  async function refuse(code: number, message: string, tag?: string): Promise<void> {
    log.warn('A retrieval was refused.', { status: code.toString(16).toUpperCase().padStart(4, '0'), reason: message });
    await respond({ status: code, errorComment: message, ...(tag === undefined ? {} : { offendingElement: [tag] }) });
  }

  return {
    write: identifier.write,
    async finish() {
      if (root === undefined) {
        return refuse(status.sopClassNotSupported, 'The presentation context is not one for C-GET.');
      }
      if (!hasDataSet) return refuse(status.mistypedArgument, 'There is no Identifier.');
      const refusal = await options.access(association);
      if (refusal !== undefined) return refuse(status.notAuthorized, refusal);
      try {
        await retrieveAll();
      } catch (thrown) {
        const code = thrown instanceof CausewayError ? statusOfQueryError[thrown.code] : undefined;
        if (code === undefined) throw thrown;
        const { message, details } = thrown as CausewayError;
        await refuse(code, message, typeof details.tag === 'string' ? details.tag : undefined);
      }
    },
    cancel: () => stop.abort(),
    async abort() {
      stop.abort();
    },
  };
}

/** Numbers of an US; Remaining only while there are some (PS3.4 §C.4.3.1.4). */
function countsOf({ remaining, completed, failed, warning }: SubOperationCounts, isCancelled = true) {
  const most = (count: number): number => Math.min(count, 0xffff);
  return {
    ...(remaining > 0 && isCancelled ? { numberOfRemainingSuboperations: most(remaining) } : {}),
    numberOfCompletedSuboperations: most(completed),
    numberOfFailedSuboperations: most(failed),
    numberOfWarningSuboperations: most(warning),
  };
}

/** PS3.4 table C.4-3. */
function finalStatus({ completed, failed, warning }: SubOperationsResult, cancelled: boolean): number {
  if (cancelled) return retrieveStatus.cancelled;
  if (failed === 0 && warning === 0) return status.success;
  return completed + warning === 0 ? retrieveStatus.unableToPerformSuboperations : retrieveStatus.someFailed;
}
