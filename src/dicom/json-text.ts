import type { DicomJson, DicomJsonElement, DicomJsonValue } from './json-model.ts';

/**
 * A data set as JSON text with tags ascending (PS3.18 §F.2.2): JavaScript itself puts keys without a hexadecimal letter,
 * such as 52009230, first.
 */
export function dicomJsonText(dataset: DicomJson): string {
  const members: string[] = [];
  for (const tag of Object.keys(dataset).sort()) members.push(`"${tag}":${elementText(dataset[tag]!)}`);
  return `{${members.join(',')}}`;
}

function elementText(element: DicomJsonElement): string {
  if (element.vr !== 'SQ' || !element.Value) return JSON.stringify(element);
  return `{"vr":"SQ","Value":[${element.Value.map(itemText).join(',')}]}`;
}

function itemText(item: DicomJsonValue): string {
  return dicomJsonText(typeof item === 'object' && item !== null ? (item as DicomJson) : {});
}
