/**
 * Matching of PS3.4 §C.2.2.2 as somebody would write it who knows nothing of the house: from the query string as it was
 * sent and plain values, by regular expressions, numbers and moments. Slow, and only for the values of
 * reference-archive.ts.
 */

/** An entity: its values by keyword; a sequence is a list of items. */
export interface PlainDataSet {
  readonly [keyword: string]: readonly (string | PlainDataSet)[];
}

type Kind = 'text' | 'code' | 'one-text' | 'name' | 'uid' | 'number' | 'date' | 'time' | 'moment';

/** What the keys of the generated queries are. */
export const kindOfKeyword: Readonly<Record<string, Kind>> = {
  PatientName: 'name',
  PatientID: 'text',
  PatientBirthDate: 'date',
  OtherPatientIDs: 'text',
  PatientComments: 'one-text',
  PatientSex: 'code',
  StudyInstanceUID: 'uid',
  StudyDate: 'date',
  StudyTime: 'time',
  AccessionNumber: 'text',
  StudyDescription: 'text',
  ReferringPhysicianName: 'name',
  PatientWeight: 'number',
  CodeValue: 'text',
  CodeMeaning: 'text',
  ModalitiesInStudy: 'code',
  NumberOfStudyRelatedInstances: 'number',
  SeriesInstanceUID: 'uid',
  Modality: 'code',
  SeriesNumber: 'number',
  SeriesDescription: 'text',
  PerformedProcedureStepStartDate: 'date',
  PerformedProcedureStepStartTime: 'time',
  ScheduledProcedureStepID: 'text',
  RequestedProcedureID: 'text',
  RequestingPhysician: 'name',
  SOPInstanceUID: 'uid',
  InstanceNumber: 'number',
  ImageType: 'code',
  ContentDate: 'date',
  ContentTime: 'time',
  AcquisitionDateTime: 'moment',
};

const dateWithTime: Readonly<Record<string, string>> = {
  StudyDate: 'StudyTime',
  ContentDate: 'ContentTime',
  PerformedProcedureStepStartDate: 'PerformedProcedureStepStartTime',
};

/** `[name, value]` as in the query string, keywords joined by `.` for what lies in a sequence. */
export type Parameters = readonly (readonly [string, string])[];

/** Whether an entity of PS3.4 §C.2.2.2 matches what QIDO-RS asks for. */
export function referenceMatches(entity: PlainDataSet, parameters: Parameters): boolean {
  const on = (name: string) => parameters.some(([key, value]) => key === name && value === 'true');
  const rules = {
    fuzzy: on('fuzzymatching'),
    empty: on('emptyvaluematching'),
    all: on('multiplevaluematching'),
  };
  const keys = parameters.filter(([name]) => !name.endsWith('matching'));
  const bySequence = new Map<string, (readonly [string, string])[]>();
  for (const [name, value] of keys) {
    const [first = '', inner] = name.split('.');
    const sequence = inner === undefined ? '' : first;
    bySequence.set(sequence, [...(bySequence.get(sequence) ?? []), [inner ?? first, value]]);
  }
  return [...bySequence].every(([sequence, asked]) => {
    if (sequence === '') return meetsAll(entity, asked, rules);
    const items = (entity[sequence] ?? []) as readonly PlainDataSet[];
    const selective = asked.filter(([keyword, value]) => !saysNothing(keyword, value, rules));
    // No item at all has no value either.
    if (items.length === 0) return selective.every(([, value]) => asksForNone(value, rules));
    return selective.length === 0 || items.some((item) => meetsAll(item, selective, rules));
  });
}

interface Rules {
  readonly fuzzy: boolean;
  readonly empty: boolean;
  readonly all: boolean;
}

/** Universal is no value, and a list with a universal value among those of which any is enough (PS3.4 §C.2.2.2.3). */
function saysNothing(keyword: string, value: string, rules: Rules): boolean {
  if (asksForNone(value, rules)) return false;
  if (/^\**$/.test(value)) return true;
  const kind = kindOfKeyword[keyword];
  if (kind !== 'text' && kind !== 'code' && kind !== 'name') return false;
  const values = value.split(kind === 'code' ? /[\\,]/ : /\\/).filter((each) => each.trim() !== '');
  const universal = (each: string) =>
    /^\*+$/.test(each.trim()) || (kind === 'name' && folded(each).every((group) => /^\**$/.test(group)));
  return values.length === 0 || (rules.all ? values.every(universal) : values.some(universal));
}

function asksForNone(value: string, rules: Rules): boolean {
  return rules.empty && (value === '' || value === '""');
}

function meetsAll(entity: PlainDataSet, keys: Parameters, rules: Rules): boolean {
  const textOf = new Map(keys);
  return keys.every(([keyword, value]) => {
    if (asksForNone(value, rules)) return comparable(entity, keyword).length === 0;
    if (saysNothing(keyword, value, rules)) return true;
    const isRange = (other: string | undefined) => other !== undefined && !/^\**$/.test(other) && other !== '""';
    const time = dateWithTime[keyword];
    if (time !== undefined && isRange(textOf.get(time))) {
      return together(entity, [keyword, value], [time, textOf.get(time)!]);
    }
    // Its date has answered for it.
    const date = Object.keys(dateWithTime).find((each) => dateWithTime[each] === keyword);
    if (date !== undefined && isRange(textOf.get(date))) return true;
    return meets(entity, keyword, value, rules);
  });
}

function meets(entity: PlainDataSet, keyword: string, value: string, rules: Rules): boolean {
  const kind = kindOfKeyword[keyword]!;
  const values = comparable(entity, keyword);
  if (kind === 'date' || kind === 'time' || kind === 'moment') {
    const [from, to] = ends(value, kind);
    // Only DT knows of offsets.
    const offset = kind === 'moment' ? offsetOf(entity) : '+0000';
    return values.some((each) => within(moments(each, kind, offset)[0], from, to));
  }
  if (kind === 'one-text') return values.some((each) => like(value, 's').test(each));
  const separator = kind === 'code' || kind === 'uid' ? /[\\,]/ : /\\/;
  const wanted = value.split(separator).filter((each) => each.trim() !== '');
  const one = (each: string) => {
    if (kind === 'number') return values.some((found) => Number(found) === Number(each));
    // What is universal among several values makes all of them universal.
    if (kind === 'name')
      return folded(each).every((group) => /^\**$/.test(group)) || nameMeets(values, each, rules.fuzzy);
    if (kind === 'uid') return values.includes(each);
    return /^\*+$/.test(each) || values.some((found) => like(each.trim(), 's').test(found));
  };
  // A list of UIDs is a matching of its own, always of any of them (PS3.4 §C.2.2.2.2).
  return rules.all && kind !== 'uid' ? wanted.every(one) : wanted.some(one);
}

/** Values that can be compared: what is no day, no time, no number is none; blanks at the ends are padding. */
function comparable(entity: PlainDataSet, keyword: string): string[] {
  const kind = kindOfKeyword[keyword]!;
  const texts = (entity[keyword] ?? []).map((value) => String(value).trim()).filter((value) => value !== '');
  if (kind === 'name') return texts.filter((name) => folded(name).some((group) => group !== ''));
  if (kind === 'date' || kind === 'time' || kind === 'moment') {
    return texts.filter((text) => moments(text, kind, '+0000').every((end) => !Number.isNaN(end)));
  }
  return texts;
}

function like(pattern: string, flags: string): RegExp {
  const source = Array.from(pattern, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : character.replace(/[\\^$.|+()[\]{}]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, `u${flags}`);
}

/** The component groups of a name without case and accents; nothing is where a component at the end is empty. */
function folded(name: string): string[] {
  return name.split('=').map((group) =>
    group
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      .normalize('NFC')
      .toLowerCase()
      .split('^')
      .map((component) => component.trim())
      .join('^')
      .replace(/\^+$/, ''),
  );
}

function nameMeets(names: readonly string[], key: string, fuzzy: boolean): boolean {
  const wanted = folded(key);
  if (fuzzy && !/[*?]/.test(key)) {
    const words = (text: string) => folded(text).flatMap((group) => group.split(/[\s^.,-]+/).filter(Boolean));
    const present = names.flatMap(words);
    return words(key).every((word) => present.some((each) => each.startsWith(word)));
  }
  const groupMeets = (group: string, pattern: string) =>
    like(pattern, 's').test(group) || like(pattern.replace(/(\^\*+)+$/, ''), 's').test(group);
  return names.some((name) => {
    const groups = folded(name);
    const [only] = wanted;
    if (wanted.length === 1 && only !== undefined) {
      return groups.some((group) => group !== '' && groupMeets(group, only));
    }
    return wanted.every((pattern, place) => pattern === '' || groupMeets(groups[place] ?? '', pattern));
  });
}

/** Milliseconds: the first and the last that a value covers; of times of day since midnight. NaN for what is none. */
function moments(text: string, kind: 'date' | 'time' | 'moment', offset: string): [number, number] {
  if (kind === 'time') {
    const found = /^(\d\d)(\d\d)?(\d\d)?(?:\.(\d{1,3}))?$/.exec(text);
    if (!found || Number(found[1]) > 23) return [Number.NaN, Number.NaN];
    const [, hour = '', minute, second, fraction = ''] = found;
    const at = (m: string, s: string, f: string) =>
      ((Number(hour) * 60 + Number(m)) * 60 + Number(s)) * 1_000 + Number(f);
    return [
      at(minute ?? '0', second ?? '0', fraction.padEnd(3, '0')),
      at(minute ?? '59', second ?? '59', fraction.padEnd(3, '9')),
    ];
  }
  const found = /^(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.(\d{1,3}))?([+-]\d{4})?$/.exec(text);
  if (!found || (kind === 'date' && text.length !== 8)) return [Number.NaN, Number.NaN];
  const [, year, month, day, hour, minute, second, fraction = '', own = offset] = found;
  const zone = (own.startsWith('-') ? -1 : 1) * (Number(own.slice(1, 3)) * 60 + Number(own.slice(3)));
  const lastDay = new Date(Date.UTC(Number(year), Number(month ?? 12), 0)).getUTCDate();
  const at = (m: string, d: string | number, h: string, min: string, s: string, f: string) =>
    Date.UTC(Number(year), Number(m) - 1, Number(d), Number(h), Number(min) - zone, Number(s), Number(f));
  if (Number(month ?? 1) < 1 || Number(month ?? 1) > 12 || Number(day ?? 1) < 1 || Number(day ?? 1) > lastDay) {
    return [Number.NaN, Number.NaN];
  }
  return [
    at(month ?? '1', day ?? '1', hour ?? '0', minute ?? '0', second ?? '0', fraction.padEnd(3, '0')),
    at(month ?? '12', day ?? lastDay, hour ?? '23', minute ?? '59', second ?? '59', fraction.padEnd(3, '9')),
  ];
}

/** The bounds that the value of a key sets; those of moments are in UTC where they name no offset. */
function ends(text: string, kind: 'date' | 'time' | 'moment'): [number, number] {
  const at = text.search(kind === 'moment' ? /-(?!0500)/ : /-/);
  if (at < 0) return moments(text, kind, '+0000');
  const [from, to] = [text.slice(0, at), text.slice(at + 1)];
  return [
    from === '' ? -Infinity : moments(from, kind, '+0000')[0],
    to === '' ? Infinity : moments(to, kind, '+0000')[1],
  ];
}

function within(value: number, from: number, to: number): boolean {
  return from <= value && value <= to;
}

const dayMs = 86_400_000;

/** A date with its time is one moment; a day whose time is not known may be any of that day (PS3.4 §C.2.2.2.5.4). */
function together(
  entity: PlainDataSet,
  [date, days]: readonly [string, string],
  [time, hours]: readonly [string, string],
): boolean {
  const [firstDay, lastDay] = ends(days, 'date');
  const [fromHour, toHour] = ends(hours, 'time');
  const from = firstDay + (fromHour === -Infinity ? 0 : fromHour);
  const to =
    lastDay === Infinity ? Infinity : Math.floor(lastDay / dayMs) * dayMs + (toHour === Infinity ? dayMs - 1 : toHour);
  const times = comparable(entity, time).map((each) => moments(each, 'time', '+0000')[0]);
  return comparable(entity, date).some((each) => {
    const [day] = moments(each, 'date', '+0000');
    if (times.length === 0) return day + dayMs > from && day <= to;
    return times.some((hour) => within(day + hour, from, to));
  });
}

function offsetOf(entity: PlainDataSet): string {
  const [offset] = entity['TimezoneOffsetFromUTC'] ?? [];
  return typeof offset === 'string' ? offset : '+0000';
}
