import {
  type Columns,
  instanceKeyColumns,
  instanceValueColumns,
  type SqlValue,
  seriesKeyColumns,
  seriesValueColumns,
  studyKeyColumns,
  studyValueColumns,
} from './instance-rows.ts';
import { lockStudy, studyLockOrder } from './study-lock.ts';

/** Rows of one statement, keys first. Sorted by key, and each key once. */
export interface RowsToInsert {
  readonly studies: readonly (readonly SqlValue[])[];
  readonly series: readonly (readonly SqlValue[])[];
  readonly instances: readonly (readonly SqlValue[])[];
}

/** What the statement answers for each instance, by its index in `instances`. */
export interface InsertedRow {
  readonly n: number;
  readonly inserted: boolean;
  /** The row that was there before, if there was one; a row that another transaction has just written is not seen. */
  readonly blob_key: string | null;
  readonly size: string | null;
  readonly sha256: Buffer | null;
  readonly door: string | null;
  /** As in ExtendedTagSet; if it is not the one that was given, nothing was inserted. */
  readonly tags_version: number;
}

/** Most instances of one statement. */
export const maxInstancesAStatement = 32;

/** Row counts for which statements are prepared; others are filled up with rows of nulls, which are passed over. */
const instanceCounts = [1, 6, maxInstancesAStatement];
const groupCounts = [1, maxInstancesAStatement];

const statements = new Map<string, string>();

/**
 * The whole transaction as one prepared statement, so that storing costs one round trip: instances that are not there
 * yet, then the counters and attributes of their series and study, then the change feed.
 *
 * A tag that was added a moment ago, so that the caller does not know its values are wanted, keeps everything out: the
 * caller reads the tags and comes again.
 *
 * The studies are locked before anything of them is touched, as the erasure and the replacement do: none of them ever
 * holds what another needs.
 */
export function insertStatement({ studies, series, instances }: RowsToInsert, tagsVersion: number) {
  const shape = [
    roundedUp(studies.length, groupCounts),
    roundedUp(series.length, groupCounts),
    roundedUp(instances.length, instanceCounts),
  ] as const;
  const name = `insert-${shape.join('-')}`;
  let text = statements.get(name);
  if (text === undefined) {
    text = insertSql(...shape);
    statements.set(name, text);
  }
  const values = [
    ...filled(instances, shape[2], instanceColumns.length),
    ...filled(series, shape[1], seriesColumns.length),
    ...filled(studies, shape[0], studyColumns.length),
    tagsVersion,
  ];
  return { name, text, values };
}

const studyColumns: Columns = [...studyKeyColumns, ...studyValueColumns];
const seriesColumns: Columns = [...seriesKeyColumns, ...seriesValueColumns];
const instanceColumns: Columns = [...instanceKeyColumns, ...instanceValueColumns];

function roundedUp(count: number, counts: readonly number[]): number {
  const found = counts.find((one) => one >= count);
  if (found === undefined) throw new RangeError(`No statement inserts ${count} rows.`);
  return found;
}

function filled(rows: readonly (readonly SqlValue[])[], count: number, width: number): SqlValue[] {
  const values = rows.flat() as SqlValue[];
  while (values.length < count * width) values.push(null);
  return values;
}

function insertSql(studies: number, series: number, instances: number): string {
  let parameter = 0;
  const valuesOf = (columns: Columns, rows: number): string =>
    Array.from({ length: rows }, (_, row) => {
      // The first row gives the columns their types.
      const typed = columns.map(({ type }) => `$${++parameter}${row === 0 ? `::${type}` : ''}`);
      return `(${row}, ${typed.join(', ')})`;
    }).join(',\n');
  const instanceRows = valuesOf(instanceColumns, instances);
  const seriesRows = valuesOf(seriesColumns, series);
  const studyRows = valuesOf(studyColumns, studies);
  const tagsVersion = `$${++parameter}::int`;
  return `
with new_instances (n, ${names(instanceColumns)}) as (values ${instanceRows}),
new_series (n, ${names(seriesColumns)}) as (values ${seriesRows}),
new_studies (n, ${names(studyColumns)}) as (values ${studyRows}),
tags as (select coalesce(max(tag_id), 0) as version from extended_query_tags),
locked as (
  select ${lockStudy('study_id')}
  from (select study_id from new_studies where study_id is not null order by ${studyLockOrder('study_id')} offset 0) sorted
),
inserted as (
  insert into instances (${names(instanceColumns)})
  select ${names(instanceColumns)} from new_instances
  where study_id is not null and (select count(*) from locked) >= 0 and (select version from tags) = ${tagsVersion}
  on conflict do nothing
  returning study_id, series_id, instance_id, sop_class_uid
),
in_series as (select study_id, series_id, count(*)::int as instances from inserted group by study_id, series_id),
touched_series as (
  insert into series (${names(seriesColumns)}, number_of_series_related_instances)
  select ${names(seriesColumns)}, instances from new_series join in_series using (study_id, series_id)
  order by study_id, series_id
  on conflict (study_id, series_id) do update set
    number_of_series_related_instances = series.number_of_series_related_instances + excluded.number_of_series_related_instances,
    ${newestWins('series', seriesValueColumns)}
  returning study_id, modality, (xmax = 0)::int as is_new
),
in_study as (
  select study_id, count(*)::int as instances, array_agg(distinct sop_class_uid) as sop_classes from inserted group by study_id
),
series_in_study as (
  select study_id, sum(is_new)::int as series,
    coalesce(array_agg(distinct modality) filter (where modality is not null), '{}') as modalities
  from touched_series group by study_id
),
touched_studies as (
  insert into studies (${names(studyColumns)}, number_of_study_related_instances, number_of_study_related_series,
    modalities_in_study, sop_classes_in_study)
  select ${names(studyColumns)}, instances, series, modalities, sop_classes
  from new_studies join in_study using (study_id) join series_in_study using (study_id)
  order by study_id
  on conflict (study_id) do update set
    number_of_study_related_instances = studies.number_of_study_related_instances + excluded.number_of_study_related_instances,
    number_of_study_related_series = studies.number_of_study_related_series + excluded.number_of_study_related_series,
    modalities_in_study = ${union('modalities_in_study')},
    sop_classes_in_study = ${union('sop_classes_in_study')},
    ${newestWins('studies', studyValueColumns)}
),
recorded as (
  insert into changes (action, study_instance_uid, series_instance_uid, sop_instance_uid)
  select 'created', new_studies.study_instance_uid, new_series.series_instance_uid, new_instances.sop_instance_uid
  from inserted
    join new_instances using (study_id, series_id, instance_id)
    join new_series using (study_id, series_id)
    join new_studies using (study_id)
  order by new_instances.n
)
select n, inserted.instance_id is not null as inserted, before.blob_key, before.size, before.sha256, before.door,
  (select version from tags) as tags_version
from new_instances
  left join inserted using (study_id, series_id, instance_id)
  left join instances before using (study_id, series_id, instance_id)
where study_id is not null`;
}

function names(columns: Columns): string {
  return columns.map(({ name }) => name).join(', ');
}

/** Attributes are written anew only if they differ: an unchanged value out of line stays where it is. */
function newestWins(table: string, columns: Columns): string {
  const set = columns.map(({ name }) =>
    name === 'attributes'
      ? `attributes = case when ${table}.attributes_digest = excluded.attributes_digest then ${table}.attributes else excluded.attributes end`
      : `${name} = excluded.${name}`,
  );
  return [...set, 'updated_at = now()'].join(', ');
}

function union(column: string): string {
  return `case when studies.${column} @> excluded.${column} then studies.${column}
      else array(select distinct unnest(studies.${column} || excluded.${column}) as one order by one) end`;
}
