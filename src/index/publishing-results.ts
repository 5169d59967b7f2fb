import type pg from 'pg';
import { groupBy } from '../kernel/group-by.ts';
import type { IndexTarget } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { type GraphPlan, makeGraph, type SelectedInstances } from './publishing-graphs.ts';
import { targetKey } from './target-key.ts';
import { inTransaction } from './transaction.ts';
import { uidKey } from './uid-key.ts';

/** What came back from a publisher, and what became of it. */
export interface ReceivedResult {
  readonly publisher: string;
  readonly resultId: string;
  readonly graphId: string;
  readonly wave: number;
  /** As what it is stored; undefined for what is not. */
  readonly stored: Required<IndexTarget> | undefined;
  /** In words, for people. */
  readonly answer: string;
  readonly at: Date;
}

/** What came back, by the names that publishers give it. */
export interface ResultStore {
  /** Which of these were received before. */
  known(publisher: string, resultIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** One that is known already stays as it is. */
  record(result: ReceivedResult): Promise<void>;
  /** Whether a stored instance came from a publisher, as opposed to any other door. */
  cameBack(target: Required<IndexTarget>): Promise<boolean>;
  /** How many of those that came back to a graph are stored. */
  stored(graphId: string): Promise<number>;
  /**
   * Plans those that came back to a graph and have not gone on to a publisher yet, a study at a time; written down in the
   * same transaction, so that each goes on once.
   * @returns how many graphs were made
   */
  sendOn(graphId: string, publisher: string, plan: (studyInstanceUid: string) => GraphPlan, now: Date): Promise<number>;
}

export function createResultStore(pool: pg.Pool): ResultStore {
  const query = <R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    persistently(() => pool.query<R>(text, [...values]));
  return {
    async known(publisher, resultIds) {
      const { rows } = await query<{ result_id: string }>(
        'select result_id from publishing_results where publisher = $1 and result_id = any ($2)',
        [publisher, resultIds],
      );
      return new Set(rows.map(({ result_id }) => result_id));
    },
    async record({ publisher, resultId, graphId, wave, stored, answer, at }) {
      await query(
        `insert into publishing_results (publisher, result_id, graph_id, wave, study_instance_uid, series_instance_uid,
           sop_instance_uid, answer, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
        [
          publisher,
          resultId,
          graphId,
          wave,
          stored?.studyInstanceUid ?? null,
          stored?.seriesInstanceUid ?? null,
          stored?.sopInstanceUid ?? null,
          answer,
          at,
        ],
      );
    },
    async cameBack(target) {
      const { study, series, instance } = targetKey(target);
      const { rowCount } = await query(
        `select from instances where study_id = $1 and series_id = $2 and instance_id = $3 and door = 'publisher'`,
        [study, series, instance],
      );
      return rowCount === 1;
    },
    async stored(graphId) {
      const { rows } = await query<{ stored: number }>(
        `select count(*)::int as stored from publishing_results where graph_id = $1 and sop_instance_uid is not null`,
        [graphId],
      );
      return rows[0]?.stored ?? 0;
    },
    sendOn: (graphId, publisher, plan, now) =>
      persistently(() =>
        inTransaction(pool, async (client) => {
          const { rows } = await client.query<StoredRow>(
            `select publisher, result_id, study_instance_uid, series_instance_uid, sop_instance_uid from publishing_results
             where graph_id = $1 and sop_instance_uid is not null and $2 <> all (sent_on_to) order by result_id for update`,
            [graphId, publisher],
          );
          let graphs = 0;
          for (const [study, ofStudy] of groupBy(rows, (row) => row.study_instance_uid)) {
            if ((await makeGraph(client, plan(study), theStored(ofStudy), now)) !== undefined) graphs += 1;
          }
          await client.query(
            `update publishing_results result set sent_on_to = array_append(sent_on_to, $1::text)
             from unnest($2::text[], $3::text[]) as sent (publisher, result_id)
             where result.publisher = sent.publisher and result.result_id = sent.result_id`,
            [publisher, rows.map((row) => row.publisher), rows.map((row) => row.result_id)],
          );
          return graphs;
        }),
      ),
  };
}

interface StoredRow {
  readonly publisher: string;
  readonly result_id: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
}

function theStored(rows: readonly StoredRow[]): SelectedInstances {
  return {
    condition:
      '(instances.study_id, instances.series_id, instances.instance_id) in (select * from unnest($4::uuid[], $5::uuid[], $6::uuid[]))',
    values: [
      rows.map((row) => uidKey(row.study_instance_uid)),
      rows.map((row) => uidKey(row.series_instance_uid)),
      rows.map((row) => uidKey(row.sop_instance_uid)),
    ],
  };
}
