import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQidoQuery } from '../../src/dicom/qido-query.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { indexedAttribute } from '../../src/index/indexed-attributes.ts';
import { createPool } from '../../src/index/pool.ts';
import { claimDue, publishersWithDueTasks } from '../../src/index/publishing-claims.ts';
import type { TaskType } from '../../src/index/publishing-graphs.ts';
import { createPublishingLists, graphsSql, type ListPage, tasksSql } from '../../src/index/publishing-lists.ts';
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

describe('a text among ten thousand graphs and a hundred thousand tasks', () => {
  const page: ListPage = { order: 'updated', limit: 50, offset: 0 };
  const now = new Date();

  beforeAll(async () => {
    await database.pool.query(
      `insert into publishing_graphs (publisher, unit, origin, reference_uid, study_instance_uid, series_instance_uid, status, failure,
         note, configuration_version, created_at, updated_at)
       select 'cloud-' || n % 3, case when n % 5 = 0 then 'instance' else 'series' end, 'send', '1.2.826.7.' || n || '.2',
         '1.2.826.7.' || n, '1.2.826.7.' || n || '.1', case when n % 100 = 0 then 'FAILED' else 'SUCCESS' end,
         case when n % 100 = 0 then 'Host 10.0.0.' || n / 100 || ' is away: 100% of it.' end,
         case when n % 100 = 1 then 'Of ' || n || ' deleted' end, 1, now(), now() - n * interval '1 second'
       from generate_series(1, 10000) as n`,
    );
    await database.pool.query(
      `insert into publishing_tasks (graph_id, publisher, type, wave, batch, waits_for, status, failure, note, due_at, created_at, updated_at)
       select graph_id, publisher, 'upload', 1, n, 0, status, case when n = 1 then failure end, case when n = 2 then note end, now(),
         created_at, updated_at
       from publishing_graphs, generate_series(1, 10) as n`,
    );
    await database.pool.query('analyze publishing_graphs, publishing_tasks');
  });

  it.each<[what: string, text: string, graphs: number, tasks: number]>([
    ['a part of a failure, in any case', 'HOST 10.0.0.77', 1, 1],
    ['what has the form of a UID and is none', '10.0.0.77', 1, 1],
    ['a part of a note', 'of 101 deleted', 1, 1],
    ['a part of a UID', '.1234', 1, 10],
    ['the whole UID of a series', '1.2.826.7.1234.1', 1, 10],
    ['the whole UID of a study', '1.2.826.7.999', 11, 110],
    // No more are counted than that.
    ['the name of publishers', 'CLOUD-', 10_000, 10_000],
    ['what is no wildcard', '100% of', 100, 100],
    ['what is nowhere', 'nowhere', 0, 0],
    ['two letters that are nowhere', 'qx', 0, 0],
  ])('is found: %s', async (_what, text, graphs, tasks) => {
    const lists = createPublishingLists(database.pool);
    expect((await lists.graphs({ text }, page, now)).total).toBe(graphs);
    expect((await lists.tasks({ text }, page, now)).total).toBe(tasks);
  });

  it('is found by the id of a graph or task', async () => {
    const lists = createPublishingLists(database.pool);
    const { items } = await lists.tasks({}, { ...page, limit: 1 }, now);
    const { id, graphId } = items[0]!;
    expect((await lists.tasks({ text: id }, page, now)).items.map((task) => task.id)).toContain(id);
    expect((await lists.graphs({ text: graphId }, page, now)).items.map((graph) => graph.id)).toContain(graphId);
  });

  it.each(['Host 10.0.0.77', 'nowhere to be found', '.1234.'])(
    'is looked up by indexes where few have it: %s',
    async (text) => {
      const named = { text, publishers: ['elsewhere'], graphIds: ['1234'] };
      const client = await database.pool.connect();
      const plan = async ({ text: sql, values }: { text: string; values: readonly unknown[] }) => {
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...values]);
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      };
      try {
        const tasks = await plan(tasksSql({}, named, page).page);
        // Ten thousand graphs are read as quickly as they are looked up; more are not.
        await client.query('begin; set local enable_seqscan = off; set local enable_indexscan = off');
        const graphs = await plan(graphsSql({}, named, page, now).page);
        for (const index of ['failure_infix', 'note_infix']) {
          expect(tasks).toContain(`publishing_tasks_${index}`);
          expect(graphs).toContain(`publishing_graphs_${index}`);
        }
        expect(tasks).toContain('publishing_tasks_of_publisher');
        for (const index of ['study_uid_infix', 'reference_uid_infix', 'of_series'])
          expect(graphs).toContain(`publishing_graphs_${index}`);
      } finally {
        await client.query('rollback');
        client.release();
      }
    },
  );
});

describe('what is to be begun of a publisher among a hundred thousand tasks that are due', () => {
  const now = new Date();
  const claiming = { publisher: 'backlog', most: 4, mostRunning: 4, mostPrepared: 8 };

  beforeAll(async () => {
    await database.pool.query(
      `with graph as (
         insert into publishing_graphs (publisher, unit, origin, reference_uid, study_instance_uid, configuration_version, created_at,
           updated_at)
         values ('backlog', 'study', 'send', '1.2', '1.2', 1, now(), now()) returning graph_id
       )
       insert into publishing_tasks (graph_id, publisher, type, wave, batch, waits_for, due_at, created_at, updated_at)
       select graph_id, case when n <= 100000 then 'backlog' else 'later' end, case when n <= 20 then 'confirm' else 'upload' end, 1, n, 0,
         now() + case when n <= 100000 then -1 else 1 end * interval '1 hour' + n * interval '1 millisecond', now(), now()
       from graph, generate_series(1, 101000) as n`,
    );
    await database.pool.query('analyze publishing_tasks');
  });

  it.each<[what: string, types: TaskType[], mostConfirming: number, begun: string[]]>([
    ['what is sent', ['upload', 'confirm'], 1, ['confirm', 'upload', 'upload', 'upload']],
    ['what is sent, without confirmations', ['upload', 'confirm'], 0, ['upload', 'upload', 'upload', 'upload']],
    ['what is done here', ['filter', 'compress', 'anonymise', 'publish-back'], 4, []],
    ['what is asked for', ['results'], 4, []],
  ])('is found without reading them: %s', async (_, types, mostConfirming, begun) => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      const claimed = await claimDue(client, 'node', { ...claiming, types, mostConfirming }, now, 1000);
      expect(claimed.map(({ type }) => type).sort()).toEqual(begun);
      expect(await rowsRead(client)).toBeLessThan(100);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('and so are the publishers that have something to do', async () => {
    const client = await database.pool.connect();
    try {
      await client.query('begin');
      expect(await publishersWithDueTasks(client, now)).toEqual(['backlog']);
      expect(await rowsRead(client)).toBeLessThan(100);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  /** Of tasks, in this transaction. */
  async function rowsRead(client: pg.ClientBase): Promise<number> {
    const { rows } = await client.query<{ read: number }>(
      `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as read
       from pg_stat_xact_user_tables where relname = 'publishing_tasks'`,
    );
    return rows[0]!.read;
  }
});
