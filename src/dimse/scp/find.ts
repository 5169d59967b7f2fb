import type { CharacterSetEncoder } from '../../dicom/character-set-encoder.ts';
import { type FindQuery, parseFindQuery } from '../../dicom/find-query.ts';
import { isIdentifierSyntax, writeIdentifier } from '../../dicom/identifier.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import type { Access } from '../../peers/create-access.ts';
import type { Peers } from '../../peers/peers.ts';
import { commandField } from '../command/command-field.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { status } from '../command/status.ts';
import { rootOf } from '../query-retrieve-classes.ts';
import type { DimseOperation, DimseRequest, DimseService, Respond } from '../service.ts';
import { answerCharacterSets } from './answer-character-sets.ts';
import type { FindSource } from './find-matches.ts';
import { beginIdentifierOperation, type IdentifierRequest } from './identifier-operation.ts';

export interface FindServiceOptions {
  readonly source: FindSource;
  /** Ours, as where to retrieve from. */
  readonly aeTitle: string;
  readonly access: Access;
  readonly peers: Pick<Peers, 'all'>;
}

/** Query as SCP: C-FIND on the patient root and the study root, always relational. PS3.4 annex C, PS3.7 §9.1.2. */
export function createFindService(options: FindServiceOptions): DimseService {
  return {
    name: 'C-FIND',
    commandField: commandField.cFind,
    acceptsSopClass: (uid) => rootOf('find', uid) !== undefined,
    acceptsTransferSyntax: isIdentifierSyntax,
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
  const { association, context, log } = request;
  const { source } = options;

  async function answerMatches({ root, readEncodedIdentifier, stop }: IdentifierRequest): Promise<void> {
    const startedAt = performance.now();
    const [, combinedDateTimes, fuzzyNames] = context.applicationInfo ?? [];
    const { identifier, definedTerms } = readEncodedIdentifier();
    const query = parseFindQuery({
      root,
      identifier,
      options: { combinedDateTimes: combinedDateTimes === 1, fuzzyNames: fuzzyNames === 1 },
      vrs: await source.extendedVrs(),
    });
    const characterSets = await answerCharacterSets(options.peers, association.callingAeTitle, definedTerms);
    let matches = 0;
    for await (const { attributes, complete } of source.matches({ query, identifier, association, stop })) {
      const code = complete ? retrieveStatus.pending : retrieveStatus.pendingWithUnsupportedKeys;
      await respond({ status: code }, [encoded(attributes, query, characterSets)]);
      matches += 1;
    }
    const cancelled = stop.aborted;
    log.info('A query was answered.', {
      level: query.level,
      matches,
      ...(cancelled ? { cancelled } : {}),
      ...(query.ignored.length > 0 ? { keysNotLookedAt: query.ignored } : {}),
      durationMs: Math.round(performance.now() - startedAt),
    });
    await respond({ status: cancelled ? retrieveStatus.cancelled : status.success });
  }

  function encoded(attributes: DicomJson, { level }: FindQuery, characterSets: readonly CharacterSetEncoder[]): Buffer {
    const answer: DicomJson = {
      ...attributes,
      '00080052': { vr: 'CS', Value: [level === 'instance' ? 'IMAGE' : level.toUpperCase()] },
      '00080054': { vr: 'AE', Value: [options.aeTitle] },
    };
    return writeIdentifier(answer, context.transferSyntaxUid, characterSets);
  }

  return beginIdentifierOperation(request, respond, {
    what: 'query',
    operation: 'query',
    access: options.access,
    root: rootOf('find', context.abstractSyntaxUid),
    wrongContext: 'The presentation context is not one for queries.',
    perform: answerMatches,
  });
}
