import type { DicomJson, DicomJsonElement, Vr } from './json-model.ts';
import { nameMatches, nameSearchText, namesOf } from './match-name.ts';
import {
  comparableDate,
  comparableDateTime,
  comparableTime,
  numberValues,
  textValues,
  timezoneOffset,
  trimmed,
} from './match-values.ts';
import { matchesWildcard } from './match-wildcard.ts';
import { nameWords } from './person-name.ts';
import type { AttributePath, Condition, Match } from './query.ts';

/** VRs that are compared as numbers, so that `1` finds `01` and `1.0`. */
const numericVrs: ReadonlySet<Vr> = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'UL', 'US', 'UV']);

export function isNumericVr(vr: Vr): boolean {
  return numericVrs.has(vr);
}

/**
 * Whether a data set matches, by PS3.4 §C.2.2.2. This is what matching means in Causeway: the SQL of the index is
 * held against it. Of several values any one may match; text is compared case-sensitively without the blanks around
 * it, person names as `nameMatches` says, dates and times by their meaning and numbers by their value.
 * The level of the match is not looked at: the data set is to hold what describes the entity in question.
 */
export function matches(dataset: DicomJson, match: Pick<Match, 'conditions'>): boolean {
  return allHold(dataset, match.conditions, timezoneOffset(dataset));
}

function allHold(dataset: DicomJson, conditions: readonly Condition[], offset: string | undefined): boolean {
  return conditions.every((condition) => holds(dataset, condition, offset));
}

function holds(dataset: DicomJson, condition: Condition, offset: string | undefined): boolean {
  switch (condition.kind) {
    case 'single':
      return elementsAt(dataset, condition.path).some((element) =>
        singleHolds(element, condition.vr, condition.value, offset),
      );
    case 'wildcard':
      return elementsAt(dataset, condition.path).some((element) =>
        condition.vr === 'PN'
          ? namesOf(element).some((name) => nameMatches(name, condition.pattern))
          : textValues(element).some((value) => matchesWildcard(value, trimmed(condition.pattern))),
      );
    case 'range':
      return elementsAt(dataset, condition.path).some((element) =>
        comparables(element, condition.vr, offset).some((value) => isWithin(value, condition.from, condition.to)),
      );
    case 'combined-range':
      return combinedRangeHolds(dataset, condition);
    case 'uid-list':
      return elementsAt(dataset, condition.path).some((element) =>
        textValues(element).some((value) => condition.values.includes(value)),
      );
    case 'any':
      return condition.of.some((alternative) => holds(dataset, alternative, offset));
    case 'empty':
      return elementsAt(dataset, condition.path).every((element) => isEmpty(element, condition.vr, offset));
    case 'fuzzy-name':
      return elementsAt(dataset, condition.path).some((element) => fuzzyHolds(element, condition.words));
    case 'sequence':
      return itemsAt(dataset, condition.path).some((item) => allHold(item, condition.of, offset));
  }
}

/** The elements that a path leads to, one for each item it passes through. */
function elementsAt(dataset: DicomJson, path: AttributePath): DicomJsonElement[] {
  const last = path[path.length - 1] as string;
  return holders(dataset, path).flatMap((holder) => holder[last] ?? []);
}

function itemsAt(dataset: DicomJson, path: AttributePath): DicomJson[] {
  return elementsAt(dataset, path).flatMap(itemsOf);
}

function holders(dataset: DicomJson, path: AttributePath): DicomJson[] {
  return path
    .slice(0, -1)
    .reduce<DicomJson[]>((within, tag) => within.flatMap((item) => itemsOf(item[tag])), [dataset]);
}

function itemsOf(element: DicomJsonElement | undefined): DicomJson[] {
  return element?.vr === 'SQ' ? (element.Value ?? []).map((item) => (item ?? {}) as DicomJson) : [];
}

function singleHolds(element: DicomJsonElement, vr: Vr, value: string, offset: string | undefined): boolean {
  if (vr === 'PN') return namesOf(element).some((name) => nameMatches(name, withoutWildcards(value)));
  if (isNumericVr(vr)) return numberValues(element).includes(Number(value));
  if (vr === 'DA' || vr === 'TM' || vr === 'DT') {
    const wanted = comparable(value, vr, undefined);
    return wanted !== undefined && comparables(element, vr, offset).includes(wanted);
  }
  return textValues(element).includes(trimmed(value));
}

function fuzzyHolds(element: DicomJsonElement, words: readonly string[]): boolean {
  const present = (nameSearchText(element) ?? '').split('\\').flatMap(nameWords);
  return words.every((word) => present.some((candidate) => candidate.startsWith(word)));
}

/** A single value is literal: no name holds these characters once it is folded. */
function withoutWildcards(value: string): string {
  return value.replace(/[*?]/g, '');
}

function comparable(value: string, vr: 'DA' | 'TM' | 'DT', offset: string | undefined): string | undefined {
  if (vr === 'DA') return comparableDate(value);
  return vr === 'TM' ? comparableTime(value) : comparableDateTime(value, offset);
}

function comparables(element: DicomJsonElement, vr: 'DA' | 'TM' | 'DT', offset: string | undefined): string[] {
  return textValues(element).flatMap((value) => comparable(value, vr, offset) ?? []);
}

function isWithin(value: string, from: string | undefined, to: string | undefined): boolean {
  return (from === undefined || from <= value) && (to === undefined || value <= to);
}

/** Later than every time of day, leap seconds included. */
const endOfDay = '240000.000000';
const startOfDay = '000000.000000';

function combinedRangeHolds(dataset: DicomJson, range: Extract<Condition, { kind: 'combined-range' }>): boolean {
  const dates = elementsAt(dataset, range.datePath).flatMap((element) => comparables(element, 'DA', undefined));
  const times = elementsAt(dataset, range.timePath).flatMap((element) => comparables(element, 'TM', undefined));
  return dates.some((date) => {
    // A day without a time might be any time of it: it is not left out.
    if (times.length === 0) {
      return isWithin(date + endOfDay, range.from, undefined) && isWithin(date + startOfDay, undefined, range.to);
    }
    return times.some((time) => isWithin(date + time, range.from, range.to));
  });
}

/** Empty is also what holds nothing that could be compared, such as a date that is none. */
function isEmpty(element: DicomJsonElement, vr: Vr, offset: string | undefined): boolean {
  if (element.InlineBinary !== undefined || element.BulkDataURI !== undefined) return false;
  if (vr === 'PN') return nameSearchText(element) === undefined;
  if (vr === 'SQ') return itemsOf(element).length === 0;
  if (isNumericVr(vr)) return numberValues(element).length === 0;
  if (vr === 'DA' || vr === 'TM' || vr === 'DT') return comparables(element, vr, offset).length === 0;
  return textValues(element).length === 0;
}
