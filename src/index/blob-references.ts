import type pg from 'pg';
import type { IndexedBlob, InstanceTarget } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { targetKey } from './target-key.ts';
import { nilKey } from './uid-key.ts';

const isReferredTo = `(exists (select from instances where instances.blob_key = listed.blob_key)
  or exists (select from original_instances original where original.blob_key = listed.blob_key))`;

/**
 * Blobs that no row refers to any more, the oldest first. The list is not believed alone, as a file that is deleted is
 * gone for good: what a row refers to is taken off it.
 */
export async function readBlobsToDelete(pool: pg.Pool, limit: number): Promise<string[]> {
  const { rows } = await persistently(() =>
    pool.query<{ blob_key: string }>(
      `with oldest as (
         select blob_key, since, ${isReferredTo} as is_referred_to from blobs_to_delete listed
         order by since, blob_key limit $1
       ), stays as (
         delete from blobs_to_delete using oldest
         where oldest.is_referred_to and blobs_to_delete.blob_key = oldest.blob_key
       )
       select blob_key from oldest where not is_referred_to order by since, blob_key`,
      [limit],
    ),
  );
  return rows.map(({ blob_key }) => blob_key);
}

/** Which of these blobs are listed for deletion. */
export async function readListedForDeletion(pool: pg.Pool, blobKeys: readonly string[]): Promise<Set<string>> {
  const { rows } = await persistently(() =>
    pool.query<{ blob_key: string }>('select blob_key from blobs_to_delete where blob_key = any($1)', [blobKeys]),
  );
  return new Set(rows.map(({ blob_key }) => blob_key));
}

/** Forgets blobs that are gone. */
export async function forgetDeletedBlobs(pool: pg.Pool, blobKeys: readonly string[]): Promise<void> {
  await persistently(() => pool.query('delete from blobs_to_delete where blob_key = any($1)', [blobKeys]));
}

/** Which of these blobs an instance refers to, be it for what it was before it was updated. */
export async function readReferencedBlobs(pool: pg.Pool, blobKeys: readonly string[]): Promise<Set<string>> {
  const { rows } = await persistently(() =>
    pool.query<{ blob_key: string }>(
      `select blob_key from instances where blob_key = any($1)
       union all select blob_key from original_instances where blob_key = any($1)`,
      [blobKeys],
    ),
  );
  return new Set(rows.map(({ blob_key }) => blob_key));
}

/** What instances are stored as, in the order asked. */
export async function readBlobsOf(
  pool: pg.Pool,
  targets: readonly InstanceTarget[],
): Promise<(Pick<IndexedBlob, 'blobKey' | 'size'> | undefined)[]> {
  const keys = targets.map(targetKey);
  const { rows } = await persistently(() =>
    pool.query<Pick<BlobRow, 'study_id' | 'series_id' | 'instance_id' | 'blob_key' | 'size'>>(
      'select study_id, series_id, instance_id, blob_key, size from instances where instance_id = any($1::uuid[])',
      [keys.map(({ instance }) => instance)],
    ),
  );
  const found = new Map(rows.map((row) => [`${row.study_id} ${row.series_id} ${row.instance_id}`, row]));
  return keys.map(({ study, series, instance }) => {
    const row = found.get(`${study} ${series} ${instance}`);
    return row && { blobKey: row.blob_key, size: Number(row.size) };
  });
}

interface BlobRow {
  readonly study_id: string;
  readonly series_id: string;
  readonly instance_id: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
  readonly blob_key: string;
  readonly size: string;
  readonly sha256: Buffer;
}

const batchRows = 1000;

/** Every blob that an instance refers to, in the order of the keys. */
export async function* readAllBlobs(pool: pg.Pool): AsyncGenerator<IndexedBlob> {
  let after = [nilKey, nilKey, nilKey];
  for (;;) {
    const { rows } = await persistently(() =>
      pool.query<BlobRow>(
        `with batch as (
           select study_id, series_id, instance_id, sop_instance_uid, blob_key, size, sha256 from instances
           where (study_id, series_id, instance_id) > ($1, $2, $3)
           order by study_id, series_id, instance_id limit $4
         ), blobs as (
           select * from batch
           union all
           select study_id, series_id, instance_id, sop_instance_uid, original.blob_key, original.size, original.sha256
           from batch join original_instances original using (study_id, series_id, instance_id)
         )
         select study_id, series_id, instance_id, study_instance_uid, series_instance_uid, sop_instance_uid, blob_key, size, sha256
         from blobs join series using (study_id, series_id) join studies using (study_id)
         order by study_id, series_id, instance_id`,
        [...after, batchRows],
      ),
    );
    for (const row of rows) {
      yield {
        studyInstanceUid: row.study_instance_uid,
        seriesInstanceUid: row.series_instance_uid,
        sopInstanceUid: row.sop_instance_uid,
        blobKey: row.blob_key,
        size: Number(row.size),
        sha256: row.sha256,
      };
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = [last.study_id, last.series_id, last.instance_id];
  }
}
