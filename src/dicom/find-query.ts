import { CausewayError } from '../kernel/errors.ts';
import type { DicomJson, DicomJsonElement, Vr } from './json-model.ts';
import { valueText } from './json-writer.ts';
import { textValues, timezoneOffset } from './match-values.ts';
import type { AttributePath, Condition, QueryLevel } from './query.ts';
import { nameOfPath } from './query-attribute.ts';
import { conditionsOf, type MatchingOptions, type QueryKey } from './query-conditions.ts';
import { levelOf } from './query-levels.ts';

/** The information models of PS3.4 §C.3, the retired one that ends with the study among them. */
export type QueryRetrieveRoot = 'patient' | 'study' | 'patient-study-only';

export type FindLevel = 'patient' | QueryLevel;

export interface FindRequest {
  readonly root: QueryRetrieveRoot;
  readonly identifier: DicomJson;
  /** As negotiated (PS3.4 §C.5.1.1). */
  readonly options: Pick<MatchingOptions, 'fuzzyNames' | 'combinedDateTimes'>;
  /** VRs of attributes that the dictionary does not know, by tag. */
  readonly vrs: ReadonlyMap<string, Vr>;
}

export interface FindQuery {
  readonly level: FindLevel;
  /** A search for patients is one for studies by what they tell of their patient. */
  readonly conditions: readonly Condition[];
  /** Every attribute that the Identifier holds, with the unique keys of the level and those above. */
  readonly include: readonly AttributePath[];
  /** Keys with a value that were not looked at, by name. */
  readonly ignored: readonly string[];
}

const queryRetrieveLevel = '00080052';

const levelOfTerm: Readonly<Record<string, FindLevel>> = {
  PATIENT: 'patient',
  STUDY: 'study',
  SERIES: 'series',
  IMAGE: 'instance',
};

/** PS3.4 §C.3.1, §C.3.2. */
const termsOfRoot: Readonly<Record<QueryRetrieveRoot, readonly string[]>> = {
  patient: ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'],
  study: ['STUDY', 'SERIES', 'IMAGE'],
  'patient-study-only': ['PATIENT', 'STUDY'],
};

/** Unique keys (PS3.4 §C.3.1, §C.3.2), from the level up. */
const uniqueKeys: Readonly<Record<FindLevel, readonly string[]>> = {
  patient: ['00100020'],
  study: ['0020000D'],
  series: ['0020000D', '0020000E'],
  instance: ['0020000D', '0020000E', '00080018'],
};

/** What an Identifier says of itself: character set, level, where to retrieve from, time zone. */
const notKeys: ReadonlySet<string> = new Set(['00080005', queryRetrieveLevel, '00080053', '00080054', '00080201']);

/**
 * Reads the Identifier of a C-FIND request. Keys of levels above the one that is searched narrow the search, too: every
 * query may be relational.
 * @throws CausewayError `bad-request` with `details.tag` of the attribute that is wrong
 * @see PS3.4 §C.4.1.1.3
 */
export function parseFindQuery({ root, identifier, options, vrs }: FindRequest): FindQuery {
  const level = levelIn(identifier, root);
  const keys: QueryKey[] = [];
  const include = new Map<string, AttributePath>(
    [...uniqueKeys[level], ...(root === 'study' ? [] : uniqueKeys.patient)].map((tag) => [tag, [tag]]),
  );
  const ignored: string[] = [];
  for (const { path, element } of attributesIn(identifier)) {
    include.set(path.join('.'), path);
    const value = keyText(element);
    if (value === '') continue;
    const vr = element.vr === 'UN' ? (vrs.get(path[0]) ?? 'UN') : element.vr;
    if (value === undefined || vr === 'UN' || vr === 'SQ') ignored.push(nameOfPath(path));
    else if (level === 'patient' && levelOf(path[0]) !== 'patient') ignored.push(nameOfPath(path));
    else keys.push({ path, vr, value, name: nameOfPath(path) });
  }
  return { level, conditions: conditionsIn(keys, identifier, options), include: [...include.values()], ignored };
}

/** @throws CausewayError `bad-request` with `details.tag` */
export function levelIn(identifier: DicomJson, root: QueryRetrieveRoot): FindLevel {
  const [term = ''] = textValues(identifier[queryRetrieveLevel]);
  const level = termsOfRoot[root].includes(term) ? levelOfTerm[term] : undefined;
  if (level !== undefined) return level;
  const allowed = termsOfRoot[root].join(', ');
  const message = `Query/Retrieve Level is ${term === '' ? 'missing' : 'none of this model'}; it can be ${allowed}.`;
  throw new CausewayError('bad-request', message, { details: { tag: queryRetrieveLevel } });
}

/** @throws CausewayError `bad-request` with `details.tag` of the key that is wrong */
export function conditionsIn(
  keys: readonly QueryKey[],
  identifier: DicomJson,
  options: FindRequest['options'],
): readonly Condition[] {
  const offset = timezoneOffset(identifier);
  try {
    return conditionsOf(keys, {
      ...options,
      emptyValues: false,
      multipleValues: false,
      ...(offset === undefined ? {} : { timezoneOffset: offset }),
    });
  } catch (thrown) {
    if (!(thrown instanceof CausewayError)) throw thrown;
    const wrong = keys.find(({ name }) => name === thrown.details.parameter);
    if (wrong === undefined) throw thrown;
    throw new CausewayError(thrown.code, thrown.message, { cause: thrown, details: { tag: wrong.path[0] } });
  }
}

interface Leaf {
  readonly path: AttributePath;
  readonly element: DicomJsonElement;
}

/** The attributes of an Identifier; of a sequence those of its one item (PS3.4 §C.2.2.2.6), itself where it has none. */
export function* attributesIn(dataSet: DicomJson, above: readonly string[] = []): Generator<Leaf, void, void> {
  for (const [tag, element] of Object.entries(dataSet)) {
    if ((above.length === 0 && notKeys.has(tag)) || isPrivateCreator(tag)) continue;
    const [first, ...rest] = [...above, tag];
    const path: AttributePath = [first as string, ...rest];
    const item = element.vr === 'SQ' ? ((element.Value?.[0] ?? {}) as DicomJson) : {};
    if (Object.keys(item).length > 0) yield* attributesIn(item, path);
    else yield { path, element };
  }
}

/** (gggg,0010-00FF) of an odd group says whose a private block is (PS3.5 §7.8.1). */
function isPrivateCreator(tag: string): boolean {
  return Number.parseInt(tag.charAt(3), 16) % 2 === 1 && /^00[1-9A-F][0-9A-F]$/.test(tag.slice(4));
}

/** @returns undefined for values that are no text */
export function keyText({ Value, InlineBinary, BulkDataURI }: DicomJsonElement): string | undefined {
  if (InlineBinary !== undefined || BulkDataURI !== undefined) return undefined;
  return (Value ?? []).map(valueText).join('\\');
}
