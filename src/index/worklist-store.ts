import type pg from 'pg';
import type { DicomJson } from '../dicom/json-model.ts';
import type { PerformedStepFacts } from '../dicom/performed-step.ts';
import type { WorklistItem } from '../dicom/worklist-item.ts';
import { persistently } from './postgres-errors.ts';

/** What a modality has done of an item. */
export interface PerformedOfItem extends PerformedStepFacts {
  readonly sopInstanceUid: string;
}

export interface StoredWorklistItem {
  readonly id: string;
  readonly dataSet: DicomJson;
  /** `YYYYMMDD` */
  readonly startDate: string;
  readonly updatedAt: Date;
  /** In the order in which it was begun. */
  readonly performed: readonly PerformedOfItem[];
}

/** Where in the order of dates a search goes on. */
export type WorklistPosition = Pick<StoredWorklistItem, 'startDate' | 'id'>;

/** Bounds and values that columns are compared with; undefined: any. */
export interface WorklistNarrowing {
  /** Inclusive, `YYYYMMDD`. */
  readonly fromDate: string | undefined;
  readonly toDate: string | undefined;
  readonly modality: string | undefined;
  readonly stationAeTitle: string | undefined;
  readonly patientId: string | undefined;
  readonly accessionNumber: string | undefined;
}

export interface WorklistStore {
  /** By start date, then id. */
  narrowed(
    by: WorklistNarrowing,
    after: WorklistPosition | undefined,
    limit: number,
  ): Promise<readonly StoredWorklistItem[]>;
  /** By id. */
  list(after: string | undefined, limit: number): Promise<readonly StoredWorklistItem[]>;
  get(id: string): Promise<StoredWorklistItem | undefined>;
  put(id: string, item: WorklistItem): Promise<{ readonly item: StoredWorklistItem; readonly isNew: boolean }>;
  /** @returns false if there is none */
  delete(id: string): Promise<boolean>;
}

interface ItemRow {
  readonly item_id: string;
  readonly data_set: DicomJson;
  readonly start_date: string;
  readonly updated_at: Date;
  readonly performed: readonly { readonly sopInstanceUid: string; readonly facts: PerformedStepFacts }[];
}

const columns = `item_id, data_set, start_date, updated_at,
  coalesce(
    (select json_agg(json_build_object('sopInstanceUid', sop_instance_uid, 'facts', facts) order by created_at, sop_instance_uid)
     from performed_of_scheduled_steps step join performed_procedure_steps using (sop_instance_uid)
     where step.study_instance_uid = item.study_instance_uid and step.step_id = item.step_id),
    '[]') performed`;

export function createWorklistStore(pool: pg.Pool): WorklistStore {
  return {
    async narrowed(by, after, limit) {
      const { rows } = await persistently(() =>
        pool.query<ItemRow>(
          `select ${columns} from worklist_items item
           where ($1::text is null or start_date >= $1) and ($2::text is null or start_date <= $2)
             and ($3::text is null or modality = $3) and ($4::text is null or $4 = any (station_ae_titles))
             and ($5::text is null or patient_id = $5) and ($6::text is null or accession_number = $6)
             and (start_date, item_id) > ($7, $8)
           order by start_date, item_id limit $9`,
          [
            by.fromDate,
            by.toDate,
            by.modality,
            by.stationAeTitle,
            by.patientId,
            by.accessionNumber,
            after?.startDate ?? '',
            after?.id ?? '',
            limit,
          ],
        ),
      );
      return rows.map(itemOf);
    },
    async list(after, limit) {
      const { rows } = await persistently(() =>
        pool.query<ItemRow>(`select ${columns} from worklist_items item where item_id > $1 order by item_id limit $2`, [
          after ?? '',
          limit,
        ]),
      );
      return rows.map(itemOf);
    },
    async get(id) {
      const { rows } = await persistently(() =>
        pool.query<ItemRow>(`select ${columns} from worklist_items item where item_id = $1`, [id]),
      );
      return rows[0] && itemOf(rows[0]);
    },
    async put(id, item) {
      const { rows } = await persistently(() =>
        // A row that was there has an older transaction behind it: xmax tells an insert from an update.
        pool.query<ItemRow & { readonly inserted: boolean }>(
          `insert into worklist_items as item
             (item_id, start_date, modality, station_ae_titles, patient_id, accession_number, data_set,
              study_instance_uid, step_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (item_id) do update set
             (start_date, modality, station_ae_titles, patient_id, accession_number, data_set,
              study_instance_uid, step_id, updated_at) = ($2, $3, $4, $5, $6, $7, $8, $9, now())
           returning ${columns}, xmax = 0 as inserted`,
          [
            id,
            item.startDate,
            item.modality,
            item.stationAeTitles,
            item.patientId,
            item.accessionNumber,
            JSON.stringify(item.dataSet),
            item.studyInstanceUid,
            item.stepId,
          ],
        ),
      );
      const row = rows[0]!;
      return { item: itemOf(row), isNew: row.inserted };
    },
    async delete(id) {
      const { rowCount } = await persistently(() => pool.query('delete from worklist_items where item_id = $1', [id]));
      return rowCount === 1;
    },
  };
}

function itemOf(row: ItemRow): StoredWorklistItem {
  return {
    id: row.item_id,
    dataSet: row.data_set,
    startDate: row.start_date,
    updatedAt: row.updated_at,
    performed: row.performed.map(({ sopInstanceUid, facts }) => ({ sopInstanceUid, ...facts })),
  };
}
