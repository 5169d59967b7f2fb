import { CausewayError } from '../kernel/errors.ts';
import type { Vr } from './json-model.ts';
import type { AttributePath, Condition, Query, QueryLevel } from './query.ts';
import { namedAttribute } from './query-attribute.ts';
import { conditionsOf, type MatchingOptions, type QueryKey } from './query-conditions.ts';
import { defaultAttributes } from './query-defaults.ts';

/** One of the six resources of QIDO-RS with its query string, percent-decoding done (PS3.18 §10.6.1). */
export interface QidoRequest {
  readonly level: QueryLevel;
  /** From the path, where the resource lies within one study or series. */
  readonly studyInstanceUid?: string | undefined;
  readonly seriesInstanceUid?: string | undefined;
  /** In the order of the query string, repeated keys included. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** VRs of attributes that the dictionary does not know, by tag. */
  readonly vrs?: ReadonlyMap<string, Vr>;
}

export interface QidoDefaults {
  /** Matches per answer where `limit` is not given. */
  readonly limit: number;
  /** A greater `limit` is cut to this. */
  readonly maxLimit: number;
}

export interface QidoQuery {
  readonly query: Query;
  /** For a `Warning` header, one each. */
  readonly warnings: readonly string[];
}

export const qidoDefaults: QidoDefaults = { limit: 100, maxLimit: 1_000 };

const maxParameters = 200;
const maxIncludeFields = 500;

/** Parameters that are no keys but speak to other parts of the server (PS3.18 §8.3.3). */
const elsewhere: ReadonlySet<string> = new Set(['accept', 'charset']);

const switches = ['fuzzymatching', 'emptyvaluematching', 'multiplevaluematching'] as const;
type Switch = (typeof switches)[number];

interface Sorted {
  readonly keys: Map<string, QueryKey>;
  readonly include: Map<string, AttributePath>;
  readonly switches: Map<Switch, boolean>;
  includeAll: boolean;
  limit: number | undefined;
  offset: number | undefined;
}

/**
 * Reads the query string of QIDO-RS. Matched attributes are also returned, as PS3.18 §10.6.3.3 asks.
 * @throws CausewayError `bad-request` with `details.parameter` for what is no attribute, no value of it, or given twice
 * @see PS3.18 §8.3.4, §10.6.1
 */
export function parseQidoQuery(request: QidoRequest, defaults: QidoDefaults = qidoDefaults): QidoQuery {
  const sorted = sortParameters(request);
  const options: MatchingOptions = {
    fuzzyNames: sorted.switches.get('fuzzymatching') ?? false,
    emptyValues: sorted.switches.get('emptyvaluematching') ?? false,
    multipleValues: sorted.switches.get('multiplevaluematching') ?? false,
    combinedDateTimes: true,
  };
  const keys = [...sorted.keys.values()];
  const asked = new Map([
    ...parentAttributes(request),
    ...sorted.include,
    ...keys.map((key) => [key.path.join('.'), key.path] as const),
  ]);
  const limit = sorted.limit ?? defaults.limit;
  return {
    query: {
      level: request.level,
      conditions: [...conditionsOfPath(request), ...conditionsOf(keys, options)],
      include: sorted.includeAll ? 'all' : [...asked.values()],
      limit: Math.min(limit, defaults.maxLimit),
      offset: sorted.offset ?? 0,
    },
    warnings: limit > defaults.maxLimit ? [`The limit is cut to ${defaults.maxLimit} results.`] : [],
  };
}

/** What a match tells of its study and series where the path does not name them (PS3.18 §10.6.3.3.2, §10.6.3.3.3). */
function parentAttributes({ level, studyInstanceUid, seriesInstanceUid }: QidoRequest): [string, AttributePath][] {
  const ofStudy = level !== 'study' && studyInstanceUid === undefined ? defaultAttributes.study : [];
  const ofSeries = level === 'instance' && seriesInstanceUid === undefined ? defaultAttributes.series : [];
  return [...ofStudy, ...ofSeries].map((tag) => [tag, [tag]]);
}

function conditionsOfPath({ studyInstanceUid, seriesInstanceUid }: QidoRequest): Condition[] {
  const keys: QueryKey[] = [];
  if (studyInstanceUid !== undefined) {
    keys.push({ path: ['0020000D'], vr: 'UI', value: uidOfPath(studyInstanceUid, 'study'), name: 'study' });
  }
  if (seriesInstanceUid !== undefined) {
    keys.push({ path: ['0020000E'], vr: 'UI', value: uidOfPath(seriesInstanceUid, 'series'), name: 'series' });
  }
  return keys.map(({ path, vr, value }) => ({ kind: 'single', path, vr, value }));
}

function uidOfPath(uid: string, parameter: string): string {
  if (/^[0-9.]{1,64}$/.test(uid)) return uid;
  throw refused(`The ${parameter} in the path is no UID: 1 to 64 digits and dots.`, parameter);
}

function sortParameters({ parameters, vrs }: QidoRequest): Sorted {
  if (parameters.length > maxParameters) {
    throw new CausewayError('bad-request', `A query has at most ${maxParameters} parameters.`);
  }
  const sorted: Sorted = {
    keys: new Map(),
    include: new Map(),
    switches: new Map(),
    includeAll: false,
    limit: undefined,
    offset: undefined,
  };
  for (const [name, value] of parameters) sortParameter(sorted, name, value, vrs);
  return sorted;
}

function sortParameter(sorted: Sorted, name: string, value: string, vrs: QidoRequest['vrs']): void {
  const known = name.toLowerCase();
  if (elsewhere.has(known)) return;
  if (known === 'includefield') {
    addIncludeFields(sorted, value);
    return;
  }
  if (known === 'limit' || known === 'offset') {
    if (sorted[known] !== undefined) throw givenTwice(known);
    sorted[known] = wholeNumber(value, known);
    return;
  }
  const found = switches.find((each) => each === known);
  if (found === undefined) {
    addKey(sorted, name, value, vrs);
    return;
  }
  if (sorted.switches.has(found)) throw givenTwice(found);
  sorted.switches.set(found, trueOrFalse(value, found));
}

function addIncludeFields(sorted: Sorted, value: string): void {
  for (const field of value.split(',').map((each) => each.trim())) {
    if (field === '') continue;
    if (field.toLowerCase() === 'all') {
      sorted.includeAll = true;
      continue;
    }
    const { path } = namedAttribute(field, 'includefield');
    sorted.include.set(path.join('.'), path);
  }
  if (sorted.include.size > maxIncludeFields) {
    throw refused(`At most ${maxIncludeFields} attributes can be included.`, 'includefield');
  }
}

function addKey(sorted: Sorted, name: string, value: string, vrs: QidoRequest['vrs']): void {
  const { path, vr } = namedAttribute(name, name, vrs);
  const identity = path.join('.');
  const before = sorted.keys.get(identity);
  // UIDs and code strings may come as a list, so a repeated key only makes the list longer.
  if (before !== undefined && vr !== 'UI' && vr !== 'CS') throw givenTwice(name);
  sorted.keys.set(identity, { path, vr, name, value: before === undefined ? value : `${before.value}\\${value}` });
}

function wholeNumber(value: string, parameter: string): number {
  const number = /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
  if (number === undefined) throw refused(`${parameter} is a whole number from 0.`, parameter);
  return number;
}

function trueOrFalse(value: string, parameter: string): boolean {
  const lower = value.trim().toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw refused(`${parameter} is true or false.`, parameter);
}

function givenTwice(parameter: string): CausewayError {
  return refused(`${parameter} is given more than once.`, parameter);
}

function refused(message: string, parameter: string): CausewayError {
  return new CausewayError('bad-request', message, { details: { parameter } });
}
