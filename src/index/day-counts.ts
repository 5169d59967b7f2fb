import { trimmed } from '../dicom/match-values.ts';
import type { Condition, Match } from '../dicom/query.ts';
import type { SqlStatement } from './search-sql.ts';

/** Matches that the counts of days tell: studies of some days, of one modality or of any. */
export interface CountedByDay {
  /** Empty for any. */
  readonly modality: string;
  /** Inclusive, `YYYYMMDD`. Undated studies are among the matches only if neither bound is given and `dated` is false. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dated: boolean;
}

/** What a match asks of the days' counts; undefined if it asks for more than they tell. */
export function countedByDay({ level, conditions }: Match): CountedByDay | undefined {
  if (level !== 'study') return undefined;
  let counted: CountedByDay = { modality: '', dated: false };
  for (const condition of conditions) {
    const next = narrowed(counted, condition);
    if (next === undefined) return undefined;
    counted = next;
  }
  return counted;
}

function narrowed(counted: CountedByDay, condition: Condition): CountedByDay | undefined {
  if (condition.kind !== 'single' && condition.kind !== 'range') return undefined;
  if (condition.path.length !== 1) return undefined;
  const [tag] = condition.path;
  if (tag === '00080020' && !counted.dated) {
    return condition.kind === 'range'
      ? { ...counted, dated: true, from: condition.from, to: condition.to }
      : { ...counted, dated: true, from: condition.value, to: condition.value };
  }
  if (tag !== '00080061' || condition.kind !== 'single' || counted.modality !== '') return undefined;
  const modality = trimmed(condition.value);
  return modality === '' ? undefined : { ...counted, modality };
}

/**
 * The day on which a match lies that so many others come before, as `study_date`, which is empty for undated studies,
 * with the number of matches of the days before it as `passed`. No row if there are not so many.
 */
export function dayAtSql({ modality, from, to, dated }: CountedByDay, offset: number): SqlStatement {
  const values: SqlStatement['values'] = [modality, offset];
  const bounds = ['modality = $1'];
  if (dated) bounds.push("study_date <> ''");
  if (from !== undefined) bounds.push(`study_date >= $${values.push(from)}`);
  if (to !== undefined) bounds.push(`study_date <= $${values.push(to)}`);
  const where = bounds.join(' and ');
  const text = `select study_date, passed from (
  select study_date, studies, (sum(studies) over (order by study_date desc) - studies)::integer as passed from (
    select study_date, sum(studies)::integer as studies from (
      select study_date, studies from study_days where ${where}
      union all select study_date, studies from study_day_changes where ${where}
    ) as counted group by study_date
  ) as days
) as placed where passed <= $2::bigint and passed + studies > $2::bigint`;
  return { text, values };
}
