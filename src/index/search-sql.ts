import type { Condition, Match, QueryLevel } from '../dicom/query.ts';
import type { Attributes } from './indexed-attributes.ts';
import { conditionSql } from './search-conditions.ts';
import { afterSql, fromDaySql, orderColumns, orderSql, type PageKey, type PageStretch } from './search-order.ts';
import type { Bind } from './search-predicates.ts';

/** A statement with its parameters `$1`, `$2`, … */
export interface SqlStatement {
  readonly text: string;
  readonly values: (string | number | readonly string[])[];
}

/** What a page of matches is made of: rows of the level and of the levels above it. */
interface LevelSql {
  /** `studies` comes last, as something may stand in its place. */
  readonly from: string;
  /** Key columns, with the names that the page gives them. */
  readonly keys: readonly (readonly [column: string, name: string])[];
  readonly columns: readonly string[];
}

const studyColumns = [
  'studies.study_instance_uid',
  'studies.attributes as study_attributes',
  'studies.modalities_in_study',
  'studies.sop_classes_in_study',
  'studies.number_of_study_related_series',
  'studies.number_of_study_related_instances',
];
const seriesColumns = [
  'series.series_instance_uid',
  'series.attributes as series_attributes',
  'series.number_of_series_related_instances',
];

const levels: Readonly<Record<QueryLevel, LevelSql>> = {
  study: {
    from: 'studies',
    keys: [['studies.study_id', 'study_id']],
    columns: studyColumns,
  },
  series: {
    from: 'series join studies using (study_id)',
    keys: [
      ['series.study_id', 'study_id'],
      ['series.series_id', 'series_id'],
    ],
    columns: [...studyColumns, ...seriesColumns],
  },
  instance: {
    from: 'instances join series using (study_id, series_id) join studies using (study_id)',
    keys: [
      ['instances.study_id', 'study_id'],
      ['instances.series_id', 'series_id'],
      ['instances.instance_id', 'instance_id'],
    ],
    columns: [
      ...studyColumns,
      ...seriesColumns,
      'instances.sop_instance_uid',
      'instances.sop_class_uid',
      'instances.transfer_syntax_uid',
      'instances.instance_number',
      'instances.number_of_frames',
      'instances.rows_of_pixels',
      'instances.columns_of_pixels',
      'instances.bits_allocated',
    ],
  },
};

/** A part of all matches, in their order. */
type PageStart =
  /** What comes behind a row. */
  | { readonly key: PageKey; readonly stretch: PageStretch }
  /** What is of a day or older; undated studies, if it is empty. */
  | { readonly day: string; readonly stretch: PageStretch };

/** Where a page begins. */
export interface PagePlace {
  readonly limit: number;
  /** Matches to pass over. */
  readonly offset: number;
  /** Of instances: all that is known of them, which is much. */
  readonly withMetadata: boolean;
  /** Costs nothing for what lies before it. */
  readonly start?: PageStart | undefined;
  /** Only the newest studies are looked at. */
  readonly window?: StudyWindow | undefined;
  /** Matches behind the page that are counted on the way: each row says how many there are, the page's own included, as `matched`. */
  readonly countBehind?: number | undefined;
}

/** Some of all studies: the newest of those that meet conditions. */
export interface StudyWindow {
  readonly studies: number;
  /** On studies; an index has to answer them. */
  readonly conditions: readonly Condition[];
}

/**
 * The rows of one page of matches. The page is found by keys alone, so that passing over many matches reads no metadata.
 * Every condition must be one that `unsearchable` has nothing against.
 */
export function pageSql(
  match: Match,
  attributes: Attributes,
  { limit, offset, withMetadata, start, window, countBehind = 0 }: PagePlace,
): SqlStatement {
  const { level } = match;
  const { from, keys } = levels[level];
  const order = orderSql(level);
  const columns = [...levels[level].columns, ...orderColumns(level)];
  if (withMetadata && level === 'instance') columns.push('instances.metadata');
  const { bind, values } = parameters();
  const selected = keys.map(([column]) => column).join(', ');
  const names = keys.map(([, name]) => name).join(', ');
  const source = window === undefined ? from : withWindow(from, window, attributes, bind);
  const where = whereSql(match, attributes, bind, start);
  const found = `select ${selected} from ${source}${where} order by ${order} limit ${bind(limit + countBehind)} offset ${bind(offset)}`;
  if (countBehind === 0) {
    const text = `select ${columns.join(', ')}
from (${found}) as page
join ${from} using (${names})
order by ${order}`;
    return { text, values };
  }
  const text = `with found as materialized (select *, row_number() over () as place from (${found}) as ordered)
select ${columns.join(', ')}, (select count(*) from found)::integer as matched
from (select * from found where place <= ${bind(limit)}) as page
join ${from} using (${names})
order by ${order}`;
  return { text, values };
}

function withWindow(from: string, { studies, conditions }: StudyWindow, attributes: Attributes, bind: Bind): string {
  const where = whereSql({ level: 'study', conditions }, attributes, bind);
  const newest = `(select * from studies${where} order by ${orderSql('study')} limit ${bind(studies)}) as studies`;
  return from.replace(/\bstudies\b/, newest);
}

/** Whether there are more studies than a window has, as `more`. */
export function beyondWindowSql({ studies, conditions }: StudyWindow, attributes: Attributes): SqlStatement {
  const { bind, values } = parameters();
  const where = whereSql({ level: 'study', conditions }, attributes, bind);
  return { text: `select exists (select from studies${where} limit 1 offset ${bind(studies)}) as more`, values };
}

/** The number of matches behind a row, or of all, counted no further than `most`, as `remaining`. */
export function remainingSql(
  match: Match,
  attributes: Attributes,
  start: PagePlace['start'],
  most: number,
): SqlStatement {
  const { bind, values } = parameters();
  const where = whereSql(match, attributes, bind, start);
  // In the order of the page, or the rows of all matches would be looked up for the first few of them.
  const order = match.level === 'study' ? ` order by ${orderSql('study')}` : '';
  const text = `select count(*)::integer as remaining
from (select from ${tablesToCount(match.level, where)}${where}${order} limit ${bind(most)}) as rest`;
  return { text, values };
}

/** The number of all matches, as `count`. */
export function countSql(match: Match, attributes: Attributes): SqlStatement {
  const { bind, values } = parameters();
  const where = whereSql(match, attributes, bind);
  return { text: `select count(*) as count from ${tablesToCount(match.level, where)}${where}`, values };
}

/**
 * Of the studies that meet each of several lists of conditions how many there are, and how many series and instances they
 * have: `place` counts the lists from 0.
 */
export function totalsSql(ofEach: readonly (readonly Condition[])[], attributes: Attributes): SqlStatement {
  const { bind, values } = parameters();
  const totals = ofEach.map((conditions, place) => {
    const where = whereSql({ level: 'study', conditions }, attributes, bind);
    return `select ${place} as place, count(*) as study, coalesce(sum(number_of_study_related_series), 0) as series,
  coalesce(sum(number_of_study_related_instances), 0) as instance from studies${where}`;
  });
  return { text: `${totals.join(' union all\n')} order by place`, values };
}

/** Each row has its series and its study: these are joined only for conditions on them. */
function tablesToCount(level: QueryLevel, where: string): string {
  const ofStudies = where.includes('studies.') ? ' join studies using (study_id)' : '';
  if (level === 'study') return 'studies';
  if (level === 'series') return `series${ofStudies}`;
  return `instances${where.includes('series.') ? ' join series using (study_id, series_id)' : ''}${ofStudies}`;
}

function whereSql(match: Match, attributes: Attributes, bind: Bind, start?: PagePlace['start']): string {
  const conditions = match.conditions.map((condition) => conditionSql(condition, attributes, bind));
  if (start !== undefined) {
    conditions.push(
      'day' in start
        ? fromDaySql(start.day, start.stretch, bind)
        : afterSql(match.level, start.key, start.stretch, bind),
    );
  }
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
}

function parameters(): { bind: Bind; values: SqlStatement['values'] } {
  const values: SqlStatement['values'] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}
