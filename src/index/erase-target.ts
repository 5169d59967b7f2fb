import type pg from 'pg';
import type { ErasedTarget, IndexTarget } from './instance-index.ts';
import { refreshStudy } from './refresh-study.ts';
import { lockStudy } from './study-lock.ts';
import { keyCondition, keyValues, type TargetKey, targetKey } from './target-key.ts';
import { inTransaction } from './transaction.ts';
import { nilKey } from './uid-key.ts';

/** Of statements that may take long, whatever the pool says: a study can have a million instances. */
const answeredLate = { query_timeout: 1_800_000 };

/**
 * Runs `work` in a transaction that has locked the study, which may take longer than others that write.
 * @param mostWaiting for a lock, as Postgres writes times: one of the few connections that write waits with it
 */
export function whileErasing<T>(
  pool: pg.Pool,
  studyKey: string,
  work: (client: pg.PoolClient) => Promise<T>,
  mostWaiting = '29min',
): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '${mostWaiting}'; set local statement_timeout = '29min'`);
    await client.query({ ...answeredLate, text: `select ${lockStudy('$1')}`, values: [studyKey] });
    return work(client);
  });
}

/**
 * Removes the rows of a target in one transaction, with what that leaves empty, and writes down tombstones, changes and
 * blobs to be deleted, those that were made of it to be sent among them. Locks the study first, as insertions do: an instance that comes at the same time is either there
 * before and goes, or comes after and stays.
 */
export async function eraseTarget(
  pool: pg.Pool,
  target: IndexTarget,
  version?: { readonly sha256: Buffer },
): Promise<ErasedTarget> {
  const key = targetKey(target);
  return whileErasing(pool, key.study, async (client) => {
    const only = `sha256 = $${keyValues(key).length + 1}`;
    return eraseRows(client, key, version && { condition: only, values: [version.sha256] });
  });
}

interface ErasedBlob {
  readonly blob_key: string;
  readonly current: boolean;
}

/** Of all that went; a row behind the others. */
interface SopClassesGone {
  readonly blob_key: null;
  readonly sop_classes: string[] | null;
}

/**
 * The same within `whileErasing`.
 * @param only SQL of which of its instances go; its parameters come behind those of the key
 */
export async function eraseRows(
  client: pg.PoolClient,
  key: TargetKey,
  only?: { readonly condition: string; readonly values: readonly unknown[] },
): Promise<ErasedTarget> {
  const { rows } = await client.query<ErasedBlob | SopClassesGone>({
    ...answeredLate,
    text: `with gone as (
       delete from instances where ${keyCondition(key)} ${only === undefined ? '' : `and ${only.condition}`}
       returning study_id, series_id, instance_id, sop_instance_uid, sop_class_uid, blob_key
     ), recorded as (
       insert into changes (action, study_instance_uid, series_instance_uid, sop_instance_uid)
       select 'erased', study_instance_uid, series_instance_uid, sop_instance_uid
       from gone join series using (study_id, series_id) join studies using (study_id)
       order by series_id, instance_id
     ), marked as (
       insert into erased (study_id, series_id, instance_id) select study_id, series_id, instance_id from gone
       on conflict (study_id, series_id, instance_id) do update set erased_at = now()
     ), counted as (
       update series set number_of_series_related_instances = number_of_series_related_instances - instances, updated_at = now()
       from (select study_id, series_id, count(*)::int as instances from gone group by study_id, series_id) of_series
       where series.study_id = of_series.study_id and series.series_id = of_series.series_id
     ), unsent as (
       update publishing_instances one set prepared = null,
         state = case when one.state = 'selected' then 'gone' else one.state end,
         answer = case when one.state = 'selected' then 'It was deleted here.' else one.answer end
       from (
         select graph_id, study_id, series_id, instance_id, prepared ->> 'blobKey' as blob_key
         from gone join publishing_instances using (study_id, series_id, instance_id) where prepared is not null) made
       where one.graph_id = made.graph_id and one.study_id = made.study_id and one.series_id = made.series_id
         and one.instance_id = made.instance_id
       returning made.blob_key
     ), announced as (
       delete from publishing_blobs using unsent where publishing_blobs.blob_key = unsent.blob_key
     ), blobs as (
       select blob_key, true as current from gone
       union all
       select original.blob_key, false from gone join original_instances original using (study_id, series_id, instance_id)
       union all
       select blob_key, false from unsent
     ), garbage as (
       insert into blobs_to_delete (blob_key) select blob_key from blobs on conflict do nothing
     )
     select blob_key, current, null::text[] as sop_classes from blobs
     union all select null, false, array_agg(distinct sop_class_uid) from gone`,
    values: [...keyValues(key), ...(only?.values ?? [])],
  });
  let instances = 0;
  const blobKeys: string[] = [];
  let sopClasses: readonly string[] = [];
  for (const row of rows) {
    if (row.blob_key === null) {
      sopClasses = row.sop_classes ?? [];
    } else {
      blobKeys.push(row.blob_key);
      if (row.current) instances += 1;
    }
  }
  if (instances > 0) await removeEmptied(client, key.study, sopClasses);
  return { instances, blobKeys };
}

async function removeEmptied(client: pg.PoolClient, studyKey: string, sopClasses: readonly string[]): Promise<void> {
  await client.query({
    ...answeredLate,
    text: `with gone as (
       delete from series where study_id = $1 and number_of_series_related_instances = 0 returning study_id, series_id
     ), agreed as (
       delete from disagreements using gone
       where disagreements.study_id = gone.study_id and disagreements.series_id = gone.series_id
     )
     insert into erased (study_id, series_id, instance_id) select study_id, series_id, '${nilKey}' from gone
     on conflict (study_id, series_id, instance_id) do update set erased_at = now()`,
    values: [studyKey],
  });
  const { rowCount } = await client.query({
    ...answeredLate,
    text: 'delete from studies where study_id = $1 and not exists (select from series where study_id = $1)',
    values: [studyKey],
  });
  if (rowCount === 0) return refreshStudy(client, studyKey, { gone: sopClasses }, answeredLate);
  await client.query(
    `insert into erased (study_id, series_id, instance_id) values ($1, '${nilKey}', '${nilKey}')
     on conflict (study_id, series_id, instance_id) do update set erased_at = now()`,
    [studyKey],
  );
}
