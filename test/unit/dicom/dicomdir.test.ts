import { describe, expect, it } from 'vitest';
import { createDicomdir, type DirectoryInstance } from '../../../src/dicom/dicomdir.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { createInstanceScan } from '../../../src/ingest/inflating.ts';

const ct = '1.2.840.10008.5.1.4.1.1.2';

function instance(series: number, number: number, over: Partial<DirectoryInstance> = {}): DirectoryInstance {
  return {
    fileId: ['DICOM', `SE00000${series}`, `IM00000${number}`],
    studyInstanceUid: '1.2.3',
    seriesInstanceUid: `1.2.3.${series}`,
    sopInstanceUid: `1.2.3.${series}.${number}`,
    sopClassUid: ct,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    ...over,
    attributes: {
      '00080020': { vr: 'DA', Value: ['20240229'] },
      '00080030': { vr: 'TM', Value: ['101112'] },
      '00080060': { vr: 'CS', Value: ['CT'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Jörg' }] },
      '00100020': { vr: 'LO', Value: ['P1'] },
      '0020000D': { vr: 'UI', Value: ['1.2.3'] },
      '0020000E': { vr: 'UI', Value: [`1.2.3.${series}`] },
      '00200010': { vr: 'SH', Value: ['S1'] },
      '00200011': { vr: 'IS', Value: [series] },
      '00200013': { vr: 'IS', Value: [number] },
      ...over.attributes,
    },
  };
}

interface ReadRecord {
  readonly type: unknown;
  readonly record: DicomJson;
  readonly lower: ReadRecord[];
}

/** Follows the links of a directory by their offsets in the file, as readers do. */
async function read(file: Buffer): Promise<{ dataSet: DicomJson; records: ReadRecord[] }> {
  const scan = createInstanceScan({ limits: { maxMetadataBytes: 1_000_000 } });
  await scan.push(file);
  const { attributes: dataSet } = await scan.end();
  const items = (dataSet['00041220']?.Value ?? []) as DicomJson[];
  const byOffset = new Map<number, DicomJson>();
  const first = file.indexOf(Buffer.from('feff00e0', 'hex'));
  let at = first < 0 ? file.length : first;
  for (const item of items) {
    expect(file.readUInt32LE(at)).toBe(0xe000fffe);
    byOffset.set(at, item);
    at += 8 + file.readUInt32LE(at + 4);
  }
  expect(at).toBe(file.length);
  const number = (record: DicomJson, tag: string) => Number(record[tag]?.Value?.[0]);
  function chain(offset: number): ReadRecord[] {
    const chained: ReadRecord[] = [];
    for (let next = offset; next !== 0; ) {
      const record = byOffset.get(next);
      if (record === undefined) throw new Error(`no record at ${next}`);
      expect(record['00041410']?.Value).toEqual([0xffff]);
      chained.push({ type: record['00041430']?.Value?.[0], record, lower: chain(number(record, '00041420')) });
      next = number(record, '00041400');
    }
    return chained;
  }
  const records = chain(number(dataSet, '00041200'));
  const last = byOffset.get(number(dataSet, '00041202'));
  expect(last).toBe(records.at(-1)?.record);
  return { dataSet, records };
}

const shape = (records: readonly ReadRecord[]): unknown =>
  records.map(({ type, lower }) => (lower.length === 0 ? type : [type, shape(lower)]));

describe('a DICOMDIR', () => {
  it('links patients, studies, series and instances by their offsets', async () => {
    const directory = createDicomdir('2.25.7');
    for (const [series, number] of [
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
      [2, 3],
    ] as const) {
      directory.add(instance(series, number));
    }
    const { dataSet, records } = await read(directory.end());
    expect(dataSet['00041212']).toEqual({ vr: 'US', Value: [0] });
    expect(shape(records)).toEqual([
      [
        'PATIENT',
        [
          [
            'STUDY',
            [
              ['SERIES', ['IMAGE', 'IMAGE']],
              ['SERIES', ['IMAGE', 'IMAGE', 'IMAGE']],
            ],
          ],
        ],
      ],
    ]);
    const [patient] = records;
    expect(patient?.record['00100010']?.Value).toEqual([{ Alphabetic: 'Müller^Jörg' }]);
    const image = patient?.lower[0]?.lower[1]?.lower[2]?.record;
    expect(image).toMatchObject({
      '00041500': { vr: 'CS', Value: ['DICOM', 'SE000002', 'IM000003'] },
      '00041510': { vr: 'UI', Value: [ct] },
      '00041511': { vr: 'UI', Value: ['1.2.3.2.3'] },
      '00041512': { vr: 'UI', Value: ['1.2.840.10008.1.2.1'] },
      '00200013': { vr: 'IS', Value: [3] },
    });
  });

  it('is a directory without instances, too', async () => {
    const { dataSet, records } = await read(createDicomdir('2.25.7').end());
    expect(records).toEqual([]);
    expect(dataSet['00041200']?.Value).toEqual([0]);
  });

  it('keeps patients apart that have no id', async () => {
    const directory = createDicomdir('2.25.7');
    const nameless: DicomJson = { '00100020': { vr: 'LO' }, '00100010': { vr: 'PN' } };
    directory.add(instance(1, 1, { attributes: nameless }));
    directory.add(instance(3, 1, { attributes: nameless, studyInstanceUid: '1.2.4' }));
    const { records } = await read(directory.end());
    expect(records.map(({ record }) => record['00100020']?.Value)).toEqual([['1.2.3'], ['1.2.4']]);
  });

  it('keeps patients apart that have one id, and a study together', async () => {
    const directory = createDicomdir('2.25.7');
    const named = (name: string, birthDate: string, issuer: string): DicomJson => ({
      '00100010': { vr: 'PN', Value: [{ Alphabetic: name }] },
      '00100021': { vr: 'LO', Value: [issuer] },
      '00100030': { vr: 'DA', Value: [birthDate] },
    });
    const patients = [
      named('Müller^Jörg', '19600101', 'A'),
      named('MULLER^JORG^', '19600101', 'A'),
      named('Meier^Jörg', '19600101', 'A'),
      named('Müller^Jörg', '19700101', 'A'),
      named('Müller^Jörg', '19600101', 'B'),
    ];
    for (const [at, attributes] of patients.entries()) {
      directory.add(instance(at, 1, { attributes, studyInstanceUid: `1.2.${at}` }));
    }
    directory.add(instance(9, 1, { attributes: { '00100030': { vr: 'DA' } }, studyInstanceUid: '1.2.2' }));
    const { records } = await read(directory.end());
    expect(records.map(({ record, lower }) => [record['00100010']?.Value?.[0], lower.length])).toEqual([
      [{ Alphabetic: 'Müller^Jörg' }, 2],
      [{ Alphabetic: 'Meier^Jörg' }, 1],
      [{ Alphabetic: 'Müller^Jörg' }, 1],
      [{ Alphabetic: 'Müller^Jörg' }, 1],
    ]);
    expect(records[1]?.lower[0]?.lower).toHaveLength(2);
  });

  it('writes a value where one is required and the instance has none', async () => {
    const directory = createDicomdir('2.25.7');
    const attributes: DicomJson = {
      '00080020': { vr: 'DA' },
      '00080022': { vr: 'DA', Value: ['20200202'] },
      '00080030': { vr: 'TM' },
      '00080060': { vr: 'CS' },
      '00200010': { vr: 'SH' },
      '00200011': { vr: 'IS', BulkDataURI: '00200011' },
      '00200013': { vr: 'IS' },
    };
    directory.add(instance(1, 1, { attributes }));
    const study = (await read(directory.end())).records[0]?.lower[0];
    expect(study?.record).toMatchObject({
      '00080020': { Value: ['20200202'] },
      '00080030': { Value: ['000000'] },
      '00080050': { vr: 'SH' },
      '00200010': { Value: ['0'] },
    });
    expect(study?.lower[0]?.record).toMatchObject({ '00080060': { Value: ['OT'] }, '00200011': { Value: [0] } });
    expect(study?.lower[0]?.lower[0]?.record).toMatchObject({ '00200013': { Value: [0] } });
  });

  it.each([
    ['1.2.840.10008.5.1.4.1.1.2', 'IMAGE', []],
    ['1.2.840.10008.5.1.4.1.1.66.4', 'IMAGE', []],
    ['1.2.840.10008.5.1.4.1.1.481.1', 'IMAGE', []],
    ['1.2.840.10008.5.1.4.1.1.481.2', 'RT DOSE', ['3004000A']],
    ['1.2.840.10008.5.1.4.1.1.481.3', 'RT STRUCTURE SET', ['30060002', '30060008', '30060009']],
    ['1.2.840.10008.5.1.4.1.1.481.5', 'RT PLAN', ['300A0002', '300A0006', '300A0007']],
    ['1.2.840.10008.5.1.4.1.1.11.1', 'PRESENTATION', ['00700080', '00700082', '00700083', '00700084']],
    ['1.2.840.10008.5.1.4.1.1.9.1.1', 'WAVEFORM', ['00080023', '00080033']],
    ['1.2.840.10008.5.1.4.1.1.88.33', 'SR DOCUMENT', ['0040A491', '0040A493', '00080023', '00080033']],
    ['1.2.840.10008.5.1.4.1.1.88.59', 'KEY OBJECT DOC', ['00080023', '00080033']],
    ['1.2.840.10008.5.1.4.1.1.104.1', 'ENCAP DOC', ['00420010', '00420012']],
    ['1.2.840.10008.5.1.4.1.1.66.1', 'REGISTRATION', ['00080023', '00700080']],
    ['1.2.840.10008.5.1.4.1.1.66', 'RAW DATA', ['00080023', '00200013']],
    ['1.2.276.0.9', 'IMAGE', []],
  ])('lists SOP class %s as %s with its keys', async (sopClassUid, type, keys) => {
    const directory = createDicomdir('2.25.7');
    directory.add(instance(1, 1, { sopClassUid }));
    const record = (await read(directory.end())).records[0]?.lower[0]?.lower[0]?.lower[0];
    expect(record?.type).toBe(type);
    expect(Object.keys(record?.record ?? {})).toEqual(expect.arrayContaining([...keys]));
  });
});
