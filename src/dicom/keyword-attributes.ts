import { dictionaryEntry } from './dictionary.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue, PersonNameValue, Vr } from './json-model.ts';
import { valueText } from './json-writer.ts';
import { formatPersonName, parsePersonName } from './person-name.ts';
import { namedAttribute } from './query-attribute.ts';
import { vrTraits } from './vr-traits.ts';

/** A value as people write it: names as `DOE^JOHN`, several values as an array, a sequence as an array of its items. */
export type AttributeValue = string | number | readonly (string | number | null)[] | readonly Attributes[];

/** Attributes by keyword, by tag (eight hexadecimal digits) where the dictionary has none. */
export interface Attributes {
  readonly [keyword: string]: AttributeValue | undefined;
}

/**
 * The DICOM JSON Model of attributes by keyword. What is empty (`''`, `[]`, `undefined`) becomes an attribute without value:
 * as a key of a query, one to be told.
 * @throws CausewayError `bad-request` naming what is no attribute
 */
export function dataSetOf(attributes: Attributes): DicomJson {
  const entries = Object.entries(attributes).map(([name, value]) => {
    const { path, vr } = namedAttribute(name, 'attributes');
    return [path[0], elementOf(vr, value ?? '')] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function elementOf(vr: Vr, value: AttributeValue): DicomJsonElement {
  const values = Array.isArray(value) ? (value as readonly unknown[]) : value === '' ? [] : [value];
  if (values.length === 0) return { vr };
  if (vr === 'SQ') return { vr, Value: values.map((item) => dataSetOf(item as Attributes)) };
  return { vr, Value: values.map((one) => jsonValue(vr, one as string | number | null)) };
}

function jsonValue(vr: Vr, value: string | number | null): DicomJsonValue {
  if (value === null) return null;
  if (vr === 'PN') return parsePersonName(String(value));
  return vrTraits(vr).kind === 'numbers' ? Number(value) : value;
}

/** Attributes by keyword of the DICOM JSON Model; what is binary is left out. */
export function attributesOf(dataSet: DicomJson): Attributes {
  return Object.fromEntries(
    Object.entries(dataSet).flatMap(([tag, element]) => {
      if (element.InlineBinary !== undefined || element.BulkDataURI !== undefined) return [];
      return [[dictionaryEntry(tag)?.keyword ?? tag, plainValue(element)] as const];
    }),
  );
}

function plainValue({ vr, Value = [] }: DicomJsonElement): AttributeValue {
  if (vr === 'SQ') return Value.map((item) => attributesOf((item ?? {}) as DicomJson));
  const values = Value.map((value) => {
    if (value === null || typeof value === 'number') return value;
    return vr === 'PN' ? formatPersonName(value as PersonNameValue) : valueText(value);
  });
  const [first = ''] = values;
  return values.length > 1 ? values : (first ?? '');
}
