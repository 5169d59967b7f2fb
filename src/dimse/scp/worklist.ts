import { isIdentifierSyntax, writeIdentifier } from '../../dicom/identifier.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import type { Condition } from '../../dicom/query.ts';
import { parseWorklistQuery, worklistAnswer } from '../../dicom/worklist-query.ts';
import type { Access } from '../../peers/create-access.ts';
import type { Peers } from '../../peers/peers.ts';
import { commandField } from '../command/command-field.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { status } from '../command/status.ts';
import { modalityWorklistSopClass } from '../modality-worklist.ts';
import type { AssociationFacts, DimseOperation, DimseRequest, DimseService, Respond } from '../service.ts';
import { answerCharacterSets } from './answer-character-sets.ts';
import { beginIdentifierOperation, type IdentifierRequest } from './identifier-operation.ts';

/** Who answers queries for scheduled procedure steps. */
export interface WorklistSource {
  /** @param stop ends it before the next item @param asked the Identifier as it came, and who asks */
  find(
    conditions: readonly Condition[],
    stop: AbortSignal,
    asked: { readonly identifier: DicomJson; readonly association: AssociationFacts },
  ): AsyncIterable<{ readonly dataSet: DicomJson }>;
}

export interface WorklistServiceOptions {
  readonly worklist: WorklistSource;
  readonly access: Access;
  readonly peers: Pick<Peers, 'all'>;
}

/** Modality Worklist as SCP: C-FIND of scheduled procedure steps. PS3.4 annex K, PS3.7 §9.1.2. */
export function createWorklistService(options: WorklistServiceOptions): DimseService {
  return {
    name: 'C-FIND of the worklist',
    commandField: commandField.cFind,
    acceptsSopClass: (uid) => uid === modalityWorklistSopClass,
    acceptsTransferSyntax: isIdentifierSyntax,
    begin: (request, respond) => beginFind(request, respond, options),
  };
}

function beginFind(
  request: DimseRequest,
  respond: Respond,
  { worklist, access, peers }: WorklistServiceOptions,
): DimseOperation {
  const { association, context, log } = request;

  async function answerItems({ readEncodedIdentifier, stop }: IdentifierRequest): Promise<void> {
    const startedAt = performance.now();
    const { identifier, definedTerms } = readEncodedIdentifier();
    const { conditions, ignored } = parseWorklistQuery(identifier);
    const code = ignored.length === 0 ? retrieveStatus.pending : retrieveStatus.pendingWithUnsupportedKeys;
    const characterSets = await answerCharacterSets(peers, association.callingAeTitle, definedTerms);
    let items = 0;
    for await (const { dataSet } of worklist.find(conditions, stop, { identifier, association })) {
      await respond({ status: code }, [
        writeIdentifier(worklistAnswer(identifier, dataSet), context.transferSyntaxUid, characterSets),
      ]);
      items += 1;
    }
    const cancelled = stop.aborted;
    log.info('The worklist was asked.', {
      items,
      ...(cancelled ? { cancelled } : {}),
      ...(ignored.length > 0 ? { keysNotLookedAt: ignored } : {}),
      durationMs: Math.round(performance.now() - startedAt),
    });
    await respond({ status: cancelled ? retrieveStatus.cancelled : status.success });
  }

  return beginIdentifierOperation(request, respond, {
    what: 'query',
    operation: 'query',
    access,
    // The model has no levels and one root.
    root: context.abstractSyntaxUid === modalityWorklistSopClass ? 'patient' : undefined,
    wrongContext: 'The presentation context is not one for the worklist.',
    perform: answerItems,
  });
}
