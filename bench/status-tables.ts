// npx tsx bench/status-tables.ts [instances] [graphs] [repetitions] – the tables of the page on the server, each asked by SQL
// (what the list takes in Postgres and in reading its rows) and by HTTP. Stored are ten instances a study in two series,
// four studies a patient; published a study a graph, over and over, each with ten tasks and fifty instances, of which forty
// are not here any more, with a row each of what the graph is about and of the ledger. No list may take longer than 200 ms.
import { deflateRawSync } from 'node:zlib';
import { createArrivalTables } from '../src/index/arrival-tables.ts';
import { createDeliveryLedger } from '../src/index/deliveries.ts';
import { createPublishingLists, type ListFilter, type ListPage } from '../src/index/publishing-lists.ts';
import { createTables } from '../src/search/create-tables.ts';
import { quantile, startHouse, timesOf } from './start-house.ts';

const instances = Number(process.argv[2] ?? 100_000);
const graphs = Number(process.argv[3] ?? 10_000);
const repetitions = Number(process.argv[4] ?? 20);
const limitMs = 200;
const [studies, series] = [instances / 10, instances / 5];
const tasksOfGraph = 10;
const instancesOfGraph = 50;

const { pool, web, close } = await startHouse();

const root = '1.2.826.0.1.3680043.10.998';
const key = (uid: string): string => `encode(substring(sha256(convert_to(${uid}, 'UTF8')) for 16), 'hex')::uuid`;
const studyUid = (n: string): string => `('${root}.1.' || ${n})`;
const seriesUid = (n: string): string => `('${root}.2.' || ${n})`;
const instanceUid = (n: string): string => `('${root}.3.' || ${n})`;

async function store(): Promise<void> {
  const json = (attributes: object): Buffer => deflateRawSync(JSON.stringify(attributes));
  const ofStudy = json({
    '00081030': { vr: 'LO', Value: ['CT Thorax with contrast'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Kamori^John' }] },
    '00100020': { vr: 'LO', Value: ['P1234567'] },
  });
  const ofSeries = json({ '00080060': { vr: 'CS', Value: ['CT'] }, '0008103E': { vr: 'LO', Value: ['Axial'] } });
  await pool.query(
    `insert into studies (study_id, study_instance_uid, patient_name, patient_identifier, patient_sex, accession_number,
       study_description, multi_valued, modalities_in_study, sop_classes_in_study, number_of_study_related_series,
       number_of_study_related_instances, attributes, attributes_digest, created_at)
     select ${key(studyUid('n'))}, ${studyUid('n')}, 'kamori' || n / 4 || '^john', 'P' || lpad((n / 4)::text, 7, '0'),
       case when n % 8 < 4 then 'F' else 'M' end, 'A' || lpad(n::text, 8, '0'), 'CT Thorax ' || n % 997, false,
       array[(array['CT', 'MR', 'US'])[1 + n % 3]], array['1.2.840.10008.5.1.4.1.1.2'], 2, 10, $2, md5('x')::uuid,
       now() - n * interval '5 minutes'
     from generate_series(1, $1::int) as n`,
    [studies, ofStudy],
  );
  await pool.query(
    `insert into series (study_id, series_id, series_instance_uid, modality, series_description, multi_valued,
       number_of_series_related_instances, attributes, attributes_digest, created_at)
     select ${key(studyUid('(n + 1) / 2'))}, ${key(seriesUid('n'))}, ${seriesUid('n')}, (array['CT', 'MR', 'US'])[1 + (n + 1) / 2 % 3],
       'Axial ' || n % 499, false, 5, $2, md5('x')::uuid, now() - n * interval '150 seconds'
     from generate_series(1, $1::int) as n`,
    [series, ofSeries],
  );
  await pool.query(
    `insert into instances (study_id, series_id, instance_id, sort_number, sop_instance_uid, sop_class_uid, multi_valued,
       transfer_syntax_uid, blob_key, size, sha256, data_set_offset, deflated, metadata, metadata_digest, frames, door,
       calling_ae_title, created_at)
     select ${key(studyUid('(n + 9) / 10'))}, ${key(seriesUid('(n + 4) / 5'))}, ${key(instanceUid('n'))}, n, ${instanceUid('n')},
       '1.2.840.10008.5.1.4.1.1.2', false, '1.2.840.10008.1.2.1', 'x/' || n, 526000, sha256(n::text::bytea), 300, false,
       $2, md5('x')::uuid, 1, 'dimse', (array['CT1', 'MR1', 'US1'])[1 + n % 3], now() - n * interval '30 seconds'
     from generate_series(1, $1::int) as n`,
    [instances, deflateRawSync(Buffer.alloc(2_000, 'x'))],
  );
}

/** As planner and runner would have made them: of every ten graphs one has failed and one is under way, and not due yet. */
async function publish(): Promise<void> {
  await pool.query(
    `insert into publishing_graphs (publisher, unit, origin, cause, reference_uid, study_instance_uid, status, failure, note,
       instances, selected, delivered, tasks_initial, tasks_success, tasks_failed, configuration_version, created_at, updated_at)
     select case when n % 2 = 0 then 'cloud' else 'archive' end, 'study', 'replay', n::text, uid, uid,
       case n % 10 when 0 then 'FAILED' when 1 then 'INITIAL' else 'SUCCESS' end,
       case n % 10 when 0 then '10.1.' || n % 200 || '.7:443 cannot be reached: nothing listens there (ECONNREFUSED).' end,
       case n % 10 when 2 then n % 50 || ' of 50 selected' end, $3, $3, $3, 0, 10, 0, 1,
       now() - n * interval '20 seconds', now() - n * interval '19 seconds'
     from (select n, ${studyUid('(1 + (n - 1) % $2)')} as uid from generate_series(1, $1::int) as n) as numbered`,
    [graphs, studies, instancesOfGraph],
  );
  const types = [
    'filter',
    'compress',
    'anonymise',
    'upload',
    'confirm',
    'upload',
    'confirm',
    'upload',
    'confirm',
    'results',
  ];
  await pool.query(
    `insert into publishing_tasks (graph_id, publisher, type, wave, batch, waits_for, status, failure, note, due_at, total, done,
       attempts, created_at, updated_at)
     select graph_id, publisher, ($2::text[])[n], 1, n, case when status = 'INITIAL' and n > 1 then 1 else 0 end, status,
       case when status = 'FAILED' then case when n = 4 then failure else 'Not done, as the task upload ' || graph_id || ' has failed.' end end,
       case n when 1 then '50 of 50 selected' end, now() + interval '1 day', 50, 50, n % 3, created_at, updated_at + n * interval '1 second'
     from publishing_graphs, generate_series(1, $1::int) as n`,
    [tasksOfGraph, types],
  );
  await pool.query(
    `insert into publishing_instances (graph_id, study_id, series_id, instance_id, study_instance_uid, series_instance_uid,
       sop_instance_uid, sort_number, wave, batch, state, source_sha256)
     select graph_id, ${key('study_instance_uid')}, ${key(seriesUid('number / 5'))}, ${key(instanceUid('number'))}, study_instance_uid,
       ${seriesUid('number / 5')}, ${instanceUid('number')}, n, 1, 1, 'accepted', sha256(number::text::bytea)
     from publishing_graphs, generate_series(1, $1::int) as n,
       lateral (select case when n <= 10 then 10 * (substring(study_instance_uid from '[0-9]+$')::bigint - 1) + n
         else 1000000000 + graph_id * 100 + n end as number) as numbered`,
    [instancesOfGraph],
  );
  await pool.query(
    `insert into deliveries (publisher, study_id, series_id, instance_id, source_sha256, study_instance_uid, series_instance_uid,
       sop_instance_uid, status, answer, sent_study_instance_uid, sent_series_instance_uid, sent_sop_instance_uid, sop_class_uid,
       transfer_syntax_uid, size, sha256, sent_at, confirmed_at, graph_id)
     select publisher, study_id, series_id, instance_id, source_sha256, one.study_instance_uid, one.series_instance_uid,
       sop_instance_uid, 'accepted', 'Taken.', one.study_instance_uid, one.series_instance_uid, sop_instance_uid, '1.2', '1.2', 1,
       source_sha256, now(), now(), graph_id
     from publishing_instances one join publishing_graphs using (graph_id) on conflict do nothing`,
  );
}

/** A list: how it is asked by SQL, and by HTTP below `/api/`. */
interface List {
  readonly sql: () => Promise<unknown>;
  readonly http: string | (() => string);
}

const someone = () => `P${String(Math.floor((Math.random() * studies) / 4)).padStart(7, '0')}`;
const anyone = () => Math.floor(Math.random() * studies);
const lists: Record<string, List> = {};

function listTables(): void {
  const tables = createTables(createArrivalTables(pool));
  type Query = Parameters<typeof tables.images>[0];
  for (const table of ['images', 'series', 'studies', 'patients'] as const) {
    const rows = { images: instances, series, studies, patients: studies / 4 }[table];
    const list = (name: string, over: () => Partial<Query>, http: () => string): void => {
      lists[`${table}, ${name}`] = { sql: () => tables[table]({ words: [], limit: 50, offset: 0, ...over() }), http };
    };
    const page = (offset: number) => () => `${table}?limit=50&offset=${offset}`;
    list('first page', () => ({}), page(0));
    list('half way', () => ({ offset: rows / 2 }), page(rows / 2));
    list('last page', () => ({ offset: rows - 50 }), page(rows - 50));
    const aDay = () => new Date(Date.now() - Math.random() * studies * 300_000).toISOString().slice(0, 10);
    list(
      'a day',
      () => {
        const from = new Date(aDay());
        return { from, till: new Date(from.getTime() + 86_399_999) };
      },
      () => {
        const day = aDay();
        return `${table}?from=${day}&till=${day}`;
      },
    );
    const texts: Record<string, () => string> = {
      'a patient by text': someone,
      'a name by text': () => `kamori${Math.floor(anyone() / 4)}`,
      'two words that many have': () => 'kamori P0',
      'a word that nobody has': () => 'xqz',
      'a UID': () => `${root}.1.${anyone()}`,
    };
    for (const [name, text] of Object.entries(texts)) {
      list(
        name,
        () => ({ words: text().split(' ') }),
        () => `${table}?text=${encodeURIComponent(text())}`,
      );
    }
    if (table !== 'patients')
      list(
        'a modality',
        () => ({ modality: 'MR' }),
        () => `${table}?modality=MR`,
      );
  }
}

function listPublishing(): void {
  const publishing = createPublishingLists(pool);
  const ledger = createDeliveryLedger(pool);
  const now = new Date();
  const page: ListPage = { order: 'updated', limit: 50, offset: 0 };
  const aStudy = `${root}.1.1200`;
  const day = { createdFrom: new Date(now.getTime() - 86_400_000), createdTill: now };
  const filters: Record<string, readonly [ListFilter, string]> = {
    all: [{}, ''],
    'by status': [{ status: 'FAILED' }, 'status=FAILED'],
    'by publisher and status': [{ publisher: 'cloud', status: 'SUCCESS' }, 'publisher=cloud&status=SUCCESS'],
    'by study': [{ studyInstanceUid: aStudy }, `study=${aStudy}`],
    'by series': [{ seriesInstanceUid: `${root}.2.2400` }, `series=${root}.2.2400`],
    'of a day': [day, `from=${day.createdFrom.toISOString()}&till=${day.createdTill.toISOString()}`],
  };
  const texts: Record<string, string> = {
    'part of a failure that many have': 'listens there',
    'part of a failure that few have': '10.1.150.7',
    'part of a note': '50 of 50',
    'part of a UID that few have': '.1200',
    'part of a UID that all have': '.3680043.',
    'two digits': '73',
    'one letter': 'e',
    'part of the name of a publisher': 'loud',
    'an id': '5000',
    'what is nowhere': 'nowhere to be found',
    'two letters that are nowhere': 'qx',
    'a UID': aStudy,
    'a UID of nobody': '1.2.3.4.5',
  };
  for (const [name, text] of Object.entries(texts))
    filters[`by ${name}`] = [{ text }, `text=${encodeURIComponent(text)}`];
  filters['by what is nowhere, of those that failed'] = [
    { text: 'nowhere to be found', status: 'FAILED' },
    'text=nowhere+to+be+found&status=FAILED',
  ];
  for (const [name, [filter, query]] of Object.entries(filters)) {
    lists[`graphs ${name}`] = { sql: () => publishing.graphs(filter, page, now), http: `graphs?${query}` };
    lists[`tasks ${name}`] = { sql: () => publishing.tasks(filter, page, now), http: `tasks?${query}` };
  }
  const pages: Record<string, Partial<ListPage>> = {
    'half way': { offset: 0.5 },
    'the last page': { offset: 1 },
    '1000 rows': { limit: 1000 },
  };
  for (const [name, { offset: part = 0, limit = 50 }] of Object.entries(pages)) {
    const of = (rows: number): ListPage => ({ ...page, limit, offset: Math.floor(part * (rows - limit)) });
    const [graphPage, taskPage] = [of(graphs), of(graphs * tasksOfGraph)];
    const query = (one: ListPage) => `limit=${one.limit}&offset=${one.offset}`;
    lists[`graphs, ${name}`] = { sql: () => publishing.graphs({}, graphPage, now), http: `graphs?${query(graphPage)}` };
    lists[`tasks, ${name}`] = { sql: () => publishing.tasks({}, taskPage, now), http: `tasks?${query(taskPage)}` };
  }
  const aGraph = String(Math.floor(graphs / 2));
  lists['a graph with its tasks'] = {
    sql: async () => [await publishing.graph(aGraph, now), await publishing.tasksOfGraph(aGraph, 1000, now)],
    http: `graphs/${aGraph}`,
  };
  lists['the queue'] = { sql: () => publishing.queue(), http: 'status' };
  lists['deliveries of a study, and their sum'] = {
    sql: async () => [await ledger.rows(aStudy, undefined, page), await ledger.summaries(aStudy, ['cloud', 'archive'])],
    http: `deliveries?study=${aStudy}`,
  };
}

/** @returns what it said of how many there are */
async function ask(query: string): Promise<string> {
  const answer = await fetch(`${web}/api/${query}`);
  const { total, totalIsExact = true } = (await answer.json()) as { total?: number; totalIsExact?: boolean };
  if (answer.status !== 200) return String(answer.status);
  return total === undefined ? '' : `${total}${totalIsExact ? '' : '+'}`;
}

try {
  await store();
  await publish();
  await pool.query('vacuum analyze');
  const { rows } = await pool.query<{ counted: string }>(
    `select (select count(*) from publishing_graphs) || ' graphs, ' || (select count(*) from publishing_tasks) || ' tasks, ' ||
       (select count(*) from publishing_instances) + (select count(*) from deliveries) || ' rows of instances and of the ledger' as counted`,
  );
  console.log(`${instances} instances, ${rows[0]?.counted}`);
  listTables();
  listPublishing();
  let tooSlow = 0;
  console.log('| | asked | total | SQL p50 ms | most | HTTP p50 ms | p95 | most |\n|---|---|--:|--:|--:|--:|--:|--:|');
  for (const [name, { sql, http }] of Object.entries(lists)) {
    const bySql = await timesOf(repetitions, async () => void (await sql()));
    let total = '';
    const byHttp = await timesOf(repetitions, async () => {
      total = await ask(typeof http === 'string' ? http : http());
    });
    const most = [quantile(bySql, 1), quantile(byHttp, 1)];
    const isSlow = most.some((ms) => ms > limitMs);
    if (isSlow) tooSlow += 1;
    const figures = [quantile(bySql, 0.5), most[0]!, quantile(byHttp, 0.5), quantile(byHttp, 0.95), most[1]!];
    console.log(
      `| ${isSlow ? 'SLOW' : 'ok'} | ${name} | ${total} | ${figures.map((ms) => ms.toFixed(1)).join(' | ')} |`,
    );
  }
  console.log(
    tooSlow === 0 ? `Every list answers within ${limitMs} ms.` : `${tooSlow} lists take longer than ${limitMs} ms.`,
  );
  if (tooSlow > 0) process.exitCode = 1;
  const scanned = performance.now();
  await pool.query("select count(*) from instances where sop_instance_uid || '' like '%xqz%'");
  console.log(`reading the whole table of instances: ${(performance.now() - scanned).toFixed(0)} ms`);
} finally {
  await close();
}
