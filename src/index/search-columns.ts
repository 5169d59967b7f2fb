import type { DicomJson } from '../dicom/json-model.ts';
import { nameSearchText } from '../dicom/match-name.ts';
import {
  comparableDate,
  comparableDateTime,
  comparableTime,
  numberValues,
  textValues,
  timezoneOffset,
} from '../dicom/match-values.ts';
import {
  type AttributeLevel,
  type IndexedAttribute,
  type ItemAttribute,
  indexedAttributes,
} from './indexed-attributes.ts';

/** Values by column name; `items` columns come as JSON text. Every column of the level is there, null where unknown. */
export type ColumnValues = Record<string, string | number | boolean | readonly string[] | null>;

/**
 * Matching looks at no more characters of a text and no more values or items of an attribute than these: index entries of
 * PostgreSQL are limited to some 2,700 bytes, and a broken file must be stored all the same.
 */
const maxCharacters = 512;
export const maxValues = 64;

/** Search columns of the row in `studies`, patient attributes included, but for those the index counts. */
export function studyColumns(attributes: DicomJson): ColumnValues {
  return columnsOf(attributes, ['patient', 'study']);
}

/** Search columns of the row in `series`, but for those the index counts. */
export function seriesColumns(attributes: DicomJson): ColumnValues {
  return columnsOf(attributes, ['series']);
}

/** Search columns of the row in `instances`. */
export function instanceColumns(attributes: DicomJson): ColumnValues {
  return columnsOf(attributes, ['instance']);
}

function columnsOf(attributes: DicomJson, levels: readonly AttributeLevel[]): ColumnValues {
  const row: ColumnValues = {};
  let multiValued = false;
  for (const attribute of indexedAttributes) {
    if (attribute.counted || !levels.includes(attribute.level)) continue;
    const value = columnValue(attributes, attribute);
    row[attribute.column] = value;
    if (attribute.kind === 'text' && typeof value === 'string' && value.includes('\\')) multiValued = true;
  }
  row['multi_valued'] = multiValued;
  return row;
}

function columnValue(attributes: DicomJson, { tag, kind, items = [] }: IndexedAttribute): ColumnValues[string] {
  const element = attributes[tag];
  if (element === undefined) return null;
  switch (kind) {
    case 'text':
      return joined(textValues(element));
    case 'texts': {
      const values = textValues(element).slice(0, maxValues);
      return values.length > 0 ? values.map(cut) : null;
    }
    case 'name':
      return nameText(attributes, tag);
    case 'date':
      return firstOf(textValues(element), comparableDate);
    case 'time':
      return firstOf(textValues(element), comparableTime);
    case 'date-time': {
      const offset = timezoneOffset(attributes);
      return firstOf(textValues(element), (value) => comparableDateTime(value, offset));
    }
    case 'number':
      return numberValues(element)[0] ?? null;
    case 'items':
      return itemsJson(element.Value ?? [], items);
  }
}

function itemsJson(values: readonly unknown[], columns: readonly ItemAttribute[]): string | null {
  const items = values.slice(0, maxValues).map((value) => {
    const item = (value ?? {}) as DicomJson;
    const entries = columns.flatMap(({ tag, kind }) => {
      const texts =
        kind === 'name' ? (nameSearchText(item[tag]) ?? '').split('\\').filter(Boolean) : textValues(item[tag]);
      return texts.length === 0 ? [] : [[tag, texts.slice(0, maxValues).map(cut)] as const];
    });
    return Object.fromEntries(entries);
  });
  return items.length > 0 ? JSON.stringify(items) : null;
}

function nameText(attributes: DicomJson, tag: string): string | null {
  const text = nameSearchText(attributes[tag]);
  return text === undefined ? null : cut(text);
}

function joined(values: readonly string[]): string | null {
  return values.length > 0 ? cut(values.slice(0, maxValues).join('\\')) : null;
}

export function cut(text: string): string {
  return text.length > maxCharacters ? text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '') : text;
}

function firstOf(values: readonly string[], comparable: (value: string) => string | undefined): string | null {
  for (const value of values) {
    const found = comparable(value);
    if (found !== undefined) return found;
  }
  return null;
}
