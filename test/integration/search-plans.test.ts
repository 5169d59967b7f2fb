import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQidoQuery } from '../../src/dicom/qido-query.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { indexedAttribute } from '../../src/index/indexed-attributes.ts';
import { createPool } from '../../src/index/pool.ts';
import { pageSql } from '../../src/index/search-sql.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const studies = 10_000;
const familyNames = ['Smith', 'Garcia', 'Slidell', 'Yamada', 'Okafor', 'Novak', 'Rossi', 'Silva', 'Kim', 'Dubois'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const { connection, pool } = database;
  const writePool = createPool({ connection, maxConnections: 1, log: silentLog, session: writeSession });
  const index = createIndex({ pool, writePool });
  const requests = Array.from({ length: studies }, (_, study) => ({
    instance: newInstance({
      study,
      attributes: {
        '00080020': { vr: 'DA', Value: [`20${10 + (study % 14)}0${1 + (study % 9)}${10 + (study % 19)}`] },
        '00080060': { vr: 'CS', Value: [['CT', 'MR', 'US', 'CR'][study % 4]!] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: `${familyNames[study % 10]!}^Number ${study}` }] },
      },
    }),
    onDifferentContent: 'reject' as const,
  }));
  for (let at = 0; at < studies; at += 500) await index.insertInstances(requests.slice(at, at + 500));
  await writePool.end();
  await pool.query('analyze');
});

afterAll(() => database.drop());

/** What OHIF sends with every search of its study list. */
const studyList = [
  ['limit', '101'],
  ['offset', '0'],
  ['fuzzymatching', 'true'],
  ['includefield', '00081030,00080060,00080090,00100030'],
] as const;

async function planOf(parameters: readonly (readonly [string, string])[]): Promise<string> {
  const { query } = parseQidoQuery({ level: 'study', parameters });
  const { text, values } = pageSql(query, indexedAttribute, {
    limit: query.limit + 1,
    offset: query.offset,
    withMetadata: false,
  });
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('a search among ten thousand studies reads an index rather than the whole table', () => {
  it.each<{ asked: string; keys: [string, string][]; index: string }>([
    { asked: 'the study list of a viewer', keys: [...studyList] as [string, string][], index: 'studies_newest' },
    { asked: 'a part of a name', keys: [['PatientName', '*Number 77*']], index: 'studies_patient_name_infix' },
    {
      asked: 'the beginning of a word of a name',
      keys: [
        ['fuzzymatching', 'true'],
        ['PatientName', '7777'],
      ],
      index: 'studies_patient_name_infix',
    },
    {
      asked: 'two letters of a name that nobody has',
      keys: [['PatientName', '*qx*']],
      index: 'studies_patient_name_pairs',
    },
    {
      asked: 'one letter of a description that none has',
      keys: [['StudyDescription', '*日*']],
      index: 'studies_study_description_pairs',
    },
    { asked: 'letters of a name that many have', keys: [['PatientName', '*mi*']], index: 'studies_newest' },
    { asked: 'a patient id', keys: [['PatientID', 'P77']], index: 'studies_patient_identifier' },
    { asked: 'an accession number', keys: [['AccessionNumber', 'A77']], index: 'studies_accession_number' },
    {
      asked: 'a part of an accession number',
      keys: [['AccessionNumber', '*A777*']],
      index: 'studies_accession_number_infix',
    },
    {
      asked: 'two modalities, newest first',
      keys: [...studyList, ['ModalitiesInStudy', 'CT,MR']] as [string, string][],
      index: 'studies_newest',
    },
    { asked: 'a range of dates', keys: [['StudyDate', '20120101-20120110']], index: 'studies_newest' },
    { asked: 'a study', keys: [['StudyInstanceUID', '1.2.826.0.1.77']], index: 'studies_pkey' },
  ])('$asked', async ({ keys, index }) => {
    const plan = await planOf(keys);
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan');
  });
});
