import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import { encodeFileHeader } from './file-meta.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import { writeDataSet } from './json-writer.ts';
import { transferSyntaxUids } from './transfer-syntaxes.ts';

const encapsulatedPdfStorage = '1.2.840.10008.5.1.4.1.1.104.1';
const encapsulatedDocument = '00420011';

/** What has to be there, by tag: empty, or with the value that holds where nobody has said otherwise. PS3.3 §A.45.1.4. */
const modules: Readonly<Record<string, DicomJsonElement>> = {
  '00080020': { vr: 'DA' },
  '00080023': { vr: 'DA' },
  '0008002A': { vr: 'DT' },
  '00080030': { vr: 'TM' },
  '00080033': { vr: 'TM' },
  '00080050': { vr: 'SH' },
  '00080060': { vr: 'CS', Value: ['DOC'] },
  '00080064': { vr: 'CS', Value: ['WSD'] },
  '00080070': { vr: 'LO' },
  '00080090': { vr: 'PN' },
  '00100010': { vr: 'PN' },
  '00100020': { vr: 'LO' },
  '00100030': { vr: 'DA' },
  '00100040': { vr: 'CS' },
  '00200010': { vr: 'SH' },
  '00200011': { vr: 'IS', Value: [1] },
  '00200013': { vr: 'IS', Value: [1] },
  '00280301': { vr: 'CS', Value: ['YES'] },
  '0040A043': { vr: 'SQ' },
  '00420010': { vr: 'ST' },
};

export interface PdfUids {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
}

/**
 * Wraps a PDF as an instance of Encapsulated PDF Storage: a Part 10 file in Explicit VR Little Endian that holds it byte for
 * byte.
 * @param attributes of patient, study and document; they go before the defaults, and before `uids`. A SOP Instance UID among
 *   them is that of the document: to be given only by whoever numbers documents, never with attributes of an image
 * @throws CausewayError `malformed` for what is no PDF, `bad-request` for attributes of an instance of another SOP class
 * @see PS3.3 §A.45.1, §C.24.2
 */
export function encapsulatePdf(pdf: Uint8Array, attributes: DicomJson, uids: PdfUids): Buffer {
  if (Buffer.from(pdf.subarray(0, 1024)).indexOf('%PDF-') < 0) {
    throw new CausewayError('malformed', 'It is no PDF: it does not begin with %PDF-.');
  }
  const sopClassUid = attributes['00080016']?.Value?.[0];
  if (sopClassUid !== undefined && sopClassUid !== encapsulatedPdfStorage) {
    throw new CausewayError(
      'bad-request',
      'The attributes are of an instance of another SOP class (0008,0016): leave out what names that instance.',
      { details: { tag: '00080016' } },
    );
  }
  const dataSet: DicomJson = {
    ...modules,
    '00080018': { vr: 'UI', Value: [uids.sopInstanceUid] },
    '0020000D': { vr: 'UI', Value: [uids.studyInstanceUid] },
    '0020000E': { vr: 'UI', Value: [uids.seriesInstanceUid] },
    ...attributes,
    '00080016': { vr: 'UI', Value: [encapsulatedPdfStorage] },
    '00420012': { vr: 'LO', Value: ['application/pdf'] },
    // The padding of an odd document is no part of it.
    '00420015': { vr: 'UL', Value: [pdf.length] },
    [encapsulatedDocument]: { vr: 'OB', BulkDataURI: encapsulatedDocument },
  };
  const sopInstanceUid = String(dataSet['00080018']?.Value?.[0] ?? '');
  const header = encodeFileHeader({
    sopClassUid: encapsulatedPdfStorage,
    sopInstanceUid,
    transferSyntaxUid: transferSyntaxUids.explicitVrLittleEndian,
  });
  return Buffer.concat([header, writeDataSet(dataSet, () => pdf)]);
}
