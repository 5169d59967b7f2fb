import { randomUUID } from 'node:crypto';
import { encapsulatePdf } from '../dicom/encapsulated-pdf.ts';
import { type Attributes, dataSetOf } from '../dicom/keyword-attributes.ts';
import { uidOfUuid } from '../dicom/uuid-uid.ts';

/** A UID that nobody else has: of a UUID, PS3.5 §B.2. */
export function newUid(): string {
  return uidOfUuid(randomUUID());
}

/**
 * Wraps a PDF as an instance of Encapsulated PDF Storage, which holds it byte for byte.
 * @param attributes by keyword, of patient, study and document; study, series and instance get new UIDs where none
 *   are given. Leave out the SOPInstanceUID of an image whose attributes they are: the document is an instance of its own
 * @returns a Part 10 file
 * @throws CausewayError `malformed` for what is no PDF, `bad-request` naming what is no attribute, or for another SOP class
 * @see PS3.3 §A.45.1
 */
export function wrapPdf(pdf: Uint8Array, attributes: Attributes): Buffer {
  const uids = { studyInstanceUid: newUid(), seriesInstanceUid: newUid(), sopInstanceUid: newUid() };
  return encapsulatePdf(pdf, dataSetOf(attributes), uids);
}
