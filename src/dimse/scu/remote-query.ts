import type { QueryRetrieveRoot } from '../../dicom/find-query.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { ExtendedNegotiation, ProposedContext } from '../association/associate-request.ts';
import { type QueryRetrieveOperation, sopClassOf } from '../query-retrieve-classes.ts';
import type { PresentationContext } from '../service.ts';
import { numberedContexts } from './numbered-contexts.ts';

/** The information models that we ask by, the better first: the patient root wants Patient ID with every query. */
const roots = ['study', 'patient'] as const;

/** Explicit VR keeps the VR of private keys. */
const syntaxes = [transferSyntaxUids.explicitVrLittleEndian, transferSyntaxUids.implicitVrLittleEndian];

/** The operation in both information models, as contexts that have no ids yet. */
export function queryProposals(operation: QueryRetrieveOperation): Omit<ProposedContext, 'id'>[] {
  return roots.map((root) => ({ abstractSyntaxUid: sopClassOf(operation, root), transferSyntaxUids: syntaxes }));
}

/** Proposes the operation in both information models. */
export function queryContexts(operation: QueryRetrieveOperation): ProposedContext[] {
  return numberedContexts(queryProposals(operation));
}

/** Proposes C-FIND without the unique keys of the levels above, which an archive need not answer else. PS3.4 §C.5.1.1 */
export const relationalQueries: readonly ExtendedNegotiation[] = roots.map((root) => ({
  sopClassUid: sopClassOf('find', root),
  applicationInfo: Buffer.of(1),
}));

/** Whether the peer takes such queries in the model that it is asked in. */
export function takesRelational(root: QueryRetrieveRoot, agreed: readonly ExtendedNegotiation[]): boolean {
  return agreed.some(
    ({ sopClassUid, applicationInfo }) => sopClassUid === sopClassOf('find', root) && applicationInfo[0] === 1,
  );
}

/** Whether a query leaves out a unique key of a level above its own. */
export function isRelational(identifier: DicomJson): boolean {
  const [level] = textValues(identifier['00080052']);
  const lacks = (tag: string) => textValues(identifier[tag]).every((value) => value === '');
  if (level === 'SERIES') return lacks('0020000D');
  return level === 'IMAGE' && (lacks('0020000D') || lacks('0020000E'));
}

const commandNames = { find: 'C-FIND', move: 'C-MOVE', get: 'C-GET' } as const;

/** @throws CausewayError `sop-class-unsupported` if the peer took the operation in no model */
export function queryContext(
  operation: QueryRetrieveOperation,
  accepted: readonly PresentationContext[],
): { readonly root: QueryRetrieveRoot; readonly context: PresentationContext } {
  for (const root of roots) {
    const context = accepted.find(({ abstractSyntaxUid }) => abstractSyntaxUid === sopClassOf(operation, root));
    if (context !== undefined) return { root, context };
  }
  throw new CausewayError('sop-class-unsupported', `The peer does not offer ${commandNames[operation]}.`);
}
