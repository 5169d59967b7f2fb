import { type FindQuery, parseFindQuery, type QueryRetrieveRoot } from '../../dicom/find-query.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { writeDataSet } from '../../dicom/json-writer.ts';
import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Search } from '../../search/search.ts';
import { commandField } from '../command/command-field.ts';
import { status } from '../command/status.ts';
import type { DimseOperation, DimseRequest, DimseService, Respond } from '../service.ts';
import { findMatches } from './find-matches.ts';
import { gatherIdentifier } from './gather-identifier.ts';
import type { QueryAccess } from './query-access.ts';
import { retrieveStatus, statusOfQueryError } from './retrieve-status.ts';

export interface FindServiceOptions {
  readonly search: Search;
  /** Ours, as where to retrieve from. */
  readonly aeTitle: string;
  readonly access: QueryAccess;
}

/** PS3.4 §C.6.1.3, §C.6.2.3; the last is retired. */
const rootOfSopClass: Readonly<Record<string, QueryRetrieveRoot>> = {
  '1.2.840.10008.5.1.4.1.2.1.1': 'patient',
  '1.2.840.10008.5.1.4.1.2.2.1': 'study',
  '1.2.840.10008.5.1.4.1.2.3.1': 'patient-study-only',
};

/** Query as SCP: C-FIND on the patient root and the study root, always relational. PS3.4 annex C, PS3.7 §9.1.2. */
export function createFindService(options: FindServiceOptions): DimseService {
  return {
    name: 'C-FIND',
    commandField: commandField.cFind,
    acceptsSopClass: (uid) => rootOfSopClass[uid] !== undefined,
    acceptsTransferSyntax: (uid) =>
      uid === transferSyntaxUids.explicitVrLittleEndian || uid === transferSyntaxUids.implicitVrLittleEndian,
    answerExtendedNegotiation: ({ applicationInfo }) => agreed(applicationInfo),
    begin: (request, respond) => beginFind(request, respond, options),
  };
}

/**
 * Relational queries, combined date and time, fuzzy names: as the caller wants. Time zone adjustment and conversion to
 * enhanced multi-frame: not. PS3.4 §C.5.1.1.
 */
function agreed(proposed: Buffer): Buffer {
  return Buffer.from(proposed.subarray(0, 5).map((wanted, at) => (at < 3 && wanted === 1 ? 1 : 0)));
}

function beginFind(request: DimseRequest, respond: Respond, options: FindServiceOptions): DimseOperation {
  const { context, hasDataSet, association, log } = request;
  const root = rootOfSopClass[context.abstractSyntaxUid];
  const identifier = gatherIdentifier();
  const stop = new AbortController();

  function readQuery(vrs: Parameters<typeof parseFindQuery>[0]['vrs']): FindQuery {
    const [, combinedDateTimes, fuzzyNames] = context.applicationInfo ?? [];
    return parseFindQuery({
      root: root!,
      identifier: identifier.read(context.transferSyntaxUid),
      options: { combinedDateTimes: combinedDateTimes === 1, fuzzyNames: fuzzyNames === 1 },
      vrs,
    });
  }

  async function answerMatches(): Promise<void> {
    const startedAt = performance.now();
    const query = readQuery(await options.search.extendedVrs());
    let matches = 0;
    for await (const { attributes, complete } of findMatches(options.search, query, stop.signal)) {
      const code = complete ? retrieveStatus.pending : retrieveStatus.pendingWithUnsupportedKeys;
      await respond({ status: code }, [encoded(attributes, query)]);
      matches += 1;
    }
    const cancelled = stop.signal.aborted;
    log.info('A query was answered.', {
      level: query.level,
      matches,
      ...(cancelled ? { cancelled } : {}),
      ...(query.ignored.length > 0 ? { keysNotLookedAt: query.ignored } : {}),
      durationMs: Math.round(performance.now() - startedAt),
    });
    await respond({ status: cancelled ? retrieveStatus.cancelled : status.success });
  }

  function encoded(attributes: DicomJson, { level }: FindQuery): Buffer {
    const isExplicit = context.transferSyntaxUid === transferSyntaxUids.explicitVrLittleEndian;
    const answer: DicomJson = {
      ...attributes,
      '00080052': { vr: 'CS', Value: [level === 'instance' ? 'IMAGE' : level.toUpperCase()] },
      '00080054': { vr: 'AE', Value: [options.aeTitle] },
    };
    return writeDataSet(answer, undefined, isExplicit ? 'explicit' : 'implicit');
  }

  async function refuse(code: number, message: string, tag?: string): Promise<void> {
    log.warn('A query was refused.', { status: code.toString(16).toUpperCase().padStart(4, '0'), reason: message });
    await respond({ status: code, errorComment: message, ...(tag === undefined ? {} : { offendingElement: [tag] }) });
  }

  return {
    write: identifier.write,
    async finish() {
      if (root === undefined) {
        return refuse(status.sopClassNotSupported, 'The presentation context is not one for queries.');
      }
      if (!hasDataSet) return refuse(status.mistypedArgument, 'There is no Identifier.');
      const refusal = await options.access(association);
      if (refusal !== undefined) return refuse(status.notAuthorized, refusal);
      try {
        await answerMatches();
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
