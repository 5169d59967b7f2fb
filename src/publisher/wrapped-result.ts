import { createHash } from 'node:crypto';
import { encodeFileHeader } from '../dicom/file-meta.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { writeDataSet } from '../dicom/json-writer.ts';
import { transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import { uidOfHash } from '../dicom/uuid-uid.ts';

/** A file that came back and is no DICOM, and what it is about. */
export interface ForeignResult {
  readonly publisher: string;
  /** UID of what it is about, as the receiver knows it. */
  readonly subject: string;
  /** SHA-256 of the file that came, hexadecimal. */
  readonly cameAs: string;
  readonly mediaType: string;
  readonly content: Buffer;
  /** Of an instance that it is about, with the identity that it has here. */
  readonly about: DicomJson;
  readonly at: Date;
}

const encapsulatedPdf = '1.2.840.10008.5.1.4.1.1.104.1';
const basicTextSr = '1.2.840.10008.5.1.4.1.1.88.11';

/** Of patient and study, as PS3.3 §C.7.1 and §C.7.2 have them. */
const inherited = [
  '00080020',
  '00080030',
  '00080050',
  '00080051',
  '00080090',
  '00081030',
  '00100010',
  '00100020',
  '00100021',
  '00100030',
  '00100040',
  '0020000D',
  '00200010',
];

/**
 * Makes a DICOM file of a result that is none: a PDF becomes an Encapsulated PDF (PS3.3 §A.45.1), JSON and plain text the
 * text of a Basic Text SR (PS3.3 §A.35.1). What comes once more, under whatever name, has the same UIDs.
 * @returns undefined for kinds that DICOM has no place for
 */
export function wrappedResult(result: ForeignResult): Buffer | undefined {
  const { mediaType, content } = result;
  if (content.subarray(0, 5).toString('latin1') === '%PDF-')
    return file(encapsulatedPdf, pdfAttributes(content), result);
  if (mediaType !== 'application/json' && mediaType !== 'text/plain') return undefined;
  return file(basicTextSr, textAttributes(content.toString(), result), result);
}

function pdfAttributes(content: Buffer): DicomJson {
  const even = content.length % 2 === 0 ? content : Buffer.concat([content, Buffer.alloc(1)]);
  return {
    '00080060': { vr: 'CS', Value: ['DOC'] },
    '00080064': { vr: 'CS', Value: ['WSD'] },
    '00280301': { vr: 'CS', Value: ['YES'] },
    '0040A043': { vr: 'SQ', Value: [] },
    '00420010': { vr: 'ST', Value: ['Result'] },
    '00420011': { vr: 'OB', InlineBinary: even.toString('base64') },
    '00420012': { vr: 'LO', Value: ['application/pdf'] },
    '00420015': { vr: 'UL', Value: [content.length] },
  };
}

function textAttributes(text: string, { about }: ForeignResult): DicomJson {
  return {
    '00080060': { vr: 'CS', Value: ['SR'] },
    '00081111': { vr: 'SQ', Value: [] },
    '0040A040': { vr: 'CS', Value: ['CONTAINER'] },
    '0040A043': code('18748-4', 'LN', 'Diagnostic imaging study'),
    '0040A050': { vr: 'CS', Value: ['SEPARATE'] },
    '0040A372': { vr: 'SQ', Value: [] },
    '0040A375': { vr: 'SQ', Value: [evidence(about)] },
    '0040A491': { vr: 'CS', Value: ['COMPLETE'] },
    '0040A493': { vr: 'CS', Value: ['UNVERIFIED'] },
    '0040A730': {
      vr: 'SQ',
      Value: [
        {
          '0040A010': { vr: 'CS', Value: ['CONTAINS'] },
          '0040A040': { vr: 'CS', Value: ['TEXT'] },
          '0040A043': code('121071', 'DCM', 'Finding'),
          '0040A160': { vr: 'UT', Value: [text] },
        },
      ],
    },
  };
}

/** That the document is about the instance. PS3.3 §C.17.2.3 */
function evidence(about: DicomJson): DicomJson {
  const instance: DicomJson = { '00081150': about['00080016']!, '00081155': about['00080018']! };
  const series: DicomJson = { '00081199': { vr: 'SQ', Value: [instance] }, '0020000E': about['0020000E']! };
  return { '00081115': { vr: 'SQ', Value: [series] }, '0020000D': about['0020000D']! };
}

function code(value: string, scheme: string, meaning: string): DicomJson[string] {
  const item: DicomJson = {
    '00080100': { vr: 'SH', Value: [value] },
    '00080102': { vr: 'SH', Value: [scheme] },
    '00080104': { vr: 'LO', Value: [meaning] },
  };
  return { vr: 'SQ', Value: [item] };
}

function file(sopClassUid: string, own: DicomJson, { publisher, subject, cameAs, about, at }: ForeignResult): Buffer {
  const identity = [publisher, subject, sopClassUid, cameAs];
  const uid = (what: string) =>
    uidOfHash(
      createHash('sha256')
        .update([what, ...identity].join('\n'))
        .digest(),
    );
  const sopInstanceUid = uid('instance');
  const [date, time] = [
    at.toISOString().slice(0, 10).replaceAll('-', ''),
    at.toISOString().slice(11, 19).replaceAll(':', ''),
  ];
  const attributes: DicomJson = {
    ...Object.fromEntries(inherited.flatMap((tag) => (about[tag] === undefined ? [] : [[tag, about[tag]]]))),
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00080016': { vr: 'UI', Value: [sopClassUid] },
    '00080018': { vr: 'UI', Value: [sopInstanceUid] },
    '00080023': { vr: 'DA', Value: [date] },
    '00080033': { vr: 'TM', Value: [time] },
    '00080070': { vr: 'LO', Value: [publisher] },
    '0008103E': { vr: 'LO', Value: [`Results of ${publisher}`.slice(0, 64)] },
    '0020000E': { vr: 'UI', Value: [uid('series')] },
    '00200011': { vr: 'IS', Value: [9000] },
    '00200013': { vr: 'IS', Value: [1] },
    ...own,
  };
  const sorted = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  const transferSyntaxUid = transferSyntaxUids.explicitVrLittleEndian;
  return Buffer.concat([
    encodeFileHeader({ sopClassUid, sopInstanceUid, transferSyntaxUid }),
    writeDataSet(sorted, undefined, 'explicit'),
  ]);
}
