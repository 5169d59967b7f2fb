import type pg from 'pg';
import type { IndexTarget } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { targetKey } from './target-key.ts';

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
  /** Instances that came back to a graph, up to its wave. */
  stored(graphId: string, wave: number): Promise<readonly Required<IndexTarget>[]>;
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
    async stored(graphId, wave) {
      const { rows } = await query<{
        study_instance_uid: string;
        series_instance_uid: string;
        sop_instance_uid: string;
      }>(
        `select study_instance_uid, series_instance_uid, sop_instance_uid from publishing_results
         where graph_id = $1 and wave <= $2 and sop_instance_uid is not null order by at, result_id`,
        [graphId, wave],
      );
      return rows.map((row) => ({
        studyInstanceUid: row.study_instance_uid,
        seriesInstanceUid: row.series_instance_uid,
        sopInstanceUid: row.sop_instance_uid,
      }));
    },
  };
}
