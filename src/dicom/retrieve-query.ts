import { CausewayError } from '../kernel/errors.ts';
import { type FindLevel, levelIn, type QueryRetrieveRoot } from './find-query.ts';
import type { DicomJson } from './json-model.ts';
import { textValues, trimmed } from './match-values.ts';
import { hasWildcard } from './match-wildcard.ts';
import type { Condition } from './query.ts';
import { nameOfPath } from './query-attribute.ts';
import { conditionsOf, type QueryKey } from './query-conditions.ts';

/** What a C-MOVE or C-GET request asks for. */
export interface RetrieveQuery {
  readonly level: FindLevel;
  /** By unique keys alone. */
  readonly conditions: readonly Condition[];
}

const patientId = '00100020';
const keyOfLevel: Readonly<Record<FindLevel, string>> = {
  patient: patientId,
  study: '0020000D',
  series: '0020000E',
  instance: '00080018',
};
const uniqueKeys: readonly string[] = [patientId, '0020000D', '0020000E', '00080018'];

/**
 * Reads the Identifier of a C-MOVE or C-GET request. The unique key of the level must have a value; those above narrow
 * the request, other keys do not count, nor do those below.
 * @throws CausewayError `bad-request` with `details.tag`
 * @see PS3.4 §C.4.2.1.4, §C.4.3.1.3
 */
export function parseRetrieveQuery(root: QueryRetrieveRoot, identifier: DicomJson): RetrieveQuery {
  const level = levelIn(identifier, root);
  const keys = keysDownTo(level).flatMap((tag): QueryKey[] => {
    const value = textValues(identifier[tag]).join('\\');
    const name = nameOfPath([tag]);
    return trimmed(value) === '' ? [] : [{ path: [tag], vr: tag === patientId ? 'LO' : 'UI', value, name }];
  });
  const needed = keyOfLevel[level];
  if (!keys.some(({ path: [tag] }) => tag === needed)) throw wrong(needed, 'is missing: nothing says what to retrieve');
  const id = keys.find(({ path: [tag] }) => tag === patientId);
  if (id !== undefined && (hasWildcard(id.value) || id.value.includes('\\'))) {
    throw wrong(patientId, 'must be one value without wildcards');
  }
  const options = { fuzzyNames: false, emptyValues: false, multipleValues: false, combinedDateTimes: false };
  try {
    return { level, conditions: conditionsOf(keys, options) };
  } catch (thrown) {
    if (!(thrown instanceof CausewayError)) throw thrown;
    throw new CausewayError(thrown.code, thrown.message, { cause: thrown, details: { tag: needed } });
  }
}

/** A key below the level says nothing of what is asked for, wherever a client left it in. PS3.4 §C.4.2.2.1 */
function keysDownTo(level: FindLevel): readonly string[] {
  return uniqueKeys.slice(0, uniqueKeys.indexOf(keyOfLevel[level]) + 1);
}

function wrong(tag: string, what: string): CausewayError {
  return new CausewayError('bad-request', `${nameOfPath([tag])} ${what}.`, { details: { tag } });
}
