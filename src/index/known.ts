import type pg from 'pg';
import type { IndexTarget, Knowledge } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { targetKey } from './target-key.ts';
import { nilKey } from './uid-key.ts';

interface KnownRow {
  readonly study: boolean;
  readonly series: boolean;
  readonly instance: boolean;
  readonly study_erased: Date | null;
  readonly series_erased: Date | null;
  readonly instance_erased: Date | null;
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
          (select erased_at from erased where study_id = $1 and series_id = '${nilKey}' and instance_id = '${nilKey}') as study_erased,
          (select erased_at from erased where study_id = $1 and series_id = $2 and instance_id = '${nilKey}') as series_erased,
          (select erased_at from erased where study_id = $1 and series_id = $2 and instance_id = $3) as instance_erased`,
      values: [study, series ?? null, instance ?? null],
    }),
  );
  const found = rows[0]!;
  if (!found.study) return missing('study', found.study_erased);
  if (series !== undefined && !found.series) return missing('series', found.series_erased);
  if (instance !== undefined && !found.instance) return missing('instance', found.instance_erased);
  return { state: 'stored' };
}

function missing(level: 'study' | 'series' | 'instance', erasedAt: Date | null): Knowledge {
  return erasedAt === null ? { state: 'unknown', level } : { state: 'erased', at: erasedAt };
}
