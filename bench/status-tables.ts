/**
 * How long the tables of the page take on the server: 100,000 instances, 10,000 graphs with their tasks and the ledger, in an
 * embedded Postgres. Prints the slowest of several answers of every list; none may take longer than 200 ms.
 *
 *     npx tsx bench/status-tables.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArrivalTables } from '../src/index/arrival-tables.ts';
import { createIndex, writeSession } from '../src/index/create-index.ts';
import { createDeliveryLedger } from '../src/index/deliveries.ts';
import { startEmbeddedPostgres } from '../src/index/embedded-postgres.ts';
import { migrate } from '../src/index/migrate.ts';
import { createPool } from '../src/index/pool.ts';
import { createPublishingLists, type ListFilter, type ListPage } from '../src/index/publishing-lists.ts';
import { silentLog } from '../src/kernel/log.ts';
import { createTables } from '../src/search/create-tables.ts';
import { newInstance } from '../test/support/new-instance.ts';

const studies = 2_500;
const seriesOfStudy = 4;
const instancesOfSeries = 10;
const limitMs = 200;
const rounds = 5;

const dataDir = await mkdtemp(join(tmpdir(), 'causeway-bench-'));
const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog, settings: { fsync: 'off' } });
const { connection } = postgres;
await migrate(connection);
const pool = createPool({ connection, maxConnections: 4, log: silentLog });
const writePool = createPool({ connection, maxConnections: 2, log: silentLog, session: writeSession });
let tooSlow = 0;
try {
  const index = createIndex({ pool, writePool });
  for (let study = 0; study < studies; study++) {
    const batch = Array.from({ length: seriesOfStudy * instancesOfSeries }, (_, n) => ({
      instance: newInstance({ study, series: Math.floor(n / instancesOfSeries), instance: n % instancesOfSeries }),
      onDifferentContent: 'reject' as const,
    }));
    await index.insertInstances(batch);
  }
  console.log(`${studies * seriesOfStudy * instancesOfSeries} instances stored`);
  await fillPublishing();
  console.log(`${studies * seriesOfStudy} graphs made`);
  await pool.query('analyze');

  const lists = createPublishingLists(pool);
  const ledger = createDeliveryLedger(pool);
  const tables = createTables(createArrivalTables(pool));
  const now = new Date();
  const page: ListPage = { order: 'updated', limit: 50, offset: 0 };
  const filters: Record<string, ListFilter> = {
    all: {},
    'by status': { status: 'FAILED' },
    'by publisher and status': { publisher: 'cloud', status: 'SUCCESS' },
    'by study': { studyInstanceUid: '1.2.826.0.1.1200' },
    'by series': { seriesInstanceUid: '1.2.826.0.1.1200.2' },
    'by part of a failure': { text: 'refuses' },
    'by part of a UID': { text: '.1200.' },
    'by what is nowhere': { text: 'nowhere to be found' },
    'of a day': { createdFrom: new Date(now.getTime() - 86_400_000), createdTill: now },
  };
  for (const [name, filter] of Object.entries(filters)) {
    await measure(`graphs ${name}`, () => lists.graphs(filter, page, now));
    await measure(`tasks ${name}`, () => lists.tasks(filter, page, now));
  }
  await measure('graphs, the last page', () =>
    lists.graphs({}, { ...page, offset: studies * seriesOfStudy - 50 }, now),
  );
  await measure('graphs, 1000 rows', () => lists.graphs({}, { ...page, limit: 1000 }, now));
  await measure('tasks, 1000 rows', () => lists.tasks({}, { ...page, limit: 1000 }, now));
  await measure('tasks, a page far behind', () => lists.tasks({}, { ...page, offset: 25_000 }, now));
  await measure('a graph', () => lists.graph('5000', now));
  await measure('tasks of a graph', () => lists.tasksOfGraph('5000', 1000, now));
  await measure('the queue', () => lists.queue());
  await measure('deliveries of a study', () => ledger.rows('1.2.826.0.1.1200', undefined, page));
  await measure('deliveries of a study, summed up', () => ledger.summaries('1.2.826.0.1.1200', ['cloud', 'archive']));
  const query = { words: [], limit: 50, offset: 0, from: undefined, till: undefined } as unknown as Parameters<
    typeof tables.images
  >[0];
  for (const level of ['images', 'series', 'studies', 'patients'] as const) {
    await measure(level, () => tables[level](query));
    await measure(`${level} by a word`, () => tables[level]({ ...query, words: ['synthetic'] }));
    await measure(`${level}, a page far behind`, () => tables[level]({ ...query, offset: 2_000 }));
  }
  console.log(
    tooSlow === 0 ? `Every list answers within ${limitMs} ms.` : `${tooSlow} lists take longer than ${limitMs} ms.`,
  );
} finally {
  await Promise.all([pool.end(), writePool.end()]);
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function measure(name: string, list: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await list();
    times.push(performance.now() - begun);
  }
  const slowest = Math.max(...times);
  const median = times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
  if (slowest > limitMs) tooSlow += 1;
  console.log(
    `${slowest > limitMs ? 'SLOW' : 'ok  '} ${name}: ${median.toFixed(1)} ms, at most ${slowest.toFixed(1)} ms`,
  );
}

/** As planner and runner would have made them: a graph for each series, three tasks each, of which some have failed. */
async function fillPublishing(): Promise<void> {
  await pool.query(
    `insert into publishing_graphs (publisher, unit, origin, reference_uid, study_instance_uid, series_instance_uid, status, failure,
       instances, selected, delivered, tasks_initial, tasks_success, tasks_failed, configuration_version, created_at, updated_at)
     select case when n % 2 = 0 then 'cloud' else 'archive' end, 'series', 'arrival', series_instance_uid, study_instance_uid,
       series_instance_uid, case n % 10 when 0 then 'FAILED' when 1 then 'INITIAL' else 'SUCCESS' end,
       case n % 10 when 0 then 'The receiver refuses the connection.' end, 10, 10, 10, 0, 3, 0, 1,
       now() - n * interval '20 seconds', now() - n * interval '19 seconds'
     from (
       select row_number() over () as n, series_instance_uid, study_instance_uid from series join studies using (study_id)) numbered`,
  );
  await pool.query(
    `insert into publishing_tasks (graph_id, publisher, type, wave, batch, waits_for, status, failure, due_at, total, done, created_at, updated_at)
     select graph_id, publisher, type, 1, 1, 0, status, failure, created_at, 10, 10, created_at, updated_at
     from publishing_graphs, unnest('{filter,upload,confirm}'::text[]) as type`,
  );
  await pool.query(
    `insert into publishing_instances (graph_id, study_id, series_id, instance_id, study_instance_uid, series_instance_uid,
       sop_instance_uid, sort_number, wave, batch, state, source_sha256)
     select graph_id, instances.study_id, instances.series_id, instance_id, graph.study_instance_uid, reference_uid,
       sop_instance_uid, sort_number, 1, 1, 'accepted', sha256
     from publishing_graphs graph join series on series_instance_uid = reference_uid
       join instances on instances.study_id = series.study_id and instances.series_id = series.series_id`,
  );
  await pool.query(
    `insert into deliveries (publisher, study_id, series_id, instance_id, source_sha256, study_instance_uid, series_instance_uid,
       sop_instance_uid, status, answer, sent_study_instance_uid, sent_series_instance_uid, sent_sop_instance_uid, sop_class_uid,
       transfer_syntax_uid, size, sha256, sent_at, confirmed_at, graph_id)
     select publisher, study_id, series_id, instance_id, source_sha256, one.study_instance_uid, one.series_instance_uid,
       sop_instance_uid, 'accepted', 'Taken.', one.study_instance_uid, one.series_instance_uid, sop_instance_uid, '1.2', '1.2', 1,
       source_sha256, now(), now(), graph_id
     from publishing_instances one join publishing_graphs using (graph_id)`,
  );
}
