import type { QueryLevel } from '../dicom/query.ts';
import type { Bind } from './search-predicates.ts';

/** Values of a row by which it is sorted, in order: a search goes on behind it. */
export type PageKey = readonly (string | number | null)[];

interface OrderColumn {
  readonly sql: string;
  /** In a row of the page. */
  readonly name: string;
  readonly type: 'text' | 'float8';
  readonly descending?: true;
  readonly nullable?: true;
}

/** Stable and total: newest study first, series and instances by number, UIDs where those are equal. */
const ofStudies: readonly OrderColumn[] = [
  { sql: 'studies.study_date', name: 'study_date', type: 'text', descending: true, nullable: true },
  { sql: 'studies.study_time', name: 'study_time', type: 'text', descending: true, nullable: true },
  { sql: 'studies.study_instance_uid', name: 'study_instance_uid', type: 'text' },
];
const ofSeries: readonly OrderColumn[] = [
  ...ofStudies,
  { sql: 'series.series_number', name: 'series_number', type: 'float8', nullable: true },
  { sql: 'series.series_instance_uid', name: 'series_instance_uid', type: 'text' },
];
const orders: Readonly<Record<QueryLevel, readonly OrderColumn[]>> = {
  study: ofStudies,
  series: ofSeries,
  instance: [
    ...ofSeries,
    { sql: 'instances.sort_number', name: 'sort_number', type: 'float8' },
    { sql: 'instances.sop_instance_uid', name: 'sop_instance_uid', type: 'text' },
  ],
};

export function orderSql(level: QueryLevel): string {
  return orders[level]
    .map(({ sql, descending, nullable }) => `${sql}${descending ? ' desc' : ''}${nullable ? ' nulls last' : ''}`)
    .join(', ');
}

/** Columns of the order that a page selects besides the UIDs. */
export function orderColumns(level: QueryLevel): string[] {
  return orders[level].filter(({ name }) => !name.endsWith('_uid')).map(({ sql }) => sql);
}

/** @param row of a page */
export function pageKeyOf(level: QueryLevel, row: Readonly<Record<string, unknown>>): PageKey {
  return orders[level].map(({ name }) => row[name] as PageKey[number]);
}

/** What lies behind a key is read in turn from the studies with a date and from those without, as each is a range of the index. */
export type PageStretch = 'dated' | 'undated';

export function stretchesAfter([date]: PageKey): readonly PageStretch[] {
  return date === null ? ['undated'] : ['dated', 'undated'];
}

/** The same of what is of a day, which is empty for undated studies, or comes behind it. */
export function stretchesFrom(day: string): readonly PageStretch[] {
  return stretchesAfter([day === '' ? null : day]);
}

/** Studies of a stretch that are of a day or come behind it. */
export function fromDaySql(day: string, stretch: PageStretch, bind: Bind): string {
  return stretch === 'undated' ? 'studies.study_date is null' : `studies.study_date <= ${bind(day)}`;
}

/** Rows of a stretch that come behind the key. The bound on the date alone is there for the index. */
export function afterSql(level: QueryLevel, key: PageKey, stretch: PageStretch, bind: Bind): string {
  const [date] = key;
  if (stretch === 'undated' && date !== null) return 'studies.study_date is null';
  const bound =
    date === null || date === undefined ? 'studies.study_date is null' : `studies.study_date <= ${bind(date)}`;
  const before: string[] = [];
  const alternatives: string[] = [];
  for (const [at, { sql, type, descending, nullable }] of orders[level].entries()) {
    const value = key[at] ?? null;
    if (value === null) {
      // Nulls are last: nothing of this column comes behind one.
      before.push(`${sql} is null`);
      continue;
    }
    const placed = `${bind(value)}::${type}`;
    // Studies without a date are of the other stretch.
    const orNull = nullable && at > 0 ? ` or ${sql} is null` : '';
    alternatives.push([...before, `(${sql} ${descending ? '<' : '>'} ${placed}${orNull})`].join(' and '));
    before.push(`${sql} = ${placed}`);
  }
  return `(${bound} and (${alternatives.join(' or ')}))`;
}
