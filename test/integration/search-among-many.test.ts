import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseQidoQuery } from '../../src/dicom/qido-query.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import type { Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { createSearchIndex, type SearchIndexOptions } from '../../src/index/search-index.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import type { SearchPage } from '../../src/search/search.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let writePool: TestDatabase['pool'];
let index: Index;

beforeAll(async () => {
  database = await createTestDatabase();
  writePool = createPool({ connection: database.connection, maxConnections: 1, log: silentLog, session: writeSession });
  index = createIndex({ pool: database.pool, writePool });
  for (const study of [0, 1, 2, 3, 4, 5]) await store(study, `2020010${study}`, 'Chest');
});

afterAll(async () => {
  await writePool.end();
  await database.drop();
});

async function store(study: number, date: string, description: string): Promise<void> {
  const instance = newInstance({
    study,
    attributes: {
      '00080020': { vr: 'DA', Value: [date] },
      '00081030': { vr: 'LO', Value: [description] },
    },
  });
  expect(await index.insert(instance, 'reject')).toEqual({ status: 'inserted' });
}

function searchWith(options: Partial<SearchIndexOptions>, batchMatches = 500) {
  const search = createSearch({ index: createSearchIndex({ pool: database.pool, ...options }), batchMatches });
  const find = (parameters: readonly (readonly [string, string])[]): Promise<SearchPage> =>
    search.find(parseQidoQuery({ level: 'study', parameters }).query);
  return { find, search };
}

const datesOf = ({ matches }: Pick<SearchPage, 'matches'>) => matches.map((match) => match['00080020']?.Value?.[0]);

it('a study that comes while pages are turned pushes none over to the next page', async () => {
  const { find } = searchWith({ farOffset: 1 });
  const page = (offset: number) =>
    find([
      ['limit', '2'],
      ['offset', String(offset)],
    ]);
  expect(datesOf(await page(0))).toEqual(['20200105', '20200104']);
  await store(6, '20200106', 'Chest');
  expect(datesOf(await page(2))).toEqual(['20200103', '20200102']);
  expect(datesOf(await page(4))).toEqual(['20200101', '20200100']);
  // Whoever turned no page counts from the newest study.
  expect(datesOf(await searchWith({}).find([['offset', '2']]))[0]).toBe('20200104');
});

it('a study that comes while all matches are told is told at most once, and so are the others', async () => {
  const { search } = searchWith({}, 2);
  const told: unknown[] = [];
  for await (const batch of search.findAll({ level: 'study', conditions: [], include: [] })) {
    told.push(...datesOf(batch));
    if (told.length === 2) await store(7, '20200107', 'Chest');
  }
  expect(told).toEqual(['20200106', '20200105', '20200104', '20200103', '20200102', '20200101', '20200100']);
});

it('a search that takes too long answers for the newest studies and says so', async () => {
  const { find } = searchWith({
    pool: slowWithoutWindow(database.pool),
    partialAfterMs: 30,
    newestStudies: { study: 3, series: 3, instance: 3 },
  });
  const partial = await find([['StudyDescription', '*st']]);
  expect(datesOf(partial)).toEqual(['20200107', '20200106', '20200105']);
  expect(partial.remaining).toBe(0);
  expect(partial.warnings).toEqual([expect.stringMatching(/takes too long: only the newest 3 studies were looked at/)]);
  // A condition that an index answers narrows what is looked at: with this one there is nothing else.
  const narrowed = await find([
    ['StudyDescription', '*st'],
    ['StudyDate', '20200101-20200103'],
  ]);
  expect(datesOf(narrowed)).toEqual(['20200103', '20200102', '20200101']);
  expect(narrowed.warnings).toEqual([]);
  // A page that is full needs no apology.
  const full = await find([
    ['StudyDescription', '*st'],
    ['limit', '2'],
  ]);
  expect(datesOf(full)).toEqual(['20200107', '20200106']);
  expect(full.warnings).toEqual([]);
});

it('counts of days follow what comes, changes and goes', async () => {
  const counted = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', study_date, modality, sum(studies)) as line
         from (table study_days union all select modality, study_date, studies from study_day_changes) as counts
         group by study_date, modality having sum(studies) <> 0 order by line`,
      )
    ).rows.map(({ line }) => line);
  const whatIsThere = async () =>
    (
      await database.pool.query<{ line: string }>(
        `select concat_ws(' ', coalesce(study_date, ''), modality, count(*)) as line
         from studies, unnest(array_append(modalities_in_study, '')) as modality group by study_date, modality order by line`,
      )
    ).rows.map(({ line }) => line);
  const ofStudy = (modality: string | undefined, date: string | undefined, instance = 0) =>
    newInstance({
      study: 20,
      series: modality === undefined ? 0 : Number.parseInt(modality, 36),
      instance,
      attributes: {
        '00080020': { vr: 'DA', ...(date !== undefined && { Value: [date] }) },
        '00080060': { vr: 'CS', ...(modality !== undefined && { Value: [modality] }) },
      },
    });
  const step = async (work: Promise<unknown>) => {
    await work;
    expect(await counted()).toEqual(await whatIsThere());
  };
  const first = ofStudy('CT', '20190101');
  await step(index.insert(first, 'reject'));
  await step(index.insert(ofStudy('MR', '20190102'), 'reject'));
  await step(index.insert(ofStudy('MR', undefined, 1), 'reject'));
  await step(index.insert(ofStudy(undefined, '20190103'), 'reject'));
  expect(await counted()).toContain('20190103 MR 1');
  const { studyInstanceUid, seriesInstanceUid } = first;
  await step(index.erase({ studyInstanceUid, seriesInstanceUid }));
  await step(index.erase({ studyInstanceUid }));
  // So many that some are added up.
  await step(
    index.insertInstances(
      Array.from({ length: 300 }, (_, study) => ({
        instance: newInstance({
          study: 1_000 + study,
          attributes: { '00080020': { vr: 'DA', Value: [`2018${10 + (study % 3)}${10 + (study % 19)}`] } },
        }),
        onDifferentContent: 'reject' as const,
      })),
    ),
  );
  expect((await database.pool.query('table study_days')).rowCount).toBeGreaterThan(0);
  await step(index.clear());
  expect(await counted()).toEqual([]);
});

/** Sleeps instead of looking at all studies for a page. */
function slowWithoutWindow(pool: TestDatabase['pool']): TestDatabase['pool'] {
  return Object.assign(Object.create(pool) as TestDatabase['pool'], {
    async connect() {
      const client = await pool.connect();
      return Object.assign(Object.create(client) as typeof client, {
        query(text: string, values?: unknown[]) {
          const looksAtAll = /\) as page$/m.test(text) && !text.includes('as studies');
          return looksAtAll ? client.query('select pg_sleep(10)') : client.query(text, values);
        },
        release: (error?: Error) => client.release(error),
      });
    },
  });
}
