import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DicomJson } from '../dicom/json-model.ts';
import type { PerformedStep, ScheduledStepReference } from '../dicom/performed-step.ts';
import { persistently } from './postgres-errors.ts';
import { inTransaction } from './transaction.ts';

/** What modalities say that they do, or have done. */
export interface PerformedStepStore {
  /** @param aeTitle of the modality @returns false if there is one with this UID */
  add(sopInstanceUid: string, aeTitle: string, step: PerformedStep): Promise<boolean>;
  /**
   * Changes one that nobody else changes meanwhile.
   * @param change of its data set; what it throws leaves it as it was
   * @returns undefined if there is none
   */
  change(sopInstanceUid: string, change: (before: DicomJson) => PerformedStep): Promise<PerformedStep | undefined>;
}

export function createPerformedStepStore(pool: pg.Pool): PerformedStepStore {
  return {
    async add(sopInstanceUid, aeTitle, step) {
      // An answer that was lost after the commit: what is found then is our own.
      const requestId = randomUUID();
      return persistently(() =>
        inTransaction(pool, async (client) => {
          const { rowCount } = await client.query(
            `insert into performed_procedure_steps as known (sop_instance_uid, ae_title, facts, data_set, request_id)
             values ($1, $2, $3, $4, $5)
             on conflict (sop_instance_uid) do update set updated_at = now() where known.request_id = excluded.request_id`,
            [sopInstanceUid, aeTitle, JSON.stringify(step.facts), JSON.stringify(step.dataSet), requestId],
          );
          if (rowCount === 0) return false;
          await addReferences(client, sopInstanceUid, step.scheduled);
          return true;
        }),
      );
    },
    async change(sopInstanceUid, change) {
      /** What an attempt wrote whose answer was lost, if it was written at all. */
      let attempted: { readonly step: PerformedStep; readonly dataSet: string } | undefined;
      return persistently(() =>
        inTransaction(pool, async (client) => {
          const { rows } = await client.query<{ readonly data_set: DicomJson }>(
            'select data_set from performed_procedure_steps where sop_instance_uid = $1 for update',
            [sopInstanceUid],
          );
          if (rows[0] === undefined) return undefined;
          if (attempted?.dataSet === JSON.stringify(rows[0].data_set)) return attempted.step;
          const step = change(rows[0].data_set);
          attempted = { step, dataSet: JSON.stringify(step.dataSet) };
          await client.query(
            `update performed_procedure_steps set (facts, data_set, updated_at) = ($2, $3, now())
             where sop_instance_uid = $1`,
            [sopInstanceUid, JSON.stringify(step.facts), JSON.stringify(step.dataSet)],
          );
          return step;
        }),
      );
    },
  };
}

async function addReferences(
  client: pg.PoolClient,
  sopInstanceUid: string,
  scheduled: readonly ScheduledStepReference[],
): Promise<void> {
  await client.query(
    `insert into performed_of_scheduled_steps (sop_instance_uid, study_instance_uid, step_id)
     select $1, study_instance_uid, step_id from unnest($2::text[], $3::text[]) as step (study_instance_uid, step_id)
     on conflict do nothing`,
    [sopInstanceUid, scheduled.map((step) => step.studyInstanceUid), scheduled.map(({ stepId }) => stepId)],
  );
}
