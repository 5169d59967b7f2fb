import type pg from 'pg';
import type { InstanceRows } from './instance-rows.ts';
import { instanceValueColumns } from './instance-rows.ts';
import { lockStudyBriefly } from './study-lock.ts';
import { inTransaction } from './transaction.ts';

/** What of an instance differs between its versions. */
export const versionColumns = [
  'sop_class_uid',
  'transfer_syntax_uid',
  'frames',
  'blob_key',
  'size',
  'sha256',
  'data_set_offset',
  'deflated',
  'metadata',
];

/**
 * Keeps a version of an instance as what it was when it came. Nothing else is ever put in its place but the same content,
 * whose file was lost or damaged.
 * @param seenBlobKey the blob that the instance itself has
 * @returns false if other content is kept, or the instance has another blob by now
 */
export async function keepVersion(
  pool: pg.Pool,
  { studyKey, seriesKey, instanceKey, instance }: InstanceRows,
  seenBlobKey: string,
): Promise<boolean> {
  const keys = [studyKey, seriesKey, instanceKey];
  const places = versionColumns.map((name) => instanceValueColumns.findIndex((column) => column.name === name));
  const values = places.map((place) => instance[place]);
  const parameters = places.map((place, at) => `$${at + 5}::${instanceValueColumns[place]!.type}`);
  return inTransaction(pool, async (client) => {
    await lockStudyBriefly(client, studyKey);
    const { rows } = await client.query(
      `with before as (
         select blob_key from original_instances where study_id = $1 and series_id = $2 and instance_id = $3
       ), kept as (
         insert into original_instances as original (study_id, series_id, instance_id, ${versionColumns.join(', ')})
         select study_id, series_id, instance_id, ${parameters.join(', ')} from instances
         where study_id = $1 and series_id = $2 and instance_id = $3 and blob_key = $4
         on conflict (study_id, series_id, instance_id) do update
           set (${versionColumns.join(', ')}) = (${versionColumns.map((name) => `excluded.${name}`).join(', ')})
           where original.sha256 = excluded.sha256
         returning blob_key
       ), garbage as (
         insert into blobs_to_delete (blob_key)
         select before.blob_key from before, kept where before.blob_key <> kept.blob_key on conflict do nothing
       )
       select blob_key from kept`,
      [...keys, seenBlobKey, ...values],
    );
    return rows.length > 0;
  });
}
