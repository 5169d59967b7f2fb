import type { IndexTarget } from './instance-index.ts';
import { uidKey } from './uid-key.ts';

/** Keys of a target, those that it names. */
export interface TargetKey {
  readonly study: string;
  readonly series: string | undefined;
  readonly instance: string | undefined;
}

export function targetKey({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: IndexTarget): TargetKey {
  return {
    study: uidKey(studyInstanceUid),
    series: seriesInstanceUid === undefined ? undefined : uidKey(seriesInstanceUid),
    instance: sopInstanceUid === undefined ? undefined : uidKey(sopInstanceUid),
  };
}

/** The keys as values of a query, those of `keyCondition`. */
export function keyValues({ study, series, instance }: TargetKey): string[] {
  return [study, series, instance].filter((key) => key !== undefined);
}

/** Selects the rows of a target in `instances`, or those of any table that has the key columns of the target's level. */
export function keyCondition({ series, instance }: TargetKey): string {
  const conditions = ['study_id = $1'];
  if (series !== undefined) conditions.push('series_id = $2');
  if (instance !== undefined) conditions.push(`instance_id = $${series === undefined ? 2 : 3}`);
  return conditions.join(' and ');
}
