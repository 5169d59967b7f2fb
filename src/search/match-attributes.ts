import { dictionaryEntry, resolveVr } from '../dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement, Vr } from '../dicom/json-model.ts';
import type { AttributePath, Query, QueryLevel } from '../dicom/query.ts';
import { defaultAttributes } from '../dicom/query-defaults.ts';
import { type EntityLevel, levelOf } from '../dicom/query-levels.ts';

const timezoneOffsetFromUtc = '00080201';

/** Attributes that a search can tell of an instance without reading its whole data set, beside those of series and study. */
const toldWithoutMetadata: ReadonlySet<string> = new Set([...defaultAttributes.instance, '00083002']);

const levelsTold: Readonly<Record<QueryLevel, readonly EntityLevel[]>> = {
  study: ['patient', 'study'],
  series: ['patient', 'study', 'series'],
  instance: ['patient', 'study', 'series', 'instance'],
};

/** What is wanted of a data set: whole attributes, or of a sequence only some attributes of its items. */
type Wanted = Map<string, Wanted | 'whole'>;

/** Whether what a query wants to know is found only in the whole data sets of instances. */
export function needsMetadata({ level, include }: Pick<Query, 'level' | 'include'>): boolean {
  if (level !== 'instance') return false;
  return include === 'all' || include.some(([tag]) => levelOf(tag) === 'instance' && !toldWithoutMetadata.has(tag));
}

/**
 * The attributes that answer a query about one match: the level's defaults and what was asked for, an attribute without
 * known value as `{"vr": …}`. Attributes of lower levels and bulk data are left out (PS3.18 §10.6.3.3).
 * @param known everything that is known of the entity
 */
export function attributesOfMatch(known: DicomJson, { level, include }: Pick<Query, 'level' | 'include'>): DicomJson {
  const wanted: Wanted = new Map(defaultAttributes[level].map((tag) => [tag, 'whole']));
  if (include !== 'all') {
    for (const path of include) if (levelsTold[level].includes(levelOf(path[0]))) want(wanted, path);
  }
  const told = { ...(include === 'all' ? withoutBulk(known) : {}), ...wantedOf(known, wanted) };
  // The offset of a place that did not tell it is not empty but unknown.
  if (told[timezoneOffsetFromUtc]?.Value === undefined) delete told[timezoneOffsetFromUtc];
  return Object.fromEntries(Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function want(wanted: Wanted, [tag, ...rest]: AttributePath): void {
  const [next, ...others] = rest;
  const before = wanted.get(tag);
  if (next === undefined) {
    wanted.set(tag, 'whole');
  } else if (before !== 'whole') {
    const within: Wanted = before ?? new Map();
    wanted.set(tag, within);
    want(within, [next, ...others]);
  }
}

function wantedOf(known: DicomJson, wanted: Wanted): DicomJson {
  const told: DicomJson = {};
  for (const [tag, what] of wanted) {
    const element = known[tag] ?? emptyElement(tag);
    if (element === undefined || element.BulkDataURI !== undefined) continue;
    const creator = creatorOf(tag);
    if (creator !== undefined && known[creator] !== undefined) told[creator] = known[creator];
    told[tag] =
      what === 'whole' || element.vr !== 'SQ' || element.Value === undefined
        ? element
        : { vr: 'SQ', Value: element.Value.map((item) => wantedOf((item ?? {}) as DicomJson, what)) };
  }
  return told;
}

/** The element that names the owner of a private attribute (PS3.5 §7.8.1). */
function creatorOf(tag: string): string | undefined {
  const isPrivate = Number.parseInt(tag.charAt(3), 16) % 2 === 1;
  return isPrivate && !tag.startsWith('00', 4) ? `${tag.slice(0, 4)}00${tag.slice(4, 6)}` : undefined;
}

function emptyElement(tag: string): DicomJsonElement | undefined {
  const vr = dictionaryEntry(tag)?.vr;
  return vr === undefined || vr === 'NONE' ? undefined : { vr: resolveVr(vr, { implicitVr: false }) as Vr };
}

function withoutBulk(dataset: DicomJson): DicomJson {
  return Object.fromEntries(
    Object.entries(dataset).flatMap(([tag, element]) => {
      if (element.BulkDataURI !== undefined) return [];
      if (element.vr !== 'SQ' || element.Value === undefined) return [[tag, element]];
      const items = element.Value.map((item) => withoutBulk((item ?? {}) as DicomJson));
      return [[tag, { vr: element.vr, Value: items }]];
    }),
  );
}
