import type pg from 'pg';
import type { IndexTarget, Knowledge } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { targetKey } from './target-key.ts';
import { nilKey } from './uid-key.ts';

interface KnownRow {
  readonly study: boolean;
  readonly series: boolean;
  readonly instance: boolean;
  readonly study_erased: boolean;
  readonly series_erased: boolean;
  readonly instance_erased: boolean;
}

/** Looks from the study down: the first level that is not there was erased, or never was. */
export async function readKnowledge(pool: pg.Pool, target: IndexTarget): Promise<Knowledge> {
  const { study, series, instance } = targetKey(target);
  const { rows } = await persistently(() =>
    pool.query<KnownRow>({
      name: 'known',
      text: `
        select
          exists (select from studies where study_id = $1) as study,
          exists (select from series where study_id = $1 and series_id = $2) as series,
          exists (select from instances where study_id = $1 and series_id = $2 and instance_id = $3) as instance,
          exists (select from erased where study_id = $1 and series_id = '${nilKey}') as study_erased,
          exists (select from erased where study_id = $1 and series_id = $2 and instance_id = '${nilKey}') as series_erased,
          exists (select from erased where study_id = $1 and series_id = $2 and instance_id = $3) as instance_erased`,
      values: [study, series ?? null, instance ?? null],
    }),
  );
  const found = rows[0]!;
  if (!found.study) return found.study_erased ? { state: 'erased' } : { state: 'unknown', level: 'study' };
  if (series !== undefined && !found.series) {
    return found.series_erased ? { state: 'erased' } : { state: 'unknown', level: 'series' };
  }
  if (instance !== undefined && !found.instance) {
    return found.instance_erased ? { state: 'erased' } : { state: 'unknown', level: 'instance' };
  }
  return { state: 'stored' };
}
