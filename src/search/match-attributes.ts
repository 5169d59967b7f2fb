import { dictionaryEntry, resolveVr } from '../dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';
import type { AttributePath, Query, QueryLevel } from '../dicom/query.ts';
import { defaultAttributes } from '../dicom/query-defaults.ts';
import { type EntityLevel, levelOf } from '../dicom/query-levels.ts';

const availableTransferSyntaxUid = '00083002';
const timezoneOffsetFromUtc = '00080201';

/** Attributes of instances that the index tells without their whole data set. */
const toldWithoutMetadata: ReadonlySet<string> = new Set([...defaultAttributes.instance, availableTransferSyntaxUid]);

const levelsTold: Readonly<Record<QueryLevel, readonly EntityLevel[]>> = {
  study: ['patient', 'study'],
  series: ['patient', 'study', 'series'],
  instance: ['patient', 'study', 'series', 'instance'],
};

/** Whether what a query wants to know is found only in the whole data sets of instances. */
export function needsMetadata({ level, include }: Pick<Query, 'level' | 'include'>): boolean {
  if (level !== 'instance') return false;
  return include === 'all' || include.some(([tag]) => levelOf(tag) === 'instance' && !toldWithoutMetadata.has(tag));
}

/**
 * The attributes that answer a query about one match: the level's defaults and what was asked for, an attribute without
 * known value as `{"vr": …}`. Attributes of lower levels and bulk data are left out (PS3.18 §10.6.3.3); a private
 * attribute brings its creator.
 * @param known everything that is known of the entity
 */
export function attributesOfMatch(known: DicomJson, { level, include }: Pick<Query, 'level' | 'include'>): DicomJson {
  const asked = include === 'all' ? [] : include.filter(([tag]) => levelsTold[level].includes(levelOf(tag)));
  const selection = selectionOf([...defaultAttributes[level].map((tag): AttributePath => [tag]), ...asked]);
  const told = { ...(include === 'all' ? withoutBulk(known) : {}), ...selected(known, selection) };
  // Where no device told its offset there is none to tell, not even an empty one.
  if (told[timezoneOffsetFromUtc]?.Value === undefined) delete told[timezoneOffsetFromUtc];
  return told;
}

/** What is selected of a data set: by tag, either the whole attribute or what is selected of the items of a sequence. */
type Selection = Map<string, Selection | 'whole'>;

function selectionOf(paths: readonly AttributePath[]): Selection {
  const selection: Selection = new Map();
  for (const path of paths) {
    let within = selection;
    for (const [depth, tag] of path.entries()) {
      const before = within.get(tag);
      if (before === 'whole') break;
      if (depth === path.length - 1) {
        within.set(tag, 'whole');
      } else {
        const inner: Selection = before ?? new Map();
        within.set(tag, inner);
        within = inner;
      }
    }
  }
  return selection;
}

function selected(dataset: DicomJson, selection: Selection): DicomJson {
  const result: DicomJson = {};
  for (const [tag, part] of selection) {
    const element = dataset[tag] ?? emptyElement(tag);
    if (element === undefined || element.BulkDataURI !== undefined) continue;
    const creator = creatorOf(tag);
    if (creator !== undefined && dataset[creator] !== undefined) result[creator] = dataset[creator];
    result[tag] = part === 'whole' ? withoutBulkInItems(element) : ofItems(element, (item) => selected(item, part));
  }
  return result;
}

/** The element that names the owner of a private attribute (PS3.5 §7.8.1); undefined for other attributes. */
export function creatorOf(tag: string): string | undefined {
  const isPrivate = Number.parseInt(tag.charAt(3), 16) % 2 === 1;
  return isPrivate && !tag.startsWith('00', 4) ? `${tag.slice(0, 4)}00${tag.slice(4, 6)}` : undefined;
}

function emptyElement(tag: string): DicomJsonElement | undefined {
  const vr = dictionaryEntry(tag)?.vr;
  return vr === undefined || vr === 'NONE' ? undefined : { vr: resolveVr(vr, { implicitVr: false }) };
}

/** A search tells no bulk data: who wants it asks for the metadata, whose BulkDataURIs resolve. */
function withoutBulk(dataset: DicomJson): DicomJson {
  return Object.fromEntries(
    Object.entries(dataset).flatMap(([tag, element]) =>
      element.BulkDataURI === undefined ? [[tag, withoutBulkInItems(element)]] : [],
    ),
  );
}

function withoutBulkInItems(element: DicomJsonElement): DicomJsonElement {
  return ofItems(element, withoutBulk);
}

function ofItems(element: DicomJsonElement, change: (item: DicomJson) => DicomJson): DicomJsonElement {
  if (element.vr !== 'SQ' || element.Value === undefined) return element;
  return { vr: 'SQ', Value: element.Value.map((item) => change((item ?? {}) as DicomJson)) };
}
