// npx tsx bench/page-tables.ts [instances] [repetitions] – the page's tables of what is stored, ten instances a study in two
// series, four studies a patient, next to reading the whole table of instances.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { compose } from '../src/compose.ts';
import { loadSettings } from '../src/config.ts';
import { startEmbeddedPostgres } from '../src/index/embedded-postgres.ts';
import { createPool } from '../src/index/pool.ts';
import { silentLog } from '../src/kernel/log.ts';

const instances = Number(process.argv[2] ?? 100_000);
const repetitions = Number(process.argv[3] ?? 20);
const [studies, series] = [instances / 10, instances / 5];

const dir = mkdtempSync(join(tmpdir(), 'causeway-tables-'));
const postgres = await startEmbeddedPostgres({ dataDir: dir, log: silentLog });
const { user, database, host, port } = postgres.connection;
const settings = loadSettings(
  {
    DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    CAUSEWAY_DATA_DIR: dir,
    CAUSEWAY_HTTP_PORT: '0',
    CAUSEWAY_DIMSE_PORT: '0',
    CAUSEWAY_DIMSE_HOST: '127.0.0.1',
  },
  dir,
);
const house = await compose(settings, silentLog);
const pool = createPool({ connection: postgres.connection, maxConnections: 1, log: silentLog });

const root = '1.2.826.0.1.3680043.10.998';
const key = (uid: string): string => `encode(substring(sha256(convert_to(${uid}, 'UTF8')) for 16), 'hex')::uuid`;
const studyUid = (n: string): string => `('${root}.1.' || ${n})`;
const seriesUid = (n: string): string => `('${root}.2.' || ${n})`;

async function generate(): Promise<void> {
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
     select ${key(studyUid('(n + 9) / 10'))}, ${key(seriesUid('(n + 4) / 5'))}, ${key(`('${root}.3.' || n)`)}, n, '${root}.3.' || n,
       '1.2.840.10008.5.1.4.1.1.2', false, '1.2.840.10008.1.2.1', 'x/' || n, 526000, sha256(n::text::bytea), 300, false,
       $2, md5('x')::uuid, 1, 'dimse', (array['CT1', 'MR1', 'US1'])[1 + n % 3], now() - n * interval '30 seconds'
     from generate_series(1, $1::int) as n`,
    [instances, deflateRawSync(Buffer.alloc(2_000, 'x'))],
  );
  await pool.query('vacuum analyze');
}

const someone = () => `P${String(Math.floor((Math.random() * studies) / 4)).padStart(7, '0')}`;
const anyone = () => Math.floor(Math.random() * studies);
const queries: Record<string, () => string> = {};
for (const table of ['images', 'series', 'studies', 'patients']) {
  const rows = { images: instances, series, studies, patients: studies / 4 }[table] ?? 0;
  queries[`${table}, first page`] = () => `${table}?limit=50`;
  queries[`${table}, half way`] = () => `${table}?limit=50&offset=${rows / 2}`;
  queries[`${table}, last page`] = () => `${table}?limit=50&offset=${rows - 50}`;
  queries[`${table}, a day`] = () => {
    const day = new Date(Date.now() - Math.random() * studies * 300_000).toISOString().slice(0, 10);
    return `${table}?from=${day}&till=${day}`;
  };
  queries[`${table}, a patient by text`] = () => `${table}?text=${someone()}`;
  queries[`${table}, a name by text`] = () => `${table}?text=kamori${Math.floor(anyone() / 4)}`;
  queries[`${table}, two words that many have`] = () => `${table}?text=kamori+P0`;
  queries[`${table}, a word that nobody has`] = () => `${table}?text=xqz`;
  queries[`${table}, a UID`] = () => `${table}?text=${root}.1.${anyone()}`;
  if (table !== 'patients') queries[`${table}, a modality`] = () => `${table}?modality=MR`;
}

try {
  const { webUrl } = await house.listen();
  await generate();
  console.log('| asked | total | p50 ms | p95 ms |\n|---|--:|--:|--:|');
  for (const [name, query] of Object.entries(queries)) {
    const times: number[] = [];
    let total = '';
    for (let n = 0; n < repetitions + 2; n++) {
      const start = performance.now();
      const answer = await fetch(`${webUrl}/api/${query()}`);
      const table = (await answer.json()) as { total?: number; totalIsExact?: boolean };
      if (n >= 2) times.push(performance.now() - start);
      total = answer.status === 200 ? `${table.total}${table.totalIsExact ? '' : '+'}` : String(answer.status);
    }
    times.sort((a, b) => a - b);
    const at = (part: number): string => times[Math.min(times.length - 1, Math.floor(times.length * part))]!.toFixed(1);
    console.log(`| ${name} | ${total} | ${at(0.5)} | ${at(0.95)} |`);
  }
  const scanned = performance.now();
  await pool.query("select count(*) from instances where sop_instance_uid || '' like '%xqz%'");
  console.log(`reading the whole table: ${(performance.now() - scanned).toFixed(0)} ms`);
} finally {
  await pool.end();
  await house.close({ graceMs: 1_000 });
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
}
