import { pathsOf } from './condition-paths.ts';
import { dictionaryEntry, resolveVr } from './dictionary.ts';
import type { DicomJson, DicomJsonElement, Vr } from './json-model.ts';
import type { AttributePath, Condition, Query } from './query.ts';
import { defaultAttributes } from './query-defaults.ts';

/** A query as a C-FIND asks it. */
export interface FindIdentifier {
  readonly identifier: DicomJson;
  /** What an Identifier cannot say, or not exactly: a match counts only if these hold as well, where it tells them. */
  readonly unexpressed: readonly Condition[];
}

const levelTerms = { study: 'STUDY', series: 'SERIES', instance: 'IMAGE' } as const;
const uniqueKeys = {
  study: ['0020000D'],
  series: ['0020000D', '0020000E'],
  instance: ['0020000D', '0020000E', '00080018'],
};

/** Attributes of matches that a peer is not asked for: what it says of itself, and what is ours to say. */
const notAsked: ReadonlySet<string> = new Set(['00080005', '00080056', '00080201']);

/**
 * Writes a query as the Identifier of a C-FIND request: its conditions as keys, the attributes that it wants to know as
 * keys without value.
 * @see PS3.4 §C.2.2.2, §C.4.1.1.3
 */
export function findIdentifier({
  level,
  conditions,
  include,
}: Pick<Query, 'level' | 'conditions' | 'include'>): FindIdentifier {
  const identifier: DicomJson = {};
  const wanted = [...defaultAttributes[level], ...uniqueKeys[level]].map((tag): AttributePath => [tag]);
  for (const path of [...wanted, ...(include === 'all' ? [] : include)]) {
    if (!notAsked.has(path[0])) setAt(identifier, path, undefined);
  }
  const isNarrow = conditions.some(narrows);
  const expressed = conditions.filter((condition) => !(isNarrow && condition.kind === 'fuzzy-name'));
  const unexpressed = [
    ...conditions.filter((condition) => !expressed.includes(condition)),
    ...expressed.filter((condition) => !express(identifier, condition)),
  ];
  // Keys of what cannot be asked are asked for, so that it can be looked at here.
  for (const path of unexpressed.flatMap(pathsOf)) setAt(identifier, path, undefined);
  identifier['00080052'] = { vr: 'CS', Value: [levelTerms[level]] };
  return { identifier, unexpressed };
}

/** @returns false if the key that is set, if any, selects more than the condition does */
function express(dataSet: DicomJson, condition: Condition): boolean {
  switch (condition.kind) {
    case 'single':
      return set(dataSet, condition, condition.value);
    case 'wildcard':
      return set(dataSet, condition, condition.pattern);
    case 'uid-list':
      return set(dataSet, { path: condition.path, vr: 'UI' }, condition.values);
    case 'range':
      return set(dataSet, condition, rangeText(condition));
    case 'sequence': {
      const item: DicomJson = {};
      const exact = condition.of.map((one) => express(item, one)).every(Boolean);
      if (Object.keys(item).length > 0) setAt(dataSet, condition.path, { vr: 'SQ', Value: [item] });
      return exact;
    }
    case 'fuzzy-name': {
      const [word] = [...(condition.accented ?? condition.words)].sort((a, b) => b.length - a.length);
      if (word !== undefined) set(dataSet, { path: condition.path, vr: 'PN' }, `*${accentsAside(word)}*`);
      return false;
    }
    case 'combined-range': {
      const day = (moment: string | undefined): string => moment?.slice(0, 8) ?? '';
      const dates = `${day(condition.from)}-${day(condition.to)}`;
      set(dataSet, { path: condition.datePath, vr: 'DA' }, dates === '-' ? [] : dates);
      return false;
    }
    case 'any':
    case 'empty':
      return false;
  }
}

/** Whether a condition leaves so little that names need not be narrowed as well: an archive may compare them letter by letter. */
function narrows(condition: Condition): boolean {
  if (condition.kind === 'uid-list' || condition.kind === 'single') return fewHave.has(condition.path.join());
  if (condition.kind !== 'range' || condition.path[0] !== studyDate) return false;
  return daysFrom(condition.from, condition.to) <= fewDays;
}

/** Days that a range of dates goes over; infinitely many where it is open or its dates are none. */
function daysFrom(from: string | undefined, to: string | undefined): number {
  const [first, last] = [from, to].map((date) => {
    const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(date ?? '') ?? [];
    return Date.UTC(Number(year), Number(month) - 1, Number(day)) / 86_400_000;
  }) as [number, number];
  const days = last - first + 1;
  return Number.isNaN(days) ? Number.POSITIVE_INFINITY : days;
}

/** An archive has so few studies of a month that they can be looked at here. */
const fewDays = 31;

/** Patient ID, Accession Number, UIDs of study, series and instance. */
const fewHave: ReadonlySet<string> = new Set(['00100020', '00080050', '0020000D', '0020000E', '00080018']);
const studyDate = '00080020';

/**
 * A word of a name as a pattern that is also that of the word without its accents: archives need not be blind to them. Plain
 * letters stay what they are, lest next to nothing is left of a word and the archive is asked for every name that it has.
 */
function accentsAside(word: string): string {
  return word.replace(/[^\x20-\x7e]/gu, '?');
}

function rangeText({
  from = '',
  to = '',
}: {
  readonly from?: string;
  readonly to?: string;
}): string | readonly string[] {
  if (from === '' && to === '') return [];
  return from === to ? from : `${from}-${to}`;
}

function set(
  dataSet: DicomJson,
  { path, vr }: { readonly path: AttributePath; readonly vr: Vr },
  value: string | readonly string[],
): boolean {
  const values = typeof value === 'string' ? [value] : value;
  setAt(dataSet, path, { vr, Value: vr === 'PN' ? values.map((name) => ({ Alphabetic: name })) : [...values] });
  return true;
}

/** @param element undefined: a key without value, unless there is one already */
function setAt(dataSet: DicomJson, [tag, ...rest]: AttributePath, element: DicomJsonElement | undefined): void {
  const [next, ...deeper] = rest;
  if (next === undefined) {
    if (element !== undefined) dataSet[tag] = element;
    else dataSet[tag] ??= { vr: vrOf(tag) };
    return;
  }
  const before = (dataSet[tag]?.Value?.[0] ?? {}) as DicomJson;
  setAt(before, [next, ...deeper], element);
  dataSet[tag] = { vr: 'SQ', Value: [before] };
}

function vrOf(tag: string): Vr {
  const vr = dictionaryEntry(tag)?.vr;
  return vr === undefined || vr === 'NONE' ? 'UN' : resolveVr(vr, { implicitVr: false });
}
