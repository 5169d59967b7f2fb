import fc from 'fast-check';
import { dictionaryEntry, tagOfKeyword } from '../../src/dicom/dictionary.ts';
import type { DicomJson, DicomJsonValue, Vr } from '../../src/dicom/json-model.ts';
import { parsePersonName } from '../../src/dicom/person-name.ts';
import { kindOfKeyword, type Parameters, type PlainDataSet } from './reference-matcher.ts';

const names = [
  'Doe^John', 'DOE^JOHN', 'Doe', 'Doe^Jane^Mary', 'Dö^Jöhn', 'Müller^Jörg', 'MULLER^JORG', 'van der Berg^Jan', 'Berg-Smith^Ann',
  'Slide^Maxi', 'Strange^Ömer^^Dr', 'Йванов^Юрий', 'Yamada^Tarou=山田^太郎=やまだ^たろう', '=山田^太郎', '^John', '100%', 'a_b^c', '',
]; // biome-ignore format: a list
const texts = ['A', 'a', 'AB', 'Ab', 'ABAB', 'Head', 'HEAD', 'Head CT', '100%', 'a_b', '[x]', 'A.1-2', 'Ä', '山田', 'Ende ', ' Anfang', '']; // biome-ignore format: a list
const codes = ['CT', 'MR', 'US', 'CR'];
const dates = ['20240228', '20240229', '20240301', '20231231', '19991231', '20240230', ''];
const times = ['10', '1030', '103015', '103015.5', '000000', '235959', '2200', '25', ''];
const moments = [
  '2024',
  '202402',
  '20240229103015.5',
  '20240229103015+0100',
  '20240229093015',
  '20240229233000-0500',
  '',
];
const numbers = ['0', '1', '2', '10', '1.5', '70.25'];

const valuesOf = {
  text: texts,
  'one-text': [...texts, 'a\\b', 'two\r\nlines'],
  code: codes,
  name: names,
  date: dates,
  time: times,
  moment: moments,
  number: numbers,
  uid: ['1.2'],
};

const several = new Set(['OtherPatientIDs', 'ImageType']);
const atStudy = ['PatientName', 'PatientID', 'PatientBirthDate', 'OtherPatientIDs', 'PatientComments', 'PatientSex', 'StudyDate', 'StudyTime', 'AccessionNumber', 'StudyDescription', 'ReferringPhysicianName', 'PatientWeight']; // biome-ignore format: a list
const atSeries = ['Modality', 'SeriesNumber', 'SeriesDescription', 'PerformedProcedureStepStartDate', 'PerformedProcedureStepStartTime']; // biome-ignore format: a list
const atInstance = ['InstanceNumber', 'ImageType', 'ContentDate', 'ContentTime', 'AcquisitionDateTime'];
const codeItem = ['CodeValue', 'CodeMeaning'];
const requestItem = ['ScheduledProcedureStepID', 'RequestedProcedureID', 'RequestingPhysician'];

function plain(keywords: readonly string[]): fc.Arbitrary<PlainDataSet> {
  const entries = keywords.map((keyword) => {
    const value = fc.constantFrom(...valuesOf[kindOfKeyword[keyword]!]);
    return [keyword, fc.array(value, { maxLength: several.has(keyword) ? 3 : 1 })] as const;
  });
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] }) as fc.Arbitrary<PlainDataSet>;
}

function withSequence(
  entity: fc.Arbitrary<PlainDataSet>,
  keyword: string,
  of: readonly string[],
): fc.Arbitrary<PlainDataSet> {
  const items = fc.array(plain(of), { maxLength: 3 });
  return fc.tuple(entity, items).map(([rest, list]) => (list.length === 0 ? rest : { ...rest, [keyword]: list }));
}

/** A study: what it says of itself, its series and their instances, by keyword. */
export interface PlainStudy {
  readonly attributes: PlainDataSet;
  readonly series: readonly { readonly attributes: PlainDataSet; readonly instances: readonly PlainDataSet[] }[];
}

export const studyArbitrary: fc.Arbitrary<PlainStudy> = fc.record({
  attributes: withSequence(plain(atStudy), 'ProcedureCodeSequence', codeItem),
  series: fc.array(
    fc.record({
      attributes: withSequence(plain(atSeries), 'RequestAttributesSequence', requestItem),
      instances: fc.array(
        fc
          .tuple(plain(atInstance), fc.constantFrom('', '+0100', '-0500'))
          .map(([rest, offset]) => (offset === '' ? rest : { ...rest, TimezoneOffsetFromUTC: [offset] })),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});

/** As the JSON model has it. */
export function jsonOf(entity: PlainDataSet): DicomJson {
  return Object.fromEntries(
    Object.entries(entity).map(([keyword, values]) => {
      const tag = tagOfKeyword(keyword)!;
      const vr = dictionaryEntry(tag)!.vr as Vr;
      const Value = values.map((value): DicomJsonValue => {
        if (typeof value !== 'string') return jsonOf(value) as DicomJsonValue;
        if (vr === 'PN') return parsePersonName(value) as DicomJsonValue;
        return vr === 'IS' || vr === 'DS' ? Number(value) : value;
      });
      return [tag, Value.length > 0 ? { vr, Value } : { vr }];
    }),
  );
}

/** A value as people search for it: whole, with a part replaced by a wildcard, in another case, several of them. */
function soughtText(values: readonly string[], listed: boolean): fc.Arbitrary<string> {
  const one = fc
    .tuple(fc.constantFrom(...values), fc.nat(4), fc.nat(3), fc.constantFrom('', '', '*', '?', '*…*', 'upper', 'lower'))
    .map(([text, from, length, change]) => {
      const characters = Array.from(text.trim());
      if (change === 'upper') return text.trim().toUpperCase();
      if (change === 'lower') return text.trim().toLowerCase();
      if (change === '*…*') return `*${characters.slice(from, from + length + 1).join('')}*`;
      if (change !== '') characters.splice(Math.min(from, characters.length), change === '*' ? length : 1, change);
      return characters.join('');
    });
  const list = fc.array(one, { minLength: 2, maxLength: 3 }).map((all) => all.filter((each) => each !== '').join('\\'));
  return listed ? fc.oneof({ weight: 5, arbitrary: one }, list) : one;
}

function range(values: readonly string[]): fc.Arbitrary<string> {
  const end = fc.constantFrom(...values);
  return fc.oneof(
    end,
    fc.tuple(end, end).map(([a, b]) => [a, b].sort().join('-')),
    end.map((from) => `${from}-`),
    end.map((to) => `-${to}`),
  );
}

function sought(keyword: string): fc.Arbitrary<string> {
  const kind = kindOfKeyword[keyword]!;
  switch (kind) {
    case 'date':
      return range(dates.filter((date) => date !== '' && date !== '20240230'));
    case 'time':
      return range(['10', '1030', '103015', '103015.5', '09', '22', '000000', '235959']);
    case 'moment':
      return range(['2024', '202402', '20240229093015', '20240229103015+0100', '20240229103015.5', '20240301', '2023']);
    case 'number':
      return fc.constantFrom(...numbers, '1.0', '01');
    case 'uid':
      return fc
        .array(fc.tuple(fc.nat(5), fc.nat(1), fc.nat(1)), { minLength: 1, maxLength: 3 })
        .map((list) =>
          list
            .map(
              (at) =>
                `1.2.826.0.1.${at.slice(0, { StudyInstanceUID: 1, SeriesInstanceUID: 2 }[keyword] ?? 3).join('.')}`,
            )
            .join(','),
        );
    case 'code':
      return fc.oneof(
        fc.constantFrom(...codes, 'C*', '?R'),
        fc.array(fc.constantFrom(...codes, 'C*'), { minLength: 2, maxLength: 3 }).map((all) => all.join(',')),
      );
    case 'name':
      return soughtText(names, true);
    default:
      return soughtText(valuesOf[kind], kind === 'text');
  }
}

const keysOfLevel = {
  study: [...atStudy, 'StudyInstanceUID', 'ModalitiesInStudy', 'NumberOfStudyRelatedInstances', ...codeItem.map((inner) => `ProcedureCodeSequence.${inner}`)],
  series: [...atSeries, 'SeriesInstanceUID', ...requestItem.map((inner) => `RequestAttributesSequence.${inner}`)],
  instance: [...atInstance, 'SOPInstanceUID'],
}; // biome-ignore format: a list
const pairs = {
  study: ['StudyDate', 'StudyTime'],
  series: ['PerformedProcedureStepStartDate', 'PerformedProcedureStepStartTime'],
  instance: ['ContentDate', 'ContentTime'],
};
const sequences = {
  study: codeItem.map((inner) => `ProcedureCodeSequence.${inner}`),
  series: requestItem.map((inner) => `RequestAttributesSequence.${inner}`),
  instance: atInstance,
};

export interface PlainQuery {
  readonly level: 'study' | 'series' | 'instance';
  readonly parameters: Parameters;
}

/** Keys of the level and those above it, with every switch. */
export const plainQueryArbitrary: fc.Arbitrary<PlainQuery> = fc
  .constantFrom('study', 'series', 'instance')
  .chain((level) => {
    const levels = (['study', 'series', 'instance'] as const).slice(0, { study: 1, series: 2, instance: 3 }[level]);
    const own = levels.flatMap((each) => keysOfLevel[each]);
    const key = fc.constantFrom(...own);
    const near = fc.constantFrom(...levels);
    const asked = fc.oneof(
      { weight: 4, arbitrary: fc.array(key, { minLength: 1, maxLength: 1 }) },
      { weight: 2, arbitrary: fc.uniqueArray(key, { minLength: 2, maxLength: 3 }) },
      { weight: 2, arbitrary: near.map((each) => pairs[each]) },
      { weight: 2, arbitrary: near.map((each) => sequences[each]) },
    );
    const parameters = asked.chain((keywords) =>
      fc.tuple(
        ...keywords.map((name) => {
          const value = fc.oneof(
            { weight: 6, arbitrary: sought(name.split('.').at(-1)!) },
            fc.constantFrom('', '*', '""'),
          );
          return value.map((text) => [name, text] as const);
        }),
      ),
    );
    const switches = fc.tuple(
      ...['fuzzymatching', 'emptyvaluematching', 'multiplevaluematching'].map((name) =>
        fc.boolean().map((on): [string, string][] => (on ? [[name, 'true']] : [])),
      ),
    );
    return fc
      .tuple(fc.constant(level), parameters, switches)
      .map(([at, keys, on]) => ({ level: at, parameters: [...keys, ...on.flat()] }));
  });
