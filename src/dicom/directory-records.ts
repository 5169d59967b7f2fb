import type { DicomJson, DicomJsonElement, Vr } from './json-model.ts';

/** An attribute of a directory record, and what stands in for it where a value is required and the instance has none. */
export interface DirectoryKey {
  readonly tag: string;
  readonly vr: Vr;
  /** Type 1: written with the value of the first of `instead` that has one, else with `fallback`. */
  readonly required?: { readonly instead?: readonly string[]; readonly fallback: string | number };
  /** Type 1C: left out where the instance does not have it. */
  readonly conditional?: true;
}

/** What the records of one type hold besides where they are and what they refer to. */
export interface DirectoryRecordType {
  /** Directory Record Type (0004,1430). */
  readonly name: string;
  readonly keys: readonly DirectoryKey[];
}

const dates = ['00080023', '00080022', '00080021', '00080020'];
const times = ['00080033', '00080032', '00080031', '00080030'];

/**
 * The beginning of the calendar is what DCMTK, too, writes for a date that no attribute tells: readers refuse a
 * directory without one.
 */
function date(tag: string): DirectoryKey {
  return { tag, vr: 'DA', required: { instead: dates, fallback: '19000101' } };
}

function time(tag: string): DirectoryKey {
  return { tag, vr: 'TM', required: { instead: times, fallback: '000000' } };
}

function text(tag: string, vr: Vr, fallback: string): DirectoryKey {
  return { tag, vr, required: { fallback } };
}

const optional = (tag: string, vr: Vr): DirectoryKey => ({ tag, vr });
const conditional = (tag: string, vr: Vr): DirectoryKey => ({ tag, vr, conditional: true });

const instanceNumber: DirectoryKey = { tag: '00200013', vr: 'IS', required: { fallback: 0 } };
const contentDateTime = [date('00080023'), time('00080033')];
const contentIdentification = [
  instanceNumber,
  text('00700080', 'CS', 'UNNAMED'),
  optional('00700081', 'LO'),
  optional('00700084', 'PN'),
];
const conceptName = conditional('0040A043', 'SQ');

/** @see PS3.3 Table F.5-1; of what has no Patient ID the study is all that tells it from others */
export const patientRecord = (studyInstanceUid: string): DirectoryRecordType => ({
  name: 'PATIENT',
  keys: [optional('00100010', 'PN'), text('00100020', 'LO', studyInstanceUid)],
});

/** @see PS3.3 Table F.5-2 */
export const studyRecord: DirectoryRecordType = {
  name: 'STUDY',
  keys: [
    date('00080020'),
    time('00080030'),
    optional('00080050', 'SH'),
    optional('00081030', 'LO'),
    conditional('0020000D', 'UI'),
    text('00200010', 'SH', '0'),
  ],
};

/** @see PS3.3 Table F.5-3 */
export const seriesRecord: DirectoryRecordType = {
  name: 'SERIES',
  keys: [
    text('00080060', 'CS', 'OT'),
    conditional('0020000E', 'UI'),
    { tag: '00200011', vr: 'IS', required: { fallback: 0 } },
  ],
};

/** @see PS3.3 Table F.5-4 */
const image: DirectoryRecordType = { name: 'IMAGE', keys: [instanceNumber] };

/** Types of records of what is no image, and the SOP classes that they are for (PS3.3 Table F.4-1, F.5-10 and on). */
const otherTypes: readonly (readonly [classes: RegExp, DirectoryRecordType])[] = [
  [
    /^481\.2$/,
    { name: 'RT DOSE', keys: [instanceNumber, text('3004000A', 'CS', 'PLAN'), conditional('30040006', 'LO')] },
  ],
  [
    /^481\.3$/,
    {
      name: 'RT STRUCTURE SET',
      keys: [instanceNumber, text('30060002', 'SH', 'UNNAMED'), optional('30060008', 'DA'), optional('30060009', 'TM')],
    },
  ],
  [
    /^481\.[58]$/,
    {
      name: 'RT PLAN',
      keys: [instanceNumber, text('300A0002', 'SH', 'UNNAMED'), optional('300A0006', 'DA'), optional('300A0007', 'TM')],
    },
  ],
  [
    /^481\.[4679]$/,
    { name: 'RT TREAT RECORD', keys: [instanceNumber, optional('30080250', 'DA'), optional('30080251', 'TM')] },
  ],
  [
    /^11\.\d+$/,
    {
      name: 'PRESENTATION',
      keys: [
        ...contentIdentification,
        date('00700082'),
        time('00700083'),
        conditional('00081115', 'SQ'),
        conditional('00700402', 'SQ'),
      ],
    },
  ],
  [/^9(\.\d+)+$/, { name: 'WAVEFORM', keys: [instanceNumber, ...contentDateTime] }],
  [/^88\.59$/, { name: 'KEY OBJECT DOC', keys: [instanceNumber, ...contentDateTime, conceptName] }],
  [
    /^88\.\d+$/,
    {
      name: 'SR DOCUMENT',
      keys: [
        instanceNumber,
        ...contentDateTime,
        text('0040A491', 'CS', 'PARTIAL'),
        text('0040A493', 'CS', 'UNVERIFIED'),
        conceptName,
      ],
    },
  ],
  [/^4\.2$/, { name: 'SPECTROSCOPY', keys: [text('00080008', 'CS', 'ORIGINAL'), ...contentDateTime, instanceNumber] }],
  [/^66$/, { name: 'RAW DATA', keys: [...contentDateTime, optional('00200013', 'IS')] }],
  [/^66\.[13]$/, { name: 'REGISTRATION', keys: [...contentDateTime, ...contentIdentification] }],
  [/^66\.2$/, { name: 'FIDUCIAL', keys: [...contentDateTime, ...contentIdentification] }],
  [/^66\.5$/, { name: 'SURFACE', keys: [...contentDateTime, ...contentIdentification] }],
  [/^66\.6$/, { name: 'TRACT', keys: [...contentDateTime, ...contentIdentification] }],
  [/^67$/, { name: 'VALUE MAP', keys: [...contentDateTime, ...contentIdentification] }],
  [/^68\.[12]$/, { name: 'SURFACE SCAN', keys: [...contentDateTime, instanceNumber] }],
  [/^77\.1\.5\.3$/, { name: 'STEREOMETRIC', keys: [...contentDateTime, ...contentIdentification] }],
  [/^(78\.\d|79\.1|80\.1)$/, { name: 'MEASUREMENT', keys: [...contentDateTime, instanceNumber] }],
  [
    /^104\.\d$/,
    {
      name: 'ENCAP DOC',
      keys: [
        optional('00080023', 'DA'),
        optional('00080033', 'TM'),
        instanceNumber,
        optional('00420010', 'ST'),
        conditional('0040E001', 'ST'),
        optional('0040A043', 'SQ'),
        text('00420012', 'LO', 'application/octet-stream'),
      ],
    },
  ],
];

const storageRoot = '1.2.840.10008.5.1.4.1.1.';

/** The type of the record that refers to an instance; what has no type of its own in the Standard is listed as an image. */
export function instanceRecord(sopClassUid: string): DirectoryRecordType {
  if (!sopClassUid.startsWith(storageRoot)) return image;
  const suffix = sopClassUid.slice(storageRoot.length);
  return otherTypes.find(([classes]) => classes.test(suffix))?.[1] ?? image;
}

/** The keys of a record as an instance gives them. */
export function directoryKeys({ keys }: DirectoryRecordType, attributes: DicomJson): DicomJson {
  const record: DicomJson = {};
  for (const { tag, vr, required, conditional } of keys) {
    const own = valued(attributes[tag]);
    if (own !== undefined) record[tag] = own;
    else if (required !== undefined) {
      const other = required.instead?.map((one) => valued(attributes[one])).find((one) => one !== undefined);
      record[tag] = { vr, Value: other?.Value ?? [required.fallback] };
    } else if (!conditional) record[tag] = { vr };
  }
  return record;
}

/** An attribute with a value at hand. */
function valued(element: DicomJsonElement | undefined): DicomJsonElement | undefined {
  const [first] = element?.Value ?? [];
  return first === undefined || first === null || first === '' ? undefined : element;
}
