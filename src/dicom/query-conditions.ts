import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import { combinedRange, dateRange, dateTimeRange, timeRange } from './date-time-range.ts';
import type { Vr } from './json-model.ts';
import { foldNameGroup } from './match-name.ts';
import { trimmed } from './match-values.ts';
import { hasWildcard } from './match-wildcard.ts';
import { isNumericVr } from './matches.ts';
import { accentedWords, nameWords } from './person-name.ts';
import type { AttributePath, Condition } from './query.ts';

/** A key of a query as it was sent: a QIDO-RS parameter or an attribute of a C-FIND Identifier, several values joined by `\`. */
export interface QueryKey {
  readonly path: AttributePath;
  readonly vr: Vr;
  readonly value: string;
  /** As the peer called it, for messages. */
  readonly name: string;
}

/** What QIDO-RS asks for by parameters and C-FIND by extended negotiation (PS3.4 §C.5.1.1). */
export interface MatchingOptions {
  /** Words of names by their beginning rather than names as a whole. */
  readonly fuzzyNames: boolean;
  /** `""`, and no value at all, selects what has no value; otherwise no value is universal (PS3.4 §C.2.2.2.7). */
  readonly emptyValues: boolean;
  /** Of several values each must be found, rather than any (PS3.4 §C.2.2.2.8). */
  readonly multipleValues: boolean;
  /** A date with its time is one range of moments rather than two ranges (PS3.4 §C.2.2.2.5.4). */
  readonly combinedDateTimes: boolean;
  /** `+HHMM` or `-HHMM` of DT values that bring no offset. */
  readonly timezoneOffset?: string;
}

/** Bounds of the work that one key can ask for. */
export const maxKeyCharacters = 16_384;
export const maxValuesOfKey = 1_000;

/** VRs in which `*` and `?` are wildcards (PS3.4 §C.2.2.2.4). */
const wildcardVrs: ReadonlySet<Vr> = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);

/** VRs whose values a backslash separates; in the others it is a character or does not occur. */
const listVrs: ReadonlySet<Vr> = new Set(['AE', 'AS', 'AT', 'CS', 'LO', 'PN', 'SH', 'UC', 'UI']);

/** Time attributes by the date attribute with which they name one moment. */
const timeOfDate: Readonly<Record<string, string>> = {
  '00080012': '00080013',
  '00080020': '00080030',
  '00080021': '00080031',
  '00080022': '00080032',
  '00080023': '00080033',
  '00100030': '00100032',
  '00400002': '00400003',
  '00400244': '00400245',
  '00400250': '00400251',
  '00404010': '00404011',
};

/**
 * The conditions that keys state, each by the matching type that its VR and value call for (PS3.4 §C.2.2.2).
 * Keys that are universal state none. Keys within one sequence must hold in one and the same item.
 * @throws CausewayError `bad-request` with the name of the key in `details.parameter`
 */
export function conditionsOf(keys: readonly QueryKey[], options: MatchingOptions): Condition[] {
  const { alone, paired } = options.combinedDateTimes ? pairDatesWithTimes(keys) : { alone: keys, paired: [] };
  const stated = [
    ...alone.flatMap((key) => naming(key, () => conditionsOfKey(key, options))),
    ...paired.map(([date, time]) => combined(date, time)),
  ];
  return groupedBySequence(stated);
}

/** Whether a key selects everything: no value, or only asterisks. */
function isUniversal(key: QueryKey): boolean {
  return /^\**$/.test(trimmed(key.value));
}

type Pair = readonly [date: QueryKey, time: QueryKey];

function pairDatesWithTimes(keys: readonly QueryKey[]): { alone: QueryKey[]; paired: Pair[] } {
  const ranges = keys.filter((key) => !isUniversal(key) && key.value !== '""');
  const paired = ranges.flatMap((date): Pair[] => {
    const timeTag = timeOfDate[date.path[date.path.length - 1] ?? ''];
    if (timeTag === undefined) return [];
    const timePath = [...date.path.slice(0, -1), timeTag].join('.');
    const time = ranges.find((key) => key.path.join('.') === timePath);
    return time ? [[date, time]] : [];
  });
  const taken = new Set(paired.flat());
  return { alone: keys.filter((key) => !taken.has(key)), paired };
}

function combined(date: QueryKey, time: QueryKey): Condition {
  naming(date, () => dateRange(date.value));
  // The dates by themselves are in order: what is wrong now is the time.
  const range = naming(time, () => combinedRange(date.value, time.value));
  return { kind: 'combined-range', datePath: date.path, timePath: time.path, ...range };
}

function conditionsOfKey(key: QueryKey, options: MatchingOptions): Condition[] {
  const { path, vr } = key;
  const value = trimmed(key.value);
  if (value.length > maxKeyCharacters) throw invalid(`The value has more than ${maxKeyCharacters} characters.`);
  if (options.emptyValues && (value === '' || value === '""')) return [{ kind: 'empty', path, vr }];
  if (isUniversal(key)) return [];
  switch (vr) {
    case 'DA':
      return [{ kind: 'range', path, vr, ...dateRange(value) }];
    case 'TM':
      return [{ kind: 'range', path, vr, ...timeRange(value) }];
    case 'DT':
      return [{ kind: 'range', path, vr, ...dateTimeRange(value, options.timezoneOffset) }];
    case 'UI':
      return [uidCondition(path, value)];
    case 'SQ':
      throw invalid('The key is a sequence: name the attribute of its items, as in Sequence.Attribute.');
    default:
      return listConditions(key, value, options);
  }
}

function uidCondition(path: AttributePath, value: string): Condition {
  const values = listOf(value, /[\\,]/);
  const wrong = values.findIndex((uid) => !/^[0-9.]{1,64}$/.test(uid));
  if (wrong >= 0) throw invalid(`Value ${wrong + 1} is no UID: 1 to 64 digits and dots.`);
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { kind: 'single', path, vr: 'UI', value: only };
  return { kind: 'uid-list', path, values };
}

function listConditions({ path, vr }: QueryKey, value: string, options: MatchingOptions): Condition[] {
  // A comma cannot stand in a code string, and viewers send ModalitiesInStudy=CT,MR.
  const values = listVrs.has(vr) ? listOf(value, vr === 'CS' ? /[\\,]/ : /\\/) : [value];
  const conditions = values.flatMap((each) => textCondition(path, vr, each, options));
  // One universal alternative makes all of them universal.
  if (conditions.length < values.length && !options.multipleValues) return [];
  const [only] = conditions;
  if (conditions.length <= 1 || options.multipleValues) return conditions;
  return only === undefined ? [] : [{ kind: 'any', of: conditions }];
}

function textCondition(path: AttributePath, vr: Vr, value: string, options: MatchingOptions): Condition[] {
  if (/^\*+$/.test(value)) return [];
  if (isNumericVr(vr)) {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(value)) throw invalid('The value is not a number.');
    return [{ kind: 'single', path, vr, value }];
  }
  if (vr === 'PN') return nameCondition(path, value, options);
  if (wildcardVrs.has(vr) && hasWildcard(value)) return [{ kind: 'wildcard', path, vr, pattern: value }];
  return [{ kind: 'single', path, vr, value }];
}

function nameCondition(path: AttributePath, value: string, { fuzzyNames }: MatchingOptions): Condition[] {
  if (value.split('=').every((group) => /^\**$/.test(foldNameGroup(group)))) return [];
  if (hasWildcard(value)) return [{ kind: 'wildcard', path, vr: 'PN', pattern: value }];
  if (!fuzzyNames) return [{ kind: 'single', path, vr: 'PN', value }];
  const words = nameWords(value);
  const accented = accentedWords(value);
  const isSame = accented.length !== words.length || accented.every((word, at) => word === words[at]);
  return words.length > 0 ? [{ kind: 'fuzzy-name', path, words, ...(!isSame && { accented }) }] : [];
}

function listOf(value: string, separator: RegExp): string[] {
  const values = value
    .split(separator)
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (values.length > maxValuesOfKey) throw invalid(`The key has more than ${maxValuesOfKey} values.`);
  return [...new Set(values)];
}

/**
 * Gathers conditions on attributes of the same sequence: one item has to meet them all (PS3.4 §C.2.2.2.6). Where they
 * ask for nothing but empty values, a sequence without items meets them, too.
 */
function groupedBySequence(conditions: readonly Condition[]): Condition[] {
  const grouped: Condition[] = [];
  const within = new Map<string, { readonly path: AttributePath; readonly of: Condition[] }>();
  for (const condition of conditions) {
    const path = sequenceOf(condition);
    if (path === undefined) {
      grouped.push(condition);
      continue;
    }
    const name = path.join('.');
    const gathered = within.get(name) ?? { path, of: [] };
    gathered.of.push(withinItem(condition, path.length));
    within.set(name, gathered);
  }
  const ofSequences = [...within.values()].map(({ path, of }): Condition => {
    const sequence: Condition = { kind: 'sequence', path, of };
    if (of.some(({ kind }) => kind !== 'empty')) return sequence;
    return { kind: 'any', of: [{ kind: 'empty', path, vr: 'SQ' }, sequence] };
  });
  return [...grouped, ...ofSequences];
}

function pathOf(condition: Condition): AttributePath | undefined {
  if (condition.kind === 'any') return condition.of[0] && pathOf(condition.of[0]);
  return condition.kind === 'combined-range' ? condition.datePath : condition.path;
}

function sequenceOf(condition: Condition): AttributePath | undefined {
  const [first, ...rest] = pathOf(condition)?.slice(0, -1) ?? [];
  return first === undefined ? undefined : [first, ...rest];
}

function withinItem(condition: Condition, depth: number): Condition {
  const inner = (path: AttributePath) => path.slice(depth) as unknown as AttributePath;
  switch (condition.kind) {
    case 'any':
      return { ...condition, of: condition.of.map((alternative) => withinItem(alternative, depth)) };
    case 'combined-range':
      return { ...condition, datePath: inner(condition.datePath), timePath: inner(condition.timePath) };
    default:
      return { ...condition, path: inner(condition.path) };
  }
}

function naming<T>(key: QueryKey, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const error = asCausewayError(thrown);
    if (error.code !== 'bad-request') throw thrown;
    throw new CausewayError('bad-request', `${key.name}: ${error.message}`, {
      cause: thrown,
      details: { parameter: key.name },
    });
  }
}

function invalid(message: string): CausewayError {
  return new CausewayError('bad-request', message);
}
