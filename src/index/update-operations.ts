import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DicomJson } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { InstanceTarget } from './instance-index.ts';
import type { NewInstance } from './instance-record.ts';
import { createRowMaker } from './instance-rows.ts';
import { patiently, persistently } from './postgres-errors.ts';
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
  /**
   * Takes the operation over from whoever had it before. Counts what there is to do, where that is not done, and lists a
   * blob for deletion that a crash has left.
   */
  begin(id: string): Promise<UpdateTurn>;
}

/**
 * An operation in the hands of one node. Its lock is that of a connection, which may be lost while the node goes on: so
 * every method rejects with `unavailable`, and has changed nothing, once another node has begun.
 */
export interface UpdateTurn {
  /** The next instance of the study in hand; undefined at its end. */
  next(): Promise<InstanceTarget | undefined>;
  /** The blob is about to be written. */
  writing(blobKey: string): Promise<void>;
  /** Puts the new version in place and goes on. @returns false if the instance is no longer what was seen */
  replace(instance: NewInstance, seenBlobKey: string): Promise<boolean>;
  /** Goes on without having changed the instance. @param error undefined if it is gone */
  passOver(target: InstanceTarget, error: string | undefined): Promise<void>;
  /** @param error of the study as a whole @returns false if it was the last one */
  nextStudy(error?: string): Promise<boolean>;
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
    begin: (id) => persistently(() => beginTurn(pool, id)),
  };
}

/**
 * The row is locked before anything is looked at: what the node before has committed is seen, and what it has not is
 * refused by its row, which says whose turn it is.
 */
async function beginTurn(pool: pg.Pool, id: string): Promise<UpdateTurn> {
  const turnId = randomUUID();
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ uids: string[]; study_number: number }>(
      'select study_instance_uids as uids, study_number from update_operations where operation_id = $1 for update',
      [id],
    );
    const { uids = [], study_number: studyNumber = 1 } = rows[0] ?? {};
    await client.query(
      `with left_over as (
         insert into blobs_to_delete (blob_key)
         select writing_blob_key from update_operations
         where operation_id = $1 and writing_blob_key is not null
           and not exists (select from instances where blob_key = writing_blob_key)
           and not exists (select from original_instances where blob_key = writing_blob_key)
         on conflict do nothing
       )
       update update_operations set status = 'running', writing_blob_key = null, turn_id = $3, updated_at = now(),
         total = case when status = 'running' then total else (
           select coalesce(sum(number_of_study_related_instances), 0) from studies
           where study_id = any ($2::uuid[])) end
       where operation_id = $1`,
      [id, uids.map(uidKey), turnId],
    );
    return createTurn(pool, id, turnId, uids, studyNumber);
  });
}

function createTurn(
  pool: pg.Pool,
  id: string,
  turnId: string,
  studyInstanceUids: readonly string[],
  firstStudyNumber: number,
): UpdateTurn {
  const makeRows = createRowMaker();
  let studyNumber = firstStudyNumber;

  /** @param text of an update of the operation, whose first two parameters are taken */
  async function update(client: pg.Pool | pg.ClientBase, text: string, values: readonly unknown[]): Promise<void> {
    const { rowCount } = await client.query(`${text} where operation_id = $1 and turn_id = $2`, [
      id,
      turnId,
      ...values,
    ]);
    if (rowCount === 0) throw takenOver();
  }

  return {
    async next() {
      const studyInstanceUid = studyInstanceUids[studyNumber - 1];
      if (studyInstanceUid === undefined) return undefined;
      const { rows } = await persistently(() =>
        pool.query<{ study: string; series: string; instance: string } | { instance: null }>(
          `select next.* from update_operations operation left join lateral (
             select studies.study_instance_uid as study, series.series_instance_uid as series, sop_instance_uid as instance
             from instances join series using (study_id, series_id) join studies using (study_id)
             where instances.study_id = $2
               and (instances.series_id, instances.instance_id) > (operation.series_id, operation.instance_id)
             order by instances.series_id, instances.instance_id limit 1) next on true
           where operation.operation_id = $1 and operation.turn_id = $3`,
          [id, uidKey(studyInstanceUid), turnId],
        ),
      );
      const [row] = rows;
      if (row === undefined) throw takenOver();
      if (row.instance === null) return undefined;
      return { studyInstanceUid: row.study, seriesInstanceUid: row.series, sopInstanceUid: row.instance };
    },
    async writing(blobKey) {
      await persistently(() => update(pool, 'update update_operations set writing_blob_key = $3', [blobKey]));
    },
    replace(instance, seenBlobKey) {
      const rows = makeRows(instance);
      return patiently(() =>
        replaceInstance(pool, rows, instance.attributes, seenBlobKey, {
          original: 'keep',
          alongside: (client) =>
            update(
              client,
              `update update_operations set series_id = $3, instance_id = $4, done = done + 1, updated_at = now(),
                 instances_updated = instances_updated + 1, writing_blob_key = null`,
              [rows.seriesKey, rows.instanceKey],
            ),
        }),
      );
    },
    async passOver({ seriesInstanceUid, sopInstanceUid }, error) {
      await persistently(() =>
        update(
          pool,
          `update update_operations set series_id = $3::uuid, instance_id = $4::uuid, updated_at = now(),
             done = done + case when ${isPassed} then 0 else 1 end,
             failed_of_study = failed_of_study + case when ${isPassed} or $5::text is null then 0 else 1 end,
             errors = case when ${isPassed} or $5::text is null or cardinality(errors) >= ${maxErrors} then errors
               else errors || $5::text end`,
          [uidKey(seriesInstanceUid), uidKey(sopInstanceUid), error ?? null],
        ),
      );
    },
    async nextStudy(error) {
      await persistently(() => passStudy(error));
      studyNumber += 1;
      return studyNumber <= studyInstanceUids.length;
    },
  };

  /** A study that is passed already was so by the commit to which the answer was lost. */
  async function passStudy(error: string | undefined): Promise<void> {
    await update(
      pool,
      `update update_operations set
         study_number = $3::int + 1,
         series_id = case when study_number = $3 then '${nilKey}' else series_id end,
         instance_id = case when study_number = $3 then '${nilKey}' else instance_id end,
         failed_of_study = case when study_number = $3 then 0 else failed_of_study end,
         updated_at = now(),
         studies_updated = studies_updated + case when study_number = $3 and not ${hasFailed} then 1 else 0 end,
         studies_failed = studies_failed + case when study_number = $3 and ${hasFailed} then 1 else 0 end,
         errors = case when study_number <> $3 or $4::text is null or cardinality(errors) >= ${maxErrors} then errors
           else errors || $4::text end,
         status = case when study_number <> $3 then status
           when study_number < cardinality(study_instance_uids) then 'running'
           when ${hasFailed} or studies_failed > 0 then 'failed' else 'completed' end`,
      [studyNumber, error ?? null],
    );
  }
}

/** Whether this was done before, by a commit to which the answer was lost. */
const isPassed = '(series_id, instance_id) = ($3::uuid, $4::uuid)';

/** Whether of the study in hand not everything could be updated. */
const hasFailed = '($4::text is not null or failed_of_study > 0)';

function takenOver(): CausewayError {
  return new CausewayError('unavailable', 'Another node has taken over the bulk update.');
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
