import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';

/** The numbers of an attribute, with DS and IS that came as strings read too; values that are not numbers are left out. */
export function numbersOf(attributes: DicomJson | undefined, tag: string): number[] {
  const numbers: number[] = [];
  for (const value of attributes?.[tag]?.Value ?? []) {
    const number = typeof value === 'string' ? Number(value.trim() || Number.NaN) : value;
    if (typeof number === 'number' && Number.isFinite(number)) numbers.push(number);
  }
  return numbers;
}

/** The first number of an attribute. */
export function numberOf(attributes: DicomJson | undefined, tag: string): number | undefined {
  return numbersOf(attributes, tag)[0];
}

/** The first string of an attribute without padding; an empty one counts as absent. */
export function stringOf(attributes: DicomJson | undefined, tag: string): string | undefined {
  const value = attributes?.[tag]?.Value?.[0];
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

/** An item of a sequence, by default the first. */
export function itemOf(attributes: DicomJson | undefined, tag: string, index = 0): DicomJson | undefined {
  const element = attributes?.[tag];
  const item = element?.vr === 'SQ' ? element.Value?.[index] : undefined;
  return item !== null && typeof item === 'object' ? (item as DicomJson) : undefined;
}

/** All items of a sequence. */
export function itemsOf(attributes: DicomJson | undefined, tag: string): DicomJson[] {
  const count = attributes?.[tag]?.Value?.length ?? 0;
  return Array.from({ length: count }, (_, index) => itemOf(attributes, tag, index)).filter(
    (item) => item !== undefined,
  );
}

/** The bytes of a binary value that came with the metadata; little endian (PS3.18 §F.2.7). */
export function inlineBytesOf(element: DicomJsonElement | undefined): Uint8Array | undefined {
  return element?.InlineBinary === undefined ? undefined : Buffer.from(element.InlineBinary, 'base64');
}
