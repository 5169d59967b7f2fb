import type { DicomJson, DicomJsonValue, PersonNameValue } from '../../dicom/json-model.ts';
import { nameComponents } from '../../dicom/person-name.ts';

/** Items of a sequence, in order; one that holds nothing keeps its place, as references count it. */
export function itemsOf(item: DicomJson, tag: string): DicomJson[] {
  const element = item[tag];
  if (element?.vr !== 'SQ') return [];
  return (element.Value ?? []).map((value) =>
    typeof value === 'object' && value !== null ? (value as DicomJson) : {},
  );
}

/** All values of an attribute as people read them, one after the other; empty where there are none. */
export function textOf(item: DicomJson, tag: string): string {
  const element = item[tag];
  if (element === undefined || element.vr === 'SQ') return '';
  if (element.BulkDataURI !== undefined) return '(too long to be shown here: see the bulk data of the instance)';
  return (element.Value ?? []).map((value) => valueText(element.vr, value)).join(', ');
}

/** All values, each as text. */
export function valuesOf(item: DicomJson, tag: string): string[] {
  const element = item[tag];
  return element === undefined || element.vr === 'SQ' ? [] : (element.Value ?? []).map((one) => valueText('UN', one));
}

function valueText(vr: string, value: DicomJsonValue): string {
  if (value === null) return '';
  if (typeof value === 'object') return nameText(value as PersonNameValue);
  const text = String(value);
  if (vr === 'DA') return dateText(text);
  if (vr === 'TM') return timeText(text);
  if (vr === 'DT') return dateTimeText(text);
  return text;
}

/** `20240315` is 2024-03-15; what is no date stays as it is. */
function dateText(text: string): string {
  return text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** `101314.5` is 10:13:14.5 */
function timeText(text: string): string {
  return text.replace(/^(\d\d)(\d\d)?(\d\d)?(\.\d+)?$/, (whole, hours, minutes, seconds, fraction = '') =>
    minutes === undefined ? whole : `${[hours, minutes, seconds].filter(Boolean).join(':')}${fraction}`,
  );
}

function dateTimeText(text: string): string {
  const parts = /^(\d{8})(\d{2,6}(?:\.\d+)?)([+-]\d{4})?$/.exec(text);
  if (parts === null) return dateText(text);
  const [, date = '', time = '', zone] = parts;
  return [dateText(date), timeText(time), zone].filter(Boolean).join(' ');
}

/** As people say it, prefix and given names first; the groups in the order of PS3.5 §6.2.1. */
function nameText({ Alphabetic, Ideographic, Phonetic }: PersonNameValue): string {
  return [Alphabetic, Ideographic, Phonetic]
    .filter((group): group is string => typeof group === 'string' && group !== '')
    .map((group) => {
      const { familyName, givenName, middleName, namePrefix, nameSuffix } = nameComponents(group);
      const name = [namePrefix, givenName, middleName, familyName].filter(Boolean).join(' ');
      return [name, nameSuffix].filter(Boolean).join(', ');
    })
    .join(' = ');
}

/** A coded term (PS3.3 §8.8). */
export interface Code {
  /** The code itself where it has no meaning. */
  readonly meaning: string;
  readonly value: string;
  /** Coding Scheme Designator. */
  readonly scheme: string;
}

/** The first code of a code sequence, whichever attribute its value is in. */
export function codeOf(item: DicomJson, tag: string): Code | undefined {
  const [code] = itemsOf(item, tag);
  if (code === undefined) return undefined;
  const value = textOf(code, '00080100') || textOf(code, '00080119') || textOf(code, '00080120');
  return { meaning: textOf(code, '00080104') || value, value, scheme: textOf(code, '00080102') };
}
