import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DicomJson } from '../dicom/json-model.ts';
import type { InstanceTarget } from './instance-index.ts';
import type { NewInstance } from './instance-record.ts';
import { createRowMaker } from './instance-rows.ts';
import { persistently } from './postgres-errors.ts';
import { replaceInstance } from './replace-instance.ts';
import { inTransaction } from './transaction.ts';
import { nilKey, uidKey } from './uid-key.ts';

/** A correction of patient and study attributes, and how far it has come. */
export interface UpdateOperation {
  readonly id: string;
  /** `failed`: of some study not every instance could be updated. */
  readonly status: 'notStarted' | 'running' | 'completed' | 'failed';
  /** 0 to 100. */
  readonly percentComplete: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly studyInstanceUids: readonly string[];
  readonly change: DicomJson;
  readonly studiesUpdated: number;
  readonly studiesFailed: number;
  readonly instancesUpdated: number;
  /** For people, with UIDs. */
  readonly errors: readonly string[];
}

/** Operations of bulk updates: whatever is written of them is written with the instance that it is about. */
export interface UpdateOperationStore {
  /** @returns id of the operation */
  add(studyInstanceUids: readonly string[], change: DicomJson): Promise<string>;
  operation(id: string): Promise<UpdateOperation | undefined>;
  /** Operations that are not at their end, the oldest first. */
  unfinished(): Promise<readonly UpdateOperation[]>;
  /** Runs the work unless another node is at it. */
  alone(id: string, work: () => Promise<void>): Promise<void>;
  /** Counts what there is to do, where that is not done, and lists a blob for deletion that a crash has left. */
  begin(id: string): Promise<void>;
  /** The next instance of the study in hand; undefined at its end. */
  next(id: string): Promise<InstanceTarget | undefined>;
  /** The blob is about to be written. */
  writing(id: string, blobKey: string): Promise<void>;
  /** Puts the new version in place and goes on. @returns false if the instance is no longer what was seen */
  replace(id: string, instance: NewInstance, seenBlobKey: string): Promise<boolean>;
  /** Goes on without having changed the instance. @param error undefined if it is gone */
  passOver(id: string, target: InstanceTarget, error: string | undefined): Promise<void>;
  /** @param error of the study as a whole @returns false if it was the last one */
  nextStudy(id: string, error?: string): Promise<boolean>;
}

/** Beyond these, errors are counted in the studies that failed. */
const maxErrors = 100;
const lockSpace = 7_305_191;

interface Row {
  readonly operation_id: string;
  readonly status: UpdateOperation['status'];
  readonly percent: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly study_instance_uids: string[];
  readonly change: DicomJson;
  readonly studies_updated: number;
  readonly studies_failed: number;
  readonly instances_updated: string;
  readonly errors: string[];
}

const columns = `*, case when status in ('completed', 'failed') then 100
  when total = 0 then 0 else least(99, floor(100.0 * done / total))::int end as percent`;

/** @param started is told of each operation that there is to do */
export function createUpdateOperationStore(pool: pg.Pool, started: () => void = () => {}): UpdateOperationStore {
  const makeRows = createRowMaker();
  const query = <R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    persistently(() => pool.query<R>(text, [...values]));

  return {
    async add(studyInstanceUids, change) {
      const id = randomUUID();
      await query(
        `insert into update_operations (operation_id, study_instance_uids, change) values ($1, $2, $3)
         on conflict do nothing`,
        [id, studyInstanceUids, JSON.stringify(change)],
      );
      started();
      return id;
    },
    async operation(id) {
      const { rows } = await query<Row>(`select ${columns} from update_operations where operation_id = $1`, [id]);
      return rows[0] && operationOf(rows[0]);
    },
    async unfinished() {
      const { rows } = await query<Row>(
        `select ${columns} from update_operations where status in ('notStarted', 'running') order by created_at`,
        [],
      );
      return rows.map(operationOf);
    },
    async alone(id, work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        const lock = [lockSpace, id];
        const { rows } = await client.query<{ got: boolean }>(
          'select pg_try_advisory_lock($1, hashtext($2)) as got',
          lock,
        );
        if (!rows[0]?.got) return;
        try {
          await work();
        } finally {
          await client.query('select pg_advisory_unlock($1, hashtext($2))', lock).catch((error: Error) => {
            broken = error;
          });
        }
      } finally {
        client.release(broken);
      }
    },
    async begin(id) {
      await query(
        `with left_over as (
           insert into blobs_to_delete (blob_key)
           select writing_blob_key from update_operations
           where operation_id = $1 and writing_blob_key is not null
             and not exists (select from instances where blob_key = writing_blob_key)
             and not exists (select from original_instances where blob_key = writing_blob_key)
           on conflict do nothing
         )
         update update_operations set status = 'running', writing_blob_key = null, updated_at = now(),
           total = case when status = 'running' then total else (
             select coalesce(sum(number_of_study_related_instances), 0) from studies
             where study_id = any ($2::uuid[])) end
         where operation_id = $1`,
        [id, await studyKeys(id)],
      );
    },
    async next(id) {
      const { rows } = await query<{ study: string; series: string; instance: string }>(
        `select studies.study_instance_uid as study, series.series_instance_uid as series, sop_instance_uid as instance
         from update_operations operation, instances
           join series using (study_id, series_id) join studies using (study_id)
         where operation.operation_id = $1 and instances.study_id = $2
           and (instances.series_id, instances.instance_id) > (operation.series_id, operation.instance_id)
         order by instances.series_id, instances.instance_id limit 1`,
        [id, await currentStudy(id)],
      );
      const [row] = rows;
      return row && { studyInstanceUid: row.study, seriesInstanceUid: row.series, sopInstanceUid: row.instance };
    },
    async writing(id, blobKey) {
      await query('update update_operations set writing_blob_key = $2 where operation_id = $1', [id, blobKey]);
    },
    replace(id, instance, seenBlobKey) {
      const rows = makeRows(instance);
      return persistently(() =>
        replaceInstance(pool, rows, instance.attributes, seenBlobKey, {
          keepsOriginal: true,
          alongside: (client) =>
            client.query(
              `update update_operations set series_id = $2, instance_id = $3, done = done + 1, updated_at = now(),
                 instances_updated = instances_updated + 1, writing_blob_key = null
               where operation_id = $1`,
              [id, rows.seriesKey, rows.instanceKey],
            ),
        }),
      );
    },
    async passOver(id, { seriesInstanceUid, sopInstanceUid }, error) {
      await query(
        `update update_operations set series_id = $2, instance_id = $3, done = done + 1, updated_at = now(),
           failed_of_study = failed_of_study + case when $4::text is null then 0 else 1 end,
           errors = case when $4::text is null or cardinality(errors) >= ${maxErrors} then errors else errors || $4::text end
         where operation_id = $1`,
        [id, uidKey(seriesInstanceUid), uidKey(sopInstanceUid), error ?? null],
      );
    },
    nextStudy(id, error) {
      return persistently(() =>
        inTransaction(pool, async (client) => {
          const { rows } = await client.query<{ more: boolean }>(
            `with passed as (
               select operation_id, study_number < cardinality(study_instance_uids) as more,
                 $2::text is not null or failed_of_study > 0 as failed
               from update_operations where operation_id = $1
             )
             update update_operations operation set study_number = study_number + 1, series_id = '${nilKey}', instance_id = '${nilKey}',
               failed_of_study = 0, updated_at = now(),
               studies_updated = studies_updated + case when failed then 0 else 1 end,
               studies_failed = studies_failed + case when failed then 1 else 0 end,
               errors = case when $2::text is null or cardinality(errors) >= ${maxErrors} then errors else errors || $2::text end,
               status = case when more then 'running'
                 when failed or studies_failed > 0 then 'failed' else 'completed' end
             from passed where operation.operation_id = passed.operation_id
             returning more`,
            [id, error ?? null],
          );
          return rows[0]?.more ?? false;
        }),
      );
    },
  };

  async function studyKeys(id: string): Promise<string[]> {
    const { rows } = await query<{ uids: string[] }>(
      'select study_instance_uids as uids from update_operations where operation_id = $1',
      [id],
    );
    return (rows[0]?.uids ?? []).map(uidKey);
  }

  async function currentStudy(id: string): Promise<string> {
    const { rows } = await query<{ uid: string | null }>(
      'select study_instance_uids[study_number] as uid from update_operations where operation_id = $1',
      [id],
    );
    return rows[0]?.uid == null ? nilKey : uidKey(rows[0].uid);
  }
}

function operationOf(row: Row): UpdateOperation {
  return {
    id: row.operation_id,
    status: row.status,
    percentComplete: row.percent,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    studyInstanceUids: row.study_instance_uids,
    change: row.change,
    studiesUpdated: row.studies_updated,
    studiesFailed: row.studies_failed,
    instancesUpdated: Number(row.instances_updated),
    errors: row.errors,
  };
}
