import type { DicomJson } from '../dicom/json-model.ts';

/** Encapsulated Document (PS3.3 §C.24.2). */
export const encapsulatedDocument = '00420011';
const mimeTypeOfEncapsulatedDocument = '00420012';
const encapsulatedDocumentLength = '00420015';

/** What documents of these SOP Classes are where they do not say it themselves (PS3.3 §A.45, §A.85, §A.103). */
const mediaTypeOfSopClass: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.104.1': 'application/pdf',
  '1.2.840.10008.5.1.4.1.1.104.2': 'text/xml',
  '1.2.840.10008.5.1.4.1.1.104.3': 'model/stl',
  '1.2.840.10008.5.1.4.1.1.104.4': 'model/obj',
  '1.2.840.10008.5.1.4.1.1.104.5': 'model/mtl',
};

/** What may go into a header without a second thought. */
const isMediaType = /^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,100}$/i;

/** What the document says that it is, or else its SOP Class. */
export function documentMediaType(attributes: DicomJson, sopClassUid: string): string {
  const mimeType = attributes[mimeTypeOfEncapsulatedDocument]?.Value?.[0];
  if (typeof mimeType === 'string' && isMediaType.test(mimeType)) return mimeType.toLowerCase();
  return mediaTypeOfSopClass[sopClassUid] ?? 'application/octet-stream';
}

/**
 * @param stored bytes of the value
 * @returns bytes of the document, without the one that made its length even
 */
export function documentLength(attributes: DicomJson, stored: number): number {
  const claimed = attributes[encapsulatedDocumentLength]?.Value?.[0];
  return typeof claimed === 'number' && claimed > 0 && claimed === stored - 1 ? claimed : stored;
}
