import type { Match, QueryLevel } from '../dicom/query.ts';
import type { Attributes } from './indexed-attributes.ts';
import { conditionSql } from './search-conditions.ts';
import type { Bind } from './search-predicates.ts';

/** A statement with its parameters `$1`, `$2`, … */
export interface SqlStatement {
  readonly text: string;
  readonly values: (string | number | readonly string[])[];
}

/** What a page of matches is made of: rows of the level and of the levels above it. */
interface LevelSql {
  readonly from: string;
  /** Key columns, with the names that the page gives them. */
  readonly keys: readonly (readonly [column: string, name: string])[];
  /** Stable and total: newest study first, series and instances by number, UIDs where those are equal. */
  readonly order: readonly string[];
  readonly columns: readonly string[];
}

const studyOrder = [
  'studies.study_date desc nulls last',
  'studies.study_time desc nulls last',
  'studies.study_instance_uid',
];
const seriesOrder = [...studyOrder, 'series.series_number nulls last', 'series.series_instance_uid'];

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
    order: studyOrder,
    columns: studyColumns,
  },
  series: {
    from: 'series join studies using (study_id)',
    keys: [
      ['series.study_id', 'study_id'],
      ['series.series_id', 'series_id'],
    ],
    order: seriesOrder,
    columns: [...studyColumns, ...seriesColumns],
  },
  instance: {
    from: 'instances join series using (study_id, series_id) join studies using (study_id)',
    keys: [
      ['instances.study_id', 'study_id'],
      ['instances.series_id', 'series_id'],
      ['instances.instance_id', 'instance_id'],
    ],
    order: [...seriesOrder, 'instances.sort_number', 'instances.sop_instance_uid'],
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

/**
 * The rows of one page of matches. The page is found by keys alone, so that passing over many matches reads no metadata.
 * Every condition must be one that `unsearchable` has nothing against.
 * @param withMetadata of instances: all that is known of them, which is much
 */
export function pageSql(
  match: Match,
  attributes: Attributes,
  { limit, offset, withMetadata }: { limit: number; offset: number; withMetadata: boolean },
): SqlStatement {
  const { from, keys, order } = levels[match.level];
  const columns = [...levels[match.level].columns];
  if (withMetadata && match.level === 'instance') columns.push('instances.metadata');
  const { bind, values } = parameters();
  const selected = keys.map(([column]) => column).join(', ');
  const names = keys.map(([, name]) => name).join(', ');
  const where = whereSql(match, attributes, bind);
  const text = `select ${columns.join(', ')}
from (select ${selected} from ${from}${where} order by ${order.join(', ')} limit ${bind(limit)} offset ${bind(offset)}) as page
join ${from} using (${names})
order by ${order.join(', ')}`;
  return { text, values };
}

/** The number of matches behind `offset`, counted no further than `most`, as `remaining`. */
export function remainingSql(match: Match, attributes: Attributes, offset: number, most: number): SqlStatement {
  const { bind, values } = parameters();
  const where = whereSql(match, attributes, bind);
  const text = `select count(*)::integer as remaining
from (select from ${tablesToCount(match.level, where)}${where} limit ${bind(most)} offset ${bind(offset)}) as rest`;
  return { text, values };
}

/** The number of all matches, as `count`. */
export function countSql(match: Match, attributes: Attributes): SqlStatement {
  const { bind, values } = parameters();
  const where = whereSql(match, attributes, bind);
  return { text: `select count(*) as count from ${tablesToCount(match.level, where)}${where}`, values };
}

/** Each row has its series and its study: these are joined only for conditions on them. */
function tablesToCount(level: QueryLevel, where: string): string {
  const ofStudies = where.includes('studies.') ? ' join studies using (study_id)' : '';
  if (level === 'study') return 'studies';
  if (level === 'series') return `series${ofStudies}`;
  return `instances${where.includes('series.') ? ' join series using (study_id, series_id)' : ''}${ofStudies}`;
}

function whereSql(match: Match, attributes: Attributes, bind: Bind): string {
  const conditions = match.conditions.map((condition) => conditionSql(condition, attributes, bind));
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
}

function parameters(): { bind: Bind; values: SqlStatement['values'] } {
  const values: SqlStatement['values'] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}
