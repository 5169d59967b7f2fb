import type pg from 'pg';
import type { DicomJson } from '../dicom/json-model.ts';
import { readTags } from './extended-tag-store.ts';
import { writeValuesOfInstances } from './extended-values.ts';
import type { OriginalPolicy } from './instance-index.ts';
import {
  type Columns,
  type InstanceRows,
  instanceValueColumns,
  type SqlValue,
  seriesValueColumns,
  studyValueColumns,
} from './instance-rows.ts';
import { refreshStudy } from './refresh-study.ts';
import { lockStudyBriefly } from './study-lock.ts';
import { inTransaction } from './transaction.ts';

export interface Replacing {
  readonly original: OriginalPolicy;
  /** What else the transaction does. */
  readonly alongside?: (client: pg.ClientBase) => Promise<unknown>;
}

/**
 * Puts new content in the place of an instance, provided that it still has the blob that was seen. Locks the study
 * first, as insertions do.
 * @returns false if the instance has another blob by now than the one seen or the new one, or none
 */
export async function replaceInstance(
  pool: pg.Pool,
  rows: InstanceRows,
  attributes: DicomJson,
  seenBlobKey: string,
  { original, alongside }: Replacing,
): Promise<boolean> {
  const { studyKey, seriesKey, instanceKey } = rows;
  const keys = [studyKey, seriesKey, instanceKey];
  return inTransaction(pool, async (client) => {
    await lockStudyBriefly(client, studyKey);
    const seenIsKept = original === 'keep' && (await keepOriginal(client, keys, seenBlobKey));
    const { rows: replaced } = await client.query<{ was: string; is: string }>(
      `update instances set ${assignments(instanceValueColumns, 5)}, created_at = now()
       from (select sop_class_uid as was from instances where study_id = $1 and series_id = $2 and instance_id = $3) before
       where study_id = $1 and series_id = $2 and instance_id = $3 and blob_key = $4
       returning before.was, sop_class_uid as is`,
      [studyKey, seriesKey, instanceKey, seenBlobKey, ...rows.instance],
    );
    // The answer to a commit was lost, and this is its repetition.
    const [sopClass] = replaced;
    if (sopClass === undefined) return hasBlob(client, keys, blobKeyOf(rows));
    const { rows: ofSeries } = await client.query<{ was: string | null; is: string | null }>(
      `update series set ${assignments(seriesValueColumns, 3)}, updated_at = now()
       from (select modality as was from series where study_id = $1 and series_id = $2) before
       where study_id = $1 and series_id = $2 returning before.was, modality as is`,
      [studyKey, seriesKey, ...rows.series.values],
    );
    await client.query(
      `update studies set ${assignments(studyValueColumns, 2)}, updated_at = now() where study_id = $1`,
      [studyKey, ...rows.study.values],
    );
    if (!seenIsKept) {
      await client.query('insert into blobs_to_delete (blob_key) values ($1) on conflict do nothing', [seenBlobKey]);
    }
    if (original === 'drop') await dropOriginal(client, keys);
    await client.query(
      `insert into changes (action, study_instance_uid, series_instance_uid, sop_instance_uid)
       select 'replaced', study_instance_uid, series_instance_uid, sop_instance_uid
       from instances join series using (study_id, series_id) join studies using (study_id)
       where study_id = $1 and series_id = $2 and instance_id = $3`,
      [studyKey, seriesKey, instanceKey],
    );
    const { tags } = await readTags(client);
    const instance = { study: studyKey, series: seriesKey, instance: instanceKey, attributes };
    await writeValuesOfInstances(client, tags, [instance]);
    // Most are corrections of names and dates, of one instance after the other: nothing that is counted changes.
    if (sopClass.was !== sopClass.is || ofSeries.some(({ was, is }) => was !== is)) {
      await refreshStudy(client, studyKey, { gone: [sopClass.was], come: [sopClass.is] });
    }
    await alongside?.(client);
    return true;
  });
}

/** @returns false if an earlier version is kept already, or the instance has another blob by now */
async function keepOriginal(client: pg.ClientBase, keys: readonly string[], blobKey: string): Promise<boolean> {
  const columns = `study_id, series_id, instance_id, sop_class_uid, transfer_syntax_uid, frames, blob_key, size, sha256,
    data_set_offset, deflated, metadata`;
  const { rowCount } = await client.query(
    `insert into original_instances (${columns}) select ${columns} from instances
     where study_id = $1 and series_id = $2 and instance_id = $3 and blob_key = $4
     on conflict do nothing`,
    [...keys, blobKey],
  );
  return rowCount === 1;
}

function blobKeyOf({ instance }: InstanceRows): SqlValue {
  return instance[instanceValueColumns.findIndex(({ name }) => name === 'blob_key')]!;
}

async function hasBlob(client: pg.ClientBase, keys: readonly string[], blobKey: SqlValue): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from instances where study_id = $1 and series_id = $2 and instance_id = $3 and blob_key = $4',
    [...keys, blobKey],
  );
  return rowCount === 1;
}

async function dropOriginal(client: pg.ClientBase, keys: readonly string[]): Promise<void> {
  await client.query(
    `with gone as (
       delete from original_instances where study_id = $1 and series_id = $2 and instance_id = $3 returning blob_key
     )
     insert into blobs_to_delete (blob_key) select blob_key from gone on conflict do nothing`,
    [...keys],
  );
}

function assignments(columns: Columns, firstParameter: number): string {
  return columns.map(({ name }, index) => `${name} = $${firstParameter + index}`).join(', ');
}
