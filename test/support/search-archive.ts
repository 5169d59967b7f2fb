import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import type { DicomJson, DicomJsonElement, DicomJsonValue, Vr } from '../../src/dicom/json-model.ts';
import { comparableDate, comparableTime, numberValues, textValues } from '../../src/dicom/match-values.ts';
import { parsePersonName } from '../../src/dicom/person-name.ts';
import type { AttributePath, QueryLevel } from '../../src/dicom/query.ts';
import type { MatchingOptions, QueryKey } from '../../src/dicom/query-conditions.ts';
import type { NewExtendedTag } from '../../src/index/extended-tag.ts';
import { type IndexedAttribute, indexedAttributes } from '../../src/index/indexed-attributes.ts';
import type { NewInstance } from '../../src/index/instance-record.ts';
import { newInstance } from './new-instance.ts';

/** What an archive holds, by the attributes of each entity alone, UIDs and counts left out. */
export interface Archive {
  readonly studies: readonly {
    readonly attributes: DicomJson;
    readonly series: readonly { readonly attributes: DicomJson; readonly instances: readonly DicomJson[] }[];
  }[];
}

/** A query as a peer would put it. */
export interface PeerQuery {
  readonly level: QueryLevel;
  readonly keys: readonly QueryKey[];
  readonly options: MatchingOptions;
  readonly limit: number;
  readonly offset: number;
}

/** Attributes that occur in archives: every kind of column at every level. */
const variedKeywords = new Set([
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'OtherPatientIDs',
  'OtherPatientNames',
  'PatientComments',
  'OtherPatientIDsSequence',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'ReferringPhysicianName',
  'StudyDescription',
  'PatientSize',
  'ProcedureCodeSequence',
  'Modality',
  'SeriesNumber',
  'SeriesDescription',
  'PerformingPhysicianName',
  'PerformedProcedureStepStartDate',
  'PerformedProcedureStepStartTime',
  'RequestAttributesSequence',
  'ImageType',
  'AcquisitionDateTime',
  'ContentDate',
  'ContentTime',
  'InstanceNumber',
  'DocumentTitle',
  'ConceptNameCodeSequence',
]);

/** What an administrator has made searchable, at every level and of every kind. */
export const extendedInArchive: readonly NewExtendedTag[] = [
  { path: '00102000', vr: 'LO', level: 'study' }, // MedicalAlerts
  { path: '001021D0', vr: 'DA', level: 'study' }, // LastMenstrualDate
  { path: '00400250', vr: 'DA', level: 'series' }, // PerformedProcedureStepEndDate
  { path: '00400251', vr: 'TM', level: 'series' }, // PerformedProcedureStepEndTime
  { path: '00181020', vr: 'LO', level: 'series' }, // SoftwareVersions
  { path: '0040A075', vr: 'PN', level: 'instance' }, // VerifyingObserverName
  { path: '0040A032', vr: 'DT', level: 'instance' }, // ObservationDateTime
  { path: '00181151', vr: 'IS', level: 'instance' }, // XRayTubeCurrent
  { path: '00204000', vr: 'LT', level: 'instance' }, // ImageComments
  { path: '70531001', vr: 'LO', level: 'instance', privateCreator: 'Causeway Test' },
];
const extended = extendedInArchive.map(({ path, vr, level }) => ({ keyword: path, tag: path, vr, level }));

type ArchiveAttribute = Pick<IndexedAttribute, 'keyword' | 'tag' | 'vr' | 'level' | 'items'>;
const isVaried = ({ keyword }: IndexedAttribute) => variedKeywords.has(keyword);
const varied: readonly ArchiveAttribute[] = [...indexedAttributes.filter(isVaried), ...extended];
const asked: readonly ArchiveAttribute[] = [
  ...indexedAttributes.filter((attribute) => attribute.counted || isVaried(attribute)),
  ...extended,
];

const sopClasses = ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.4', '1.2.840.10008.5.1.4.1.1.7'] as const;

const texts = [
  'CT', 'MR', 'ct', 'HEAD', 'Head', 'Head CT', 'CT  Head', 'a', 'A', 'ab', 'abab', 'a%b', 'a_b', '%', '_', '100%',
  "O'Neil", '"', '{a,b}', 'NULL', '(a)', 'A.1-2', 'ä', 'Ärzte', '山田', '日', '💀', 'a💀b', '  a ', ' ', '',
]; // biome-ignore format: a list
const freeTexts = [...texts, 'a\\b', '\\', 'two\r\nlines', '\\\\server\\share'];
const names = [
  'Doe^John', 'DOE^JOHN', 'Doe', 'Doe^', 'Doe^^', 'Doe^Jane^Mary', 'Dö^Jöhn', 'Müller^Jörg', 'MULLER^JORG', 'van der Berg^Jan',
  'Slide^Maxi', 'Łęcki^Ömer', 'Strauß', 'STRAUSS', 'Παπαδόπουλος^Γιώργος', 'ΠΑΠΑΔΟΠΟΥΛΟΣ', 'Йванов', 'Yamada^Tarou=山田^太郎=やまだ^たろう',
  '=山田^太郎', '==やまだ^たろう', 'バーバ', 'ハーハ', 'ﾊﾞｰﾊﾞ', 'กำ', 'กา', '한국^남', 'ﬁsh', '100%', 'a_b', 'O^', '^John', "O'Neil.Jr,X-Y", ' Doe ^ John ', '', '^', '=',
]; // biome-ignore format: a list
const dates = ['20240229', '20240301', '19991231', '2023.05.06', '20230506', '20240230', '00000000', '2024', ''];
const times = [
  '10',
  '1030',
  '103015',
  '103015.5',
  '103015.000001',
  '10:30:15',
  '235959.999999',
  '000000',
  '2500',
  'x',
  '',
];
const moments = [
  '2024',
  '202402',
  '20240229103015.5',
  '20240229103015+0100',
  '20240229093015',
  '20240229233000-0500',
  'x',
  '',
];
const numbers: readonly DicomJsonValue[] = [0, 1, 2, 10, -1, 1.5, 170.25, '1', '01', '1.0', '1e0', '', 'x', null];

const oneOf = (values: readonly string[]) => fc.constantFrom(...values);
const anyText = fc.oneof(
  { weight: 5, arbitrary: oneOf(texts) },
  fc.string({ unit: oneOf([...'aAb%_ä山 .']), maxLength: 5 }),
);
const anyName = fc.oneof(
  { weight: 5, arbitrary: oneOf(names) },
  fc.string({ unit: oneOf([...'aAbäÄß^^= .山ガ\u0301']), maxLength: 8 }),
);

const listed = (of: fc.Arbitrary<DicomJsonValue>, most: number): fc.Arbitrary<DicomJsonValue[]> =>
  fc.oneof({ weight: 3, arbitrary: fc.array(of, { minLength: 1, maxLength: 1 }) }, fc.array(of, { maxLength: most }));

/** Of several values, which it cannot have, the index makes one modality of the study. */
const modality = '00080060';

const singleValued = new Set<Vr>(['LT', 'ST', 'UT', 'DA', 'TM', 'DT', 'IS', 'DS', 'US']);

function valuesArbitrary(vr: Vr): fc.Arbitrary<DicomJsonValue[]> {
  const most = singleValued.has(vr) ? 1 : 3;
  switch (vr) {
    case 'PN':
      return listed(
        anyName.map((name) => parsePersonName(name) as DicomJsonValue),
        most,
      );
    case 'DA':
      return listed(oneOf(dates), most);
    case 'TM':
      return listed(oneOf(times), most);
    case 'DT':
      return listed(oneOf(moments), most);
    case 'IS':
    case 'DS':
    case 'US':
      return listed(fc.constantFrom(...numbers), most);
    case 'UI':
      return listed(oneOf(['1.2.3', '1.2.4', '1.2.3\0', '']), most);
    case 'LT':
    case 'ST':
    case 'UT':
      return listed(oneOf(freeTexts), most);
    default:
      return listed(anyText, most);
  }
}

function elementArbitrary({
  tag,
  vr,
  items,
}: Pick<IndexedAttribute, 'tag' | 'vr' | 'items'>): fc.Arbitrary<DicomJsonElement> {
  const values = items
    ? fc.array(dataSetArbitrary(items) as fc.Arbitrary<DicomJsonValue>, { maxLength: 3 })
    : valuesArbitrary(vr);
  return values.map((list) => {
    const Value = tag === modality ? list.slice(0, 1) : list;
    return Value.length > 0 ? { vr, Value } : { vr };
  });
}

function dataSetArbitrary(
  attributes: readonly Pick<IndexedAttribute, 'tag' | 'vr' | 'items'>[],
): fc.Arbitrary<DicomJson> {
  const record = Object.fromEntries(attributes.map((attribute) => [attribute.tag, elementArbitrary(attribute)]));
  return fc.record(record, { requiredKeys: [] }) as fc.Arbitrary<DicomJson>;
}

const atLevels = (...levels: readonly string[]) => varied.filter(({ level }) => levels.includes(level));

const instanceArbitrary = fc
  .tuple(
    dataSetArbitrary(atLevels('instance')),
    oneOf(sopClasses),
    fc.option(oneOf(['+0100', '-0500', '+0000', 'x']), { nil: undefined }),
  )
  .map(
    ([attributes, sopClass, offset]): DicomJson => ({
      ...attributes,
      '00080016': { vr: 'UI', Value: [sopClass] },
      '70530010': { vr: 'LO', Value: ['Causeway Test'] },
      ...(offset !== undefined && { '00080201': { vr: 'SH', Value: [offset] } }),
    }),
  );

/** A handful of studies whose values meet often, with all that makes matching hard. */
export const archiveArbitrary: fc.Arbitrary<Archive> = fc.record({
  studies: fc.array(
    fc.record({
      attributes: dataSetArbitrary(atLevels('patient', 'study')),
      series: fc.array(
        fc.record({
          attributes: dataSetArbitrary(atLevels('series')),
          instances: fc.array(instanceArbitrary, { minLength: 1, maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 8 },
  ),
});

/** The archive as ingest would hand it to the index. */
export function instancesOf({ studies }: Archive): NewInstance[] {
  return studies.flatMap((study, s) =>
    study.series.flatMap((series, e) =>
      series.instances.map((attributes, i) => {
        const identified = newInstance({ study: s, series: e, instance: i });
        const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = identified;
        const whole: DicomJson = {
          ...study.attributes,
          ...series.attributes,
          ...attributes,
          '00080018': { vr: 'UI', Value: [sopInstanceUid] },
          '0020000D': { vr: 'UI', Value: [studyInstanceUid] },
          '0020000E': { vr: 'UI', Value: [seriesInstanceUid] },
        };
        return {
          ...identified,
          sopClassUid: textValues(attributes['00080016'])[0] as string,
          attributes: whole,
          metadata: deflateRawSync(JSON.stringify(whole)),
        };
      }),
    ),
  );
}

/** What describes each entity of a level, counted attributes included; in the order in which a search answers them. */
export function entitiesOf(archive: Archive, level: QueryLevel): DicomJson[] {
  const instances = instancesOf(archive).map(({ attributes }) => attributes);
  const entities = archive.studies.flatMap((study, s) => {
    const ofStudy = instances.filter((each) => uidOf(each, '0020000D') === `1.2.826.0.1.${s}`);
    const described: DicomJson = {
      ...study.attributes,
      ...element('0020000D', 'UI', [uidOf(ofStudy[0], '0020000D')]),
      ...element('00080061', 'CS', distinct(ofStudy.flatMap((each) => textValues(each[modality])))),
      ...element('00080062', 'UI', distinct(ofStudy.flatMap((each) => textValues(each['00080016'])))),
      ...element('00201206', 'IS', [study.series.length]),
      ...element('00201208', 'IS', [ofStudy.length]),
    };
    if (level === 'study') return [described];
    return study.series.flatMap((series, e) => {
      const ofSeries = ofStudy.filter((each) => uidOf(each, '0020000E') === `1.2.826.0.1.${s}.${e}`);
      const within: DicomJson = {
        ...described,
        ...series.attributes,
        ...element('0020000E', 'UI', [uidOf(ofSeries[0], '0020000E')]),
        ...element('00201209', 'IS', [ofSeries.length]),
      };
      return level === 'series' ? [within] : ofSeries.map((attributes) => ({ ...within, ...attributes }));
    });
  });
  return entities.sort((a, b) => compareLists(sortKeys(a), sortKeys(b)));
}

/** The UID that tells an answer of a level apart. */
export function uidAt(dataset: DicomJson, level: QueryLevel): string {
  return uidOf(dataset, { study: '0020000D', series: '0020000E', instance: '00080018' }[level]);
}

function uidOf(dataset: DicomJson | undefined, tag: string): string {
  return textValues(dataset?.[tag])[0] ?? '';
}

function element(tag: string, vr: Vr, values: DicomJsonValue[]): DicomJson {
  return { [tag]: values.length > 0 ? { vr, Value: values } : { vr } };
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

/** Newest study first, those without a date last; series and instances by number, those without one last. */
function sortKeys(dataset: DicomJson): (string | number)[] {
  const descending = (text: string | undefined) => (text === undefined ? 1 : -Number(text.replace('.', '')) / 1e20);
  const first = <T>(values: T[]) => values[0];
  return [
    descending(first(textValues(dataset['00080020']).flatMap((value) => comparableDate(value) ?? []))),
    descending(first(textValues(dataset['00080030']).flatMap((value) => comparableTime(value) ?? []))),
    uidOf(dataset, '0020000D'),
    numberValues(dataset['00200011'])[0] ?? Infinity,
    uidOf(dataset, '0020000E'),
    numberValues(dataset['00200013'])[0] ?? Infinity,
    uidOf(dataset, '00080018'),
  ];
}

function compareLists(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const place = a.findIndex((value, at) => value !== b[at]);
  return place < 0 ? 0 : (a[place] as string) < (b[place] as string) ? -1 : 1;
}

/** A value as somebody would search for it: a part replaced by a wildcard, another case, a list. */
function soughtText(of: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const sought = fc
    .tuple(of, fc.nat(5), fc.nat(3), oneOf(['', '', '*', '?', 'upper', 'lower', '*…*']))
    .map(([text, from, length, change]) => {
      const characters = Array.from(text);
      switch (change) {
        case '*':
          characters.splice(Math.min(from, characters.length), length, '*');
          return characters.join('');
        case '?':
          characters.splice(Math.min(from, characters.length), Math.min(length, 1), '?');
          return characters.join('');
        case '*…*':
          return `*${characters.slice(from, from + length + 1).join('')}*`;
        case 'upper':
          return text.toUpperCase();
        case 'lower':
          return text.toLowerCase();
        default:
          return text;
      }
    });
  return fc.oneof(
    { weight: 6, arbitrary: sought },
    fc.array(sought, { minLength: 2, maxLength: 3 }).map((values) => values.join('\\')),
    fc.constantFrom('', '*', '**', '""', '?', '??', '*?', '*\\A'),
  );
}

function rangeText(ends: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    oneOf(ends),
    fc.tuple(oneOf(ends), oneOf(ends)).map(([from, to]) => `${from}-${to}`),
    oneOf(ends).map((from) => `${from}-`),
    oneOf(ends).map((to) => `-${to}`),
  );
}

const uids = [
  '1.2.826.0.1.0',
  '1.2.826.0.1.1',
  '1.2.826.0.1.0.0',
  '1.2.826.0.1.1.0',
  '1.2.826.0.1.0.0.0',
  '1.2.826.0.1.2.1.1',
  '1.2.3',
  ...sopClasses,
];

function soughtArbitrary(vr: Vr): fc.Arbitrary<string> {
  switch (vr) {
    case 'PN':
      return soughtText(anyName);
    case 'DA':
      return rangeText(dates);
    case 'TM':
      return rangeText([...times, '103015.5', '102', '103014', '235959']);
    case 'DT':
      return rangeText(moments);
    case 'IS':
    case 'DS':
    case 'US':
      return oneOf(['0', '1', '01', '1.0', '2', '-1', '1.5', '170.25', '1e400', '3', '', '""']);
    case 'UI':
      return fc
        .tuple(fc.array(oneOf(uids), { minLength: 1, maxLength: 3 }), oneOf([',', '\\']))
        .map(([list, by]) => list.join(by));
    case 'LT':
    case 'ST':
    case 'UT':
      return soughtText(oneOf(freeTexts));
    default:
      return soughtText(anyText);
  }
}

const keyArbitrary: fc.Arbitrary<QueryKey> = fc.constantFrom(...asked).chain((attribute) => {
  const targets: (readonly [AttributePath, Vr])[] = attribute.items
    ? attribute.items.map(({ tag, vr }) => [[attribute.tag, tag], vr] as const)
    : [[[attribute.tag], attribute.vr]];
  return fc
    .constantFrom(...targets)
    .chain(([path, vr]) => soughtArbitrary(vr).map((value) => ({ path, vr, value, name: path.join('.') })));
});

/** Dates that came with their times are what makes combined ranges. */
const pairArbitrary: fc.Arbitrary<QueryKey[]> = fc
  .tuple(
    fc.constantFrom(['00080020', '00080030'], ['00400244', '00400245'], ['00080023', '00080033']),
    soughtArbitrary('DA'),
    soughtArbitrary('TM'),
  )
  .map(([[date = '', time = ''], onDate, atTime]) => [
    { path: [date], vr: 'DA', value: onDate, name: date },
    { path: [time], vr: 'TM', value: atTime, name: time },
  ]);

const keysArbitrary: fc.Arbitrary<QueryKey[]> = fc
  .oneof(
    { weight: 4, arbitrary: fc.array(keyArbitrary, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(keyArbitrary, { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: pairArbitrary },
  )
  .map((keys) => keys.filter((key, at) => keys.findIndex(({ name }) => name === key.name) === at));

export const queryArbitrary: fc.Arbitrary<PeerQuery> = fc.record({
  level: fc.constantFrom<QueryLevel>('study', 'series', 'instance'),
  keys: keysArbitrary,
  options: fc.record({
    fuzzyNames: fc.boolean(),
    emptyValues: fc.boolean(),
    multipleValues: fc.boolean(),
    combinedDateTimes: fc.boolean(),
  }),
  limit: fc.constantFrom(1, 2, 100),
  offset: fc.constantFrom(0, 0, 0, 1, 50),
});
