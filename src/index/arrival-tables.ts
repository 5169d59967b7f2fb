import type pg from 'pg';
import { foldNameGroup } from '../dicom/match-name.ts';
import { countedPage, maxCounted, pageTimeoutMs } from './counted-page.ts';
import { type FoundEntity, foundEntity, type PageRow } from './found-entity.ts';
import { type Bind, likePattern } from './search-predicates.ts';
import type { SqlStatement } from './search-sql.ts';
import { timedQuery } from './timed-query.ts';
import { uidKey } from './uid-key.ts';

/** Which rows of a table are wanted; what is left out does not narrow. */
export interface ArrivalQuery {
  /** Of when the first of it came. */
  readonly from?: Date | undefined;
  readonly till?: Date | undefined;
  /** All of them occur in the texts of a row, or are a UID of it. */
  readonly words: readonly string[];
  readonly patient?: { readonly id: string; readonly issuer?: string | undefined } | undefined;
  readonly studyInstanceUid?: string | undefined;
  readonly seriesInstanceUid?: string | undefined;
  readonly sopInstanceUid?: string | undefined;
  readonly modality?: string | undefined;
  readonly sex?: string | undefined;
  readonly callingAeTitle?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface ArrivalPage<R> {
  readonly rows: readonly R[];
  /** Of all pages; `totalIsExact` is false where there are more than were counted. */
  readonly total: number;
  readonly totalIsExact: boolean;
}

/** Graphs of publishers that this is, or is in, by how they stand; of an instance, what became of it in each. */
export interface Forwarding {
  readonly INITIAL: number;
  readonly SUCCESS: number;
  readonly FAILED: number;
}

export interface ArrivedEntity {
  readonly entity: FoundEntity;
  readonly forwarding: Forwarding;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ArrivedImage {
  readonly entity: FoundEntity;
  readonly forwarding: Forwarding;
  readonly createdAt: Date;
  readonly frames: number;
  /** Bytes of the file, and its hash, hexadecimal. */
  readonly size: number;
  readonly sha256: string;
  readonly door: string;
  readonly callingAeTitle: string | null;
  readonly address: string | null;
}

/** Studies of one Patient ID and issuer. */
export interface ArrivedPatient {
  /** The study that came last. */
  readonly entity: FoundEntity;
  readonly studies: number;
  readonly series: number;
  readonly instances: number;
  readonly modalities: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What is stored, the last that came first. All throw CausewayError `timed-out`, `unavailable`. */
export interface ArrivalTables {
  images(query: ArrivalQuery): Promise<ArrivalPage<ArrivedImage>>;
  series(query: ArrivalQuery): Promise<ArrivalPage<ArrivedEntity>>;
  studies(query: ArrivalQuery): Promise<ArrivalPage<ArrivedEntity>>;
  patients(query: ArrivalQuery): Promise<ArrivalPage<ArrivedPatient>>;
  /** All that is stored; of many, as of the last statistics of Postgres. */
  totals(): Promise<{ readonly studies: number; readonly series: number; readonly instances: number }>;
}

type Level = 'images' | 'series' | 'studies' | 'patients';

interface Row extends PageRow {
  created_at: Date;
  updated_at: Date;
  frames: number;
  size: string;
  sha256: Buffer;
  door: string;
  calling_ae_title: string | null;
  address: string | null;
  forwarding_initial: number;
  forwarding_success: number;
  forwarding_failed: number;
  patient_studies: number;
  patient_series: number;
  patient_instances: number;
  patient_modalities: string[];
  patient_created_at: Date;
  patient_updated_at: Date;
}

const studyColumns = `studies.study_instance_uid, studies.attributes as study_attributes, studies.modalities_in_study,
  studies.sop_classes_in_study, studies.number_of_study_related_series, studies.number_of_study_related_instances`;
const seriesColumns = `series.series_instance_uid, series.attributes as series_attributes, series.number_of_series_related_instances`;

const forwardingColumns = 'forwarding_initial, forwarding_success, forwarding_failed';

/** @param from graphs, or what has a `status` as they have */
function forwardingOf(from: string): string {
  const counts = ['INITIAL', 'SUCCESS', 'FAILED'].map(
    (status) => `count(*) filter (where status = '${status}')::int as forwarding_${status.toLowerCase()}`,
  );
  return `cross join lateral (select ${counts.join(', ')} from ${from}) as forwarding`;
}

const graphsOfStudy = 'publishing_graphs where publishing_graphs.study_instance_uid = studies.study_instance_uid';
const graphsOfSeries = `${graphsOfStudy}
  and coalesce(publishing_graphs.series_instance_uid, series.series_instance_uid) = series.series_instance_uid`;
/** What a filter let through, by what became of it. */
const graphsOfInstance = `(
  select case own.state when 'accepted' then 'SUCCESS' when 'refused' then 'FAILED' else graphs.status end as status
  from publishing_instances as own join publishing_graphs as graphs using (graph_id)
  where own.study_id = instances.study_id and own.series_id = instances.series_id and own.instance_id = instances.instance_id
    and own.state not in ('excluded', 'gone')
) as own`;

const levels: Record<Level, { table: string; key: string; id: string; joins: string; columns: string }> = {
  images: {
    table: 'instances',
    key: 'instances.study_id, instances.series_id, instances.instance_id',
    id: 'instance_id',
    joins: `join instances using (study_id, series_id, instance_id) join series using (study_id, series_id)
      join studies using (study_id) ${forwardingOf(graphsOfInstance)}`,
    columns: `${studyColumns}, ${seriesColumns}, ${forwardingColumns}, instances.sop_instance_uid, instances.sop_class_uid,
      instances.transfer_syntax_uid, instances.instance_number, instances.number_of_frames, instances.rows_of_pixels,
      instances.columns_of_pixels, instances.bits_allocated, instances.frames, instances.size, instances.sha256, instances.door,
      instances.calling_ae_title, instances.address, instances.created_at`,
  },
  series: {
    table: 'series',
    key: 'series.study_id, series.series_id',
    id: 'series_id',
    joins: `join series using (study_id, series_id) join studies using (study_id) ${forwardingOf(graphsOfSeries)}`,
    columns: `${studyColumns}, ${seriesColumns}, ${forwardingColumns}, series.created_at, series.updated_at`,
  },
  studies: {
    table: 'studies',
    key: 'studies.study_id',
    id: 'study_id',
    joins: `join studies using (study_id) ${forwardingOf(graphsOfStudy)}`,
    columns: `${studyColumns}, ${forwardingColumns}, studies.created_at, studies.updated_at`,
  },
  patients: {
    table: 'studies',
    key: 'studies.study_id',
    id: 'study_id',
    joins: `join studies using (study_id) cross join lateral (
      select count(*)::int as patient_studies, sum(number_of_study_related_series)::int as patient_series,
        sum(number_of_study_related_instances)::int as patient_instances,
        min(created_at) as patient_created_at, max(updated_at) as patient_updated_at
      from studies as own where own.study_id = studies.study_id or ${samePatient('own', 'studies')}
    ) as counted cross join lateral (
      select coalesce(array_agg(distinct modality order by modality), '{}') as patient_modalities
      from studies as own cross join unnest(own.modalities_in_study) as modality
      where own.study_id = studies.study_id or ${samePatient('own', 'studies')}
    ) as modalities`,
    columns: `${studyColumns}, studies.created_at, patient_studies, patient_series, patient_instances, patient_modalities,
      patient_created_at, patient_updated_at`,
  },
};

export function createArrivalTables(pool: pg.Pool): ArrivalTables {
  async function page(level: Level, query: ArrivalQuery): Promise<ArrivalPage<Row>> {
    const isByText = query.words.length > 0;
    return countedPage<Row>(pool, pageSql(level, query), allSql(level, query), { ...query, isByText });
  }

  return {
    images: async (query) => mapped(await page('images', query), arrivedImage),
    series: async (query) => mapped(await page('series', query), arrivedEntity),
    studies: async (query) => mapped(await page('studies', query), arrivedEntity),
    patients: async (query) => mapped(await page('patients', query), arrivedPatient),
    async totals() {
      // Counting a million rows for a page that is looked at all day is work for nothing.
      const count = (table: string) =>
        `case when (select reltuples from pg_class where oid = '${table}'::regclass) > ${maxCounted}
          then (select reltuples::bigint from pg_class where oid = '${table}'::regclass) else (select count(*) from ${table}) end as ${table}`;
      const text = `select ${['studies', 'series', 'instances'].map(count).join(', ')}`;
      const [row] = await timedQuery<Record<string, string>>(pool, { text, values: [] }, pageTimeoutMs);
      return {
        studies: Number(row?.['studies']),
        series: Number(row?.['series']),
        instances: Number(row?.['instances']),
      };
    },
  };
}

function pageSql(level: Level, query: ArrivalQuery): SqlStatement {
  const { table, key, id, joins, columns } = levels[level];
  const { bind, values } = parameters();
  const order = `${table}.created_at desc, ${table}.${id} desc`;
  const text = `select ${columns}
from (select ${key} from ${table}${whereSql(level, query, bind)} order by ${order} limit ${bind(query.limit)} offset ${bind(query.offset)}) as page
${joins} order by ${order}`;
  return { text, values };
}

function allSql(level: Level, query: ArrivalQuery): SqlStatement {
  const { bind, values } = parameters();
  return { text: `${levels[level].table}${whereSql(level, query, bind)}`, values };
}

function parameters(): { bind: Bind; values: SqlStatement['values'] } {
  const values: SqlStatement['values'] = [];
  return { bind: (value) => `$${values.push(value)}`, values };
}

function whereSql(level: Level, query: ArrivalQuery, bind: Bind): string {
  const conditions = conditionsOf(level, levels[level].table, query, bind);
  if (level === 'patients') {
    const newer = conditionsOf(level, 'newer', query, bind);
    conditions.push(
      `not exists (select from studies as newer where ${[
        samePatient('newer', 'studies'),
        '(newer.created_at, newer.study_id) > (studies.created_at, studies.study_id)',
        ...newer,
      ].join(' and ')})`,
    );
  }
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
}

/** Studies without a Patient ID are of nobody else. */
function samePatient(one: string, other: string): string {
  return `(${one}.patient_identifier = ${other}.patient_identifier
    and ${one}.issuer_of_patient_id is not distinct from ${other}.issuer_of_patient_id)`;
}

function conditionsOf(level: Level, table: string, query: ArrivalQuery, bind: Bind): string[] {
  const conditions: string[] = [];
  const add = (value: string | undefined, sql: (bound: string) => string): void => {
    if (value !== undefined) conditions.push(sql(bind(value)));
  };
  const ofKey = (uid: string | undefined) => uid && uidKey(uid);
  add(query.from?.toISOString(), (from) => `${table}.created_at >= ${from}::timestamptz`);
  add(query.till?.toISOString(), (till) => `${table}.created_at <= ${till}::timestamptz`);
  add(ofKey(query.studyInstanceUid), (key) => `${table}.study_id = ${key}::uuid`);
  if (level === 'images' || level === 'series') {
    add(ofKey(query.seriesInstanceUid), (key) => `${table}.series_id = ${key}::uuid`);
  }
  if (level === 'images') {
    add(ofKey(query.sopInstanceUid), (key) => `${table}.instance_id = ${key}::uuid`);
    add(query.callingAeTitle, (title) => `${table}.calling_ae_title = ${title}`);
  }
  add(query.sex, (sex) => ofStudies(level, table, (study) => `${study}.patient_sex = ${sex}`));
  add(query.modality, (modality) => {
    if (level === 'series') return `${table}.modality = ${modality}`;
    if (level === 'images') return ofSeries(table, `series.modality = ${modality}`);
    return `${table}.modalities_in_study @> array[${modality}]::text[]`;
  });
  if (query.patient !== undefined) {
    const { id, issuer } = query.patient;
    const isId = bind(id);
    const isIssuer = issuer === undefined ? undefined : bind(issuer);
    conditions.push(
      ofStudies(level, table, (study) =>
        [
          `${study}.patient_identifier = ${isId}`,
          ...(isIssuer === undefined ? [] : [`coalesce(${study}.issuer_of_patient_id, '') = ${isIssuer}`]),
        ].join(' and '),
      ),
    );
  }
  for (const word of query.words) conditions.push(hasWord(level, table, word, bind));
  return conditions;
}

function ofStudies(level: Level, table: string, condition: (study: string) => string): string {
  if (level === 'studies' || level === 'patients') return condition(table);
  return `${table}.study_id in (select study_id from studies where ${condition('studies')})`;
}

function ofSeries(table: string, condition: string): string {
  return `(${table}.study_id, ${table}.series_id) in (select study_id, series_id from series where ${condition})`;
}

/** A word is looked for as a part of texts, in any case; one that may be a UID, as the whole of one. */
function hasWord(level: Level, table: string, word: string, bind: Bind): string {
  const part = bind(likePattern(`*${escapedWildcards(word)}*`));
  const folded = foldNameGroup(word);
  const name = folded === '' ? undefined : bind(`%${folded.replace(/[\\%_]/g, '\\$&')}%`);
  const key = /^[0-9.]{3,64}$/.test(word) && word.includes('.') ? bind(uidKey(word)) : undefined;
  // Where there is no case to fold, comparing takes a third of the time.
  const like = word.toLowerCase() === word.toUpperCase() ? 'like' : 'ilike';
  const isLike = (columns: readonly string[]) => columns.map((column) => `${column} ${like} ${part}`);
  const isKey = (...columns: readonly string[]) =>
    key === undefined ? [] : columns.map((column) => `${column} = ${key}::uuid`);
  const inStudy = (study: string) => [
    ...(name === undefined ? [] : [`${study}.patient_name like ${name}`]),
    ...isLike([`${study}.patient_identifier`]),
    ...(level === 'patients' ? [] : isLike([`${study}.accession_number`, `${study}.study_description`])),
    ...isKey(`${study}.study_id`),
  ];
  const ofStudy = (at: Level, own: string) => ofStudies(at, own, (study) => `(${inStudy(study).join(' or ')})`);
  const ofOwnSeries = (own: string) => [
    ofStudy('series', own),
    ...isLike(
      ['modality', 'series_description', 'body_part_examined', 'station_name'].map((column) => `${own}.${column}`),
    ),
    ...isKey(`${own}.series_id`),
  ];
  if (level === 'series') return `(${ofOwnSeries(table).join(' or ')})`;
  if (level !== 'images') return ofStudy(level, table);
  return `(${[
    `${table}.series_id in (select series_id from series where ${ofOwnSeries('series').join(' or ')})`,
    `${table}.calling_ae_title ${like} ${part}`,
    ...isKey(`${table}.instance_id`),
  ].join(' or ')})`;
}

/** What is typed is meant literally. */
function escapedWildcards(word: string): string {
  return word.replaceAll('*', '').replaceAll('?', '');
}

/** Counting is not worth waiting for. */
function mapped<A, B>({ rows, ...rest }: ArrivalPage<A>, map: (row: A) => B): ArrivalPage<B> {
  return { rows: rows.map(map), ...rest };
}

function arrivedEntity(row: Row): ArrivedEntity {
  return {
    entity: foundEntity(row),
    forwarding: forwarding(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function forwarding(row: Row): Forwarding {
  return { INITIAL: row.forwarding_initial, SUCCESS: row.forwarding_success, FAILED: row.forwarding_failed };
}

function arrivedImage(row: Row): ArrivedImage {
  return {
    entity: foundEntity(row),
    forwarding: forwarding(row),
    createdAt: row.created_at,
    frames: row.frames,
    size: Number(row.size),
    sha256: row.sha256.toString('hex'),
    door: row.door,
    callingAeTitle: row.calling_ae_title,
    address: row.address,
  };
}

function arrivedPatient(row: Row): ArrivedPatient {
  return {
    entity: foundEntity(row),
    studies: row.patient_studies,
    series: row.patient_series,
    instances: row.patient_instances,
    modalities: row.patient_modalities,
    createdAt: row.patient_created_at,
    updatedAt: row.patient_updated_at,
  };
}
