import type { DicomJson, DicomJsonValue, PersonNameValue } from '../dicom/json-model.ts';
import { readableName } from '../dicom/person-name.ts';
import { readableDate, readableDateTime, readableTime } from '../dicom/readable-date-time.ts';

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
  if (typeof value === 'object') return readableName(value as PersonNameValue);
  const text = String(value);
  if (vr === 'DA') return readableDate(text);
  if (vr === 'TM') return readableTime(text);
  if (vr === 'DT') return readableDateTime(text);
  return text;
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
