import { createHash } from 'node:crypto';
import type { DicomJson, PersonNameValue } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import { nameComponents } from '../../dicom/person-name.ts';

/** What a study that was sent is told about in an ORU^R01. */
export interface StudyToTell {
  readonly studyInstanceUid: string;
  readonly series: readonly {
    readonly seriesInstanceUid: string;
    readonly modality: string;
    readonly instances: number;
  }[];
  /** Of one of its instances: patient and order. */
  readonly attributes: DicomJson;
  /** Where people can look at it. */
  readonly url: string | undefined;
  /** Of the SR documents among what is sent: title, and text line by line. */
  readonly reports: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

export interface Hl7Addresses {
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
}

export interface Hl7Message {
  /** MSH-10: the same for the same content, whenever it is told. */
  readonly controlId: string;
  /** UTF-8, segments ended by CR. */
  readonly text: string;
}

/**
 * An unsolicited observation message: HL7 v2.5.1, ORU^R01^ORU_R01, with one OBX a UID, link and line of text.
 * @see HL7 v2.5.1 §7.3.1, §2.14
 */
export function oruMessage(study: StudyToTell, addresses: Hl7Addresses, at: Date): Hl7Message {
  const { attributes } = study;
  // What is said again, as its acknowledgment was lost, is known by MSH-10: when it is said is none of it.
  const bodyAt = (reportedAt: string) => [
    segment('PID', [
      '1',
      '',
      patientId(attributes),
      '',
      patientName(attributes),
      '',
      digits(attributes, '00100030'),
      sex(attributes),
    ]),
    segment('OBR', [
      '1',
      escaped(text(attributes, '00402016')),
      escaped(text(attributes, '00080050')),
      service(attributes),
      '',
      '',
      studyTime(attributes),
      ...Array<string>(10).fill(''),
      // OBR-18, where receivers of images look for it.
      escaped(text(attributes, '00080050')),
      ...Array<string>(3).fill(''),
      reportedAt,
      '',
      escaped(study.series[0]?.modality ?? ''),
      'F',
    ]),
    ...observations(study),
  ];
  const controlId = createHash('sha256')
    .update([addresses.receivingApplication, ...bodyAt('')].join('\r'))
    .digest('hex')
    .slice(0, 20);
  const head = [
    'MSH',
    '^~\\&',
    escaped(addresses.sendingApplication),
    escaped(addresses.sendingFacility),
    escaped(addresses.receivingApplication),
    escaped(addresses.receivingFacility),
    timestamp(at),
    '',
    'ORU^R01^ORU_R01',
    controlId,
    'P',
    '2.5.1',
    '',
    '',
    'AL',
    'NE',
    '',
    'UNICODE UTF-8',
  ].join('|');
  return { controlId, text: [head, ...bodyAt(timestamp(at)), ''].join('\r') };
}

function observations({ studyInstanceUid, series, url, reports }: StudyToTell): string[] {
  const rows: [type: string, what: string, sub: string, value: string][] = [
    ['ST', '113014^Study^DCM', '1', escaped(studyInstanceUid)],
    ...series.flatMap(({ seriesInstanceUid, instances }, at): (typeof rows)[number][] => [
      ['ST', '113015^Series^DCM', String(at + 1), escaped(seriesInstanceUid)],
      ['NM', '00201209^Number of Series Related Instances^DCM', String(at + 1), String(instances)],
    ]),
    ...(url === undefined
      ? []
      : [['RP', '113014^Study^DCM', '1', `${escaped(url)}^CAUSEWAY^TEXT^HTML`] as (typeof rows)[number]]),
    ...reports.flatMap(({ title, lines }, at) =>
      lines.map((line): (typeof rows)[number] => [
        'TX',
        `18748-4^${escaped(title || 'Diagnostic imaging study')}^LN`,
        String(at + 1),
        escaped(line),
      ]),
    ),
  ];
  return rows.map(([type, what, sub, value], at) =>
    segment('OBX', [String(at + 1), type, what, sub, value, '', '', '', '', '', 'F']),
  );
}

function segment(name: string, fields: readonly string[]): string {
  return [name, ...fields].join('|').replace(/\|+$/, '');
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\E\\',
  '|': '\\F\\',
  '^': '\\S\\',
  '&': '\\T\\',
  '~': '\\R\\',
};

/** HL7 v2.5.1 §2.7. Control characters end segments and messages: none of them gets through. */
export function escaped(value: string): string {
  return value.replace(/[\x00-\x1f\x7f]+/g, ' ').replace(/[\\|^&~]/g, (one) => escapes[one]!);
}

function text(attributes: DicomJson, tag: string): string {
  return textValues(attributes[tag])[0] ?? '';
}

function digits(attributes: DicomJson, tag: string): string {
  return text(attributes, tag).replace(/\D/g, '').slice(0, 8);
}

function sex(attributes: DicomJson): string {
  const value = text(attributes, '00100040');
  return ['M', 'F', 'O'].includes(value) ? value : '';
}

/** CX: id, and who gave it. */
function patientId(attributes: DicomJson): string {
  const issuer = escaped(text(attributes, '00100021'));
  return `${escaped(text(attributes, '00100020'))}${issuer === '' ? '' : `^^^${issuer}`}`;
}

/** XPN, one repetition for each group of the name, told apart by XPN.8. */
function patientName(attributes: DicomJson): string {
  const name = attributes['00100010']?.Value?.[0] as PersonNameValue | undefined | null;
  if (typeof name !== 'object' || name === null) return '';
  const groups = [
    [name.Alphabetic, 'A'],
    [name.Ideographic, 'I'],
    [name.Phonetic, 'P'],
  ] as const;
  const present = groups.filter(([group]) => group !== undefined && group !== '');
  return present
    .map(([group, representation]) => {
      const { familyName, givenName, middleName, nameSuffix, namePrefix } = nameComponents(group ?? '');
      const parts = [familyName, givenName, middleName, nameSuffix, namePrefix].map(escaped);
      return [...parts, ...(present.length > 1 ? ['', '', representation] : [])].join('^').replace(/\^+$/, '');
    })
    .join('~');
}

/** OBR-4: the code of the procedure where there is one, else how the study is described. */
function service(attributes: DicomJson): string {
  const code = attributes['00081032']?.Value?.[0] as DicomJson | undefined | null;
  if (typeof code === 'object' && code !== null && text(code, '00080100') !== '') {
    return ['00080100', '00080104', '00080102'].map((tag) => escaped(text(code, tag))).join('^');
  }
  return `^${escaped(text(attributes, '00081030') || 'Imaging study')}`;
}

function studyTime(attributes: DicomJson): string {
  const date = digits(attributes, '00080020');
  if (date.length !== 8) return '';
  const time = text(attributes, '00080030').replace(/\..*$/, '').replace(/\D/g, '');
  return `${date}${time.length % 2 === 0 ? time.slice(0, 6) : ''}`;
}

/** TS in UTC, whatever the zone of this machine. */
function timestamp(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/\D/g, '')}+0000`;
}

/** What an acknowledgment says. */
export interface Hl7Acknowledgment {
  /** MSA-1, or undefined if it is no acknowledgment. */
  readonly code: string | undefined;
  /** MSA-2: which message it is about. */
  readonly controlId: string;
  /** ERR-3: HL7 table 0357. */
  readonly errorCode: string;
  /** MSA-3, ERR-8 or the text of ERR-3. */
  readonly words: string;
}

/** @see HL7 v2.5.1 §2.14.8, §2.14.5 */
export function readAcknowledgment(message: string): Hl7Acknowledgment {
  const segments = message.split(/[\r\n]+/).map((line) => line.split('|'));
  const msa = segments.find(([name]) => name === 'MSA') ?? [];
  const err = segments.find(([name]) => name === 'ERR') ?? [];
  const [errorCode = '', errorText = ''] = (err[3] ?? '').split('^');
  return {
    code: msa[1]?.trim(),
    controlId: (msa[2] ?? '').trim(),
    errorCode: errorCode.trim(),
    words: [msa[3], err[8], errorText].find((one) => one !== undefined && one.trim() !== '') ?? '',
  };
}
