import { namePatterns } from '../dicom/match-name.ts';
import { trimmed } from '../dicom/match-values.ts';
import { hasWildcard } from '../dicom/match-wildcard.ts';

/** Puts a value among the parameters of a statement and gives its placeholder; what a peer sent gets into SQL in no other way. */
export type Bind = (value: string | number | readonly string[]) => string;

/** How SQL names a `text` column and the `multi_valued` column of its row. */
export interface TextColumn {
  readonly sql: string;
  readonly multiValued: string;
  /** ST, LT and UT have one value, in which a backslash is a character. */
  readonly singleValued: boolean;
}

/** Any of the values of a `text` column equals any of those wanted. */
export function textIsOneOf(
  { sql, multiValued, singleValued }: TextColumn,
  wanted: readonly string[],
  bind: Bind,
): string {
  const values = wanted.map(trimmed);
  const [only] = values;
  const asOne = values.length === 1 && only !== undefined ? `= ${bind(only)}` : `= any (${bind(values)}::text[])`;
  if (singleValued) return `${sql} ${asOne}`;
  return `(${sql} ${asOne} or (${multiValued} and ${valuesOf(sql)} && ${bind(values)}::text[]))`;
}

/** Any of the values of a `text` column matches the pattern. */
export function textIsLike({ sql, multiValued, singleValued }: TextColumn, pattern: string, bind: Bind): string {
  const like = bind(likePattern(trimmed(pattern)));
  const column = unlessShort(sql, trimmed(pattern));
  const isLike = singleValued
    ? `${column} like ${like}`
    : `((not ${multiValued} and ${column} like ${like}) or (${multiValued} and ${anyIsLike(valuesOf(sql), [like])}))`;
  return column === sql ? isLike : withPairs(sql, trimmed(pattern), isLike, bind);
}

/** Any element of a `text[]` column equals the value. */
export function arrayHas(sql: string, value: string, bind: Bind): string {
  return `${sql} @> array[${bind(trimmed(value))}]::text[]`;
}

export function arrayHasAny(sql: string, values: readonly string[], bind: Bind): string {
  return `${sql} && ${bind(values.map(trimmed))}::text[]`;
}

/** Any element of an array expression matches the pattern. */
export function arrayHasLike(sql: string, pattern: string, bind: Bind): string {
  return anyIsLike(sql, [bind(likePattern(trimmed(pattern)))]);
}

/** Any of the names of a `name` column matches the key, as `nameMatches()` decides. */
export function nameIsLike(sql: string, key: string, bind: Bind): string {
  const groups = namePatterns(key);
  const [anyGroup] = groups;
  if (groups.length === 1 && anyGroup !== undefined) return anyGroupIsLike(sql, anyGroup, bind);
  const tests = groups.flatMap((alternatives, place) => {
    if (alternatives[0] === '') return [];
    const group = `split_part(name.value, '=', ${place + 1})`;
    return [`(${alternatives.map((pattern) => `${group} like ${bind(likePattern(pattern))}`).join(' or ')})`];
  });
  const infixes = groups.map((alternatives) => infixOf(sql, alternatives, bind));
  // A key of nothing but delimiters says nothing about any group.
  const where = tests.length > 0 ? ` where ${tests.join(' and ')}` : '';
  return `(${[...infixes, `exists (select from unnest(${valuesOf(sql)}) as name (value)${where})`].join(' and ')})`;
}

function anyGroupIsLike(sql: string, alternatives: readonly string[], bind: Bind): string {
  const [pattern = ''] = alternatives;
  const infix = infixOf(sql, alternatives, bind);
  // An infix cannot reach over a delimiter, so the whole column may be asked at once.
  if (alternatives.length === 1 && /^\*+[^*?]+\*+$/.test(pattern)) return infix;
  const groups = `string_to_array(translate(${sql}, '=', '\\'), '\\')`;
  const likes = alternatives.map((alternative) => `groups.value like ${bind(likePattern(alternative))}`);
  return `(${infix} and exists (select from unnest(${groups}) as groups (value) where groups.value <> '' and (${likes.join(' or ')})))`;
}

/** A necessary condition that an index on trigrams can answer. */
function infixOf(sql: string, alternatives: readonly string[], bind: Bind): string {
  const shortest = `*${alternatives[alternatives.length - 1] ?? ''}*`;
  const column = unlessShort(sql, shortest);
  const isLike = `${column} like ${bind(likePattern(shortest))}`;
  return column === sql ? isLike : withPairs(sql, shortest, isLike, bind);
}

/** A column as its index may see it; an index on trigrams would read all of itself for less than three characters. */
function unlessShort(sql: string, pattern: string): string {
  const longest = Math.max(...runsOf(pattern).map((run) => Array.from(run).length));
  return longest >= 3 || !pattern.startsWith('*') ? sql : `(${sql} || '')`;
}

function runsOf(pattern: string): string[] {
  return pattern.split(/[*?]/);
}

/** Columns with an index on their characters and pairs of characters. */
const pairedColumns = new Set(['studies.patient_name', 'studies.study_description']);

/**
 * A test of runs of one or two characters, with the necessary condition that an index on these can answer, and from
 * which the planner learns how rare they are. Of the test itself it is told nothing: it would take the two for
 * independent of each other, and a common pair for a rare one.
 */
function withPairs(sql: string, pattern: string, isLike: string, bind: Bind): string {
  const runs = runsOf(pattern).filter((run) => run !== '' && !run.includes(separator));
  if (!pairedColumns.has(sql) || runs.length === 0) return isLike;
  return `(coalesce(${isLike}, false) and characters_and_pairs(${sql}) @> ${bind(runs)}::text[])`;
}

/** What the index on characters and pairs is made with, so that it finds no pair that holds it. */
const separator = '\u0001';

/** The same within the lists of names of a sequence item. */
export function nameListIsLike(list: string, key: string, bind: Bind): string {
  return `exists (select from unnest(${list}) as listed (name) where ${nameIsLike('listed.name', key, bind)})`;
}

/**
 * Every word begins a word of the names. An index on trigrams finds long words much sooner by the part that they are than
 * by a regular expression, which it is shown for others only: their beginning is rarer than they are.
 */
export function nameHasWords(sql: string, words: readonly string[], bind: Bind): string {
  const longEnough = words.length > 1 ? 3 : 4;
  const tests = words.map((word) => {
    const begins = `${sql} ~ ${bind(`(^|[ ^=\\\\,.-])${regularExpression(word)}`)}`;
    if (Array.from(word).length < longEnough) return begins;
    return `${sql} like ${bind(`%${likePattern(word)}%`)} and coalesce(${begins}, false)`;
  });
  return `(${tests.join(' and ')})`;
}

function valuesOf(sql: string): string {
  return `string_to_array(${sql}, '\\')`;
}

function anyIsLike(array: string, likes: readonly string[]): string {
  const tests = likes.map((like) => `each.value like ${like}`).join(' or ');
  return `exists (select from unnest(${array}) as each (value) where ${tests})`;
}

/** A pattern of DICOM as one of SQL. */
export function likePattern(pattern: string): string {
  return pattern
    .replace(/[\\%_]/g, '\\$&')
    .replace(/\*+/g, '%')
    .replaceAll('?', '_');
}

function regularExpression(literal: string): string {
  return literal.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** A single name is literal, as in `matches()`: folded names hold no wildcards. */
export function literalName(value: string): string {
  return hasWildcard(value) ? value.replace(/[*?]/g, '') : value;
}
