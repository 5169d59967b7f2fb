// npx tsx bench/million-studies.ts [studies] [repetitions] [folder] [shuffled] – the study list of a viewer over many
// studies, by QIDO-RS. A folder that is named is kept, and what was generated in it is used again. Studies came in the
// order of their dates, but for one in twenty; `shuffled`: in no order, as from an archive that was taken over.
import { deflateRawSync } from 'node:zlib';
import { quantile, startHouse, timesOf } from './start-house.ts';

const studies = Number(process.argv[2] ?? 1_000_000);
const repetitions = Number(process.argv[3] ?? 40);

const syllables = ['ka', 'mo', 'ri', 'ber', 'ston', 'li', 'na', 'sch', 'wei', 'gar', 'cia', 'ov', 'ski', 'del', 'tan'];
const given = ['john', 'anna', 'maria', 'wei', 'yusuf', 'ines', 'pavel', 'aiko', 'lars', 'fatima', 'noah', 'greta'];

const shuffled = process.argv[5] === 'shuffled';
const { pool, dicomWeb, close } = await startHouse(process.argv[4]);

/** Rows of `studies` alone: nothing else is read by its list. What is returned of each is the same, what is matched is not. */
async function generate(): Promise<void> {
  const attributes = deflateRawSync(
    JSON.stringify({
      '00080020': { vr: 'DA', Value: ['20240229'] },
      '00080030': { vr: 'TM', Value: ['103015'] },
      '00080050': { vr: 'SH', Value: ['A1234567'] },
      '00080090': { vr: 'PN', Value: [{ Alphabetic: 'Referrer^Rita' }] },
      '00081030': { vr: 'LO', Value: ['CT Thorax with contrast'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Kamori^John' }] },
      '00100020': { vr: 'LO', Value: ['P1234567'] },
      '00100030': { vr: 'DA', Value: ['19700101'] },
      '00100040': { vr: 'CS', Value: ['F'] },
    }),
  );
  const { rows: indexes } = await pool.query<{ name: string; text: string }>(
    "select indexname as name, indexdef as text from pg_indexes where tablename = 'studies' and indexname <> 'studies_pkey'",
  );
  for (const { name } of indexes) await pool.query(`drop index ${name}`);
  await pool.query(
    `insert into studies (study_id, study_instance_uid, patient_name, patient_identifier, patient_birth_date, patient_sex,
       study_date, study_time, accession_number, referring_physician_name, study_description, study_identifier, multi_valued,
       modalities_in_study, sop_classes_in_study, number_of_study_related_series, number_of_study_related_instances,
       attributes, attributes_digest)
     select encode(substring(sha256(convert_to('1.2.826.0.1.3680043.10.998.' || n, 'UTF8')) for 16), 'hex')::uuid,
       '1.2.826.0.1.3680043.10.998.' || n,
       ($2::text[])[1 + p % 15] || ($2::text[])[1 + p / 15 % 15] || ($2::text[])[1 + p / 225 % 15] || '^' || ($3::text[])[1 + p % 12],
       'P' || lpad(p::text, 7, '0'),
       to_char(date '1930-01-01' + p % 30000, 'YYYYMMDD'), case when p % 2 = 0 then 'F' else 'M' end,
       to_char(date '2010-01-01' + case when $5 or n % 20 = 0 then (hashint4(n) & 2147483647) % 5400
         else (n::bigint * 5400 / $1)::int end, 'YYYYMMDD'),
       lpad((n % 24)::text, 2, '0') || lpad((n % 60)::text, 2, '0') || '00.000000', 'A' || lpad(n::text, 8, '0'),
       'referrer^' || ($2::text[])[1 + n % 15] || ($2::text[])[1 + n / 15 % 15],
       (array['CT Thorax', 'MR Head', 'US Abdomen', 'Chest PA', 'Knee left', 'Spine lumbar'])[1 + n % 6] || ' ' || n % 997,
       n::text, false,
       array[case when n % 1000 = 0 then 'NM' when n % 200 = 1 then 'PT'
         else (array['CT', 'MR', 'CR', 'US', 'CT', 'DX'])[1 + n % 6] end], array['1.2.840.10008.5.1.4.1.1.2'], 2, 200,
       $4, md5('x')::uuid
     from (select n, (hashint4(n + 7) & 2147483647) % ($1::int / 2) as p from generate_series(1, $1::int) as n) as numbers`,
    [studies, syllables, given, attributes, shuffled],
  );
  await pool.query("set maintenance_work_mem = '512MB'");
  for (const { text } of indexes) await pool.query(text);
  await pool.query('vacuum analyze studies');
}

const any = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)]!;
const upTo = (most: number): number => Math.floor(Math.random() * most);
const digits = (number: number, length: number): string => String(number).padStart(length, '0');
const day = (): string => `${2010 + upTo(14)}${digits(1 + upTo(12), 2)}${digits(1 + upTo(28), 2)}`;
const year = (): number => 2010 + upTo(14);
const word = (): string => any(syllables) + any(syllables);

const list = 'limit=101&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090%2C00100030';
/** One page after the other: each begins with the last study of the one before, as in OHIF. */
function turning(query: () => string, from: number): () => string {
  let page = 0;
  return () => `${query()}&offset=${from + 100 * page++}`;
}
const queries: Readonly<Record<string, () => string>> = {
  'the list, first page': () => `${list}&offset=0`,
  'the list, page 10': () => `${list}&offset=1000`,
  'the list, 10 % in': () => `${list}&offset=${Math.floor(studies / 10)}`,
  'the list, half way': () => `${list}&offset=${Math.floor(studies / 2)}`,
  'the list, at its end': () => `${list}&offset=${studies - 100}`,
  'the list, half way, turning pages': turning(() => list, Math.floor(studies / 2)),
  'the list, at its end, turning pages': turning(() => list, studies - 100 * (repetitions + 3)),
  'name, two syllables in the middle': () => `${list}&PatientName=*${word()}*`,
  'name, three syllables': () => `${list}&PatientName=*${word()}${any(syllables)}*`,
  'name, nobody has it': () => `${list}&PatientName=*xqz${upTo(1_000)}*`,
  'name, two letters': () => `${list}&PatientName=*${any(['li', 'ka', 'mo', 'na'])}*`,
  'name, two letters that nobody has': () => `${list}&PatientName=*qx*`,
  'name, beginning of words (fuzzy)': () => `${list}&PatientName=${word()} ${any(given).slice(0, 3)}`,
  'name and year': () => `${list}&PatientName=*${word()}*&StudyDate=${year()}0101-${year() + 14}1231`,
  'one day': () => {
    const on = day();
    return `${list}&StudyDate=${on}-${on}`;
  },
  'one year': () => {
    const of = year();
    return `${list}&StudyDate=${of}0101-${of}1231`;
  },
  'one year, 5,000 in': () => {
    const of = year();
    return `${list}&offset=5000&StudyDate=${of}0101-${of}1231`;
  },
  'modality, common': () => `${list}&ModalitiesInStudy=${any(['CT', 'MR', 'US'])}`,
  'two modalities': () => `${list}&ModalitiesInStudy=CT%2CMR`,
  'modality, rare (0.1 %)': () => `${list}&ModalitiesInStudy=NM`,
  'modality, rare, and year': () => {
    const of = year();
    return `${list}&ModalitiesInStudy=NM&StudyDate=${of}0101-${of}1231`;
  },
  'modality, common, 50,000 in': () => `${list}&offset=50000&ModalitiesInStudy=CT`,
  'modality, common, 50,000 in, turning pages': turning(() => `${list}&ModalitiesInStudy=CT`, 50_000),
  PatientID: () => `${list}&00100020=P${digits(upTo(studies / 2), 7)}`,
  'PatientID, part': () => `${list}&00100020=*${digits(upTo(100_000), 5)}*`,
  'AccessionNumber, part': () => `${list}&AccessionNumber=*${digits(upTo(100_000), 5)}*`,
  'StudyDescription, part': () => `${list}&StudyDescription=*${any(['Head', 'Knee', 'Thorax', 'Abdomen'])}*`,
  'a study by its UID': () => `StudyInstanceUID=1.2.826.0.1.3680043.10.998.${1 + upTo(studies)}`,
};

async function measure(query: () => string): Promise<{ times: number[]; failed: number; rows: number }> {
  let [failed, rows] = [0, 0];
  const times = await timesOf(repetitions, async () => {
    const answer = await fetch(`${dicomWeb}/studies?${query()}`);
    const body = await answer.text();
    if (answer.status !== 200) failed += 1;
    else rows += (JSON.parse(body) as unknown[]).length;
  });
  return { times, failed, rows };
}

try {
  const { rows: present } = await pool.query<{ count: string }>('select count(*) from studies');
  if (Number(present[0]!.count) !== studies) {
    const start = performance.now();
    await generate();
    console.log(`${studies} studies generated in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  console.log('| asked | rows | p50 ms | p95 ms | failed |\n|---|--:|--:|--:|--:|');
  for (const [name, query] of Object.entries(queries)) {
    const { times, failed, rows } = await measure(query);
    const at = (part: number): string => quantile(times, part).toFixed(1);
    console.log(`| ${name} | ${Math.round(rows / (repetitions + 2))} | ${at(0.5)} | ${at(0.95)} | ${failed} |`);
  }
  const scanned = performance.now();
  await pool.query("select count(*) from studies where patient_name || '' like '%xqz%'");
  console.log(`reading the whole table: ${(performance.now() - scanned).toFixed(0)} ms`);
} finally {
  await close();
}
