import type pg from 'pg';
import { groupBy } from '../kernel/group-by.ts';
import type { IndexTarget } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { type GraphPlan, makeGraph, type SelectedInstances } from './publishing-graphs.ts';
import { targetKey } from './target-key.ts';
import { inTransaction } from './transaction.ts';
import { uidKey } from './uid-key.ts';

/**
 * What became of a result. `left-out`: it is not kept, and nothing is lost by it. `refused`: it is not kept, and somebody has
 * to see to that. `missing`: it was named and could not be had; it is asked for again.
 */
export type ResultStatus = 'stored' | 'left-out' | 'refused' | 'missing';

/** What came back from a publisher, and what became of it. */
export interface ReceivedResult {
  readonly publisher: string;
  readonly resultId: string;
  readonly graphId: string;
  readonly wave: number;
  readonly status: ResultStatus;
  /** As what it is stored; undefined for what is not. */
  readonly stored: Required<IndexTarget> | undefined;
  /** In words, for people. */
  readonly answer: string;
  readonly at: Date;
}

export interface ResultTally {
  readonly stored: number;
  readonly leftOut: number;
  /** Of the wave. */
  readonly refused: number;
  /** What is said of the first of these. */
  readonly refusal: string | undefined;
}

/** Results of a graph, or of all graphs of a study. */
export type ResultFilter = { readonly graphId: string } | { readonly studyInstanceUid: string };

/** What came back, by the names that publishers give it. */
export interface ResultStore {
  /** Those that are known, with what became of them. */
  known(publisher: string, resultIds: readonly string[]): Promise<ReadonlyMap<string, ResultStatus>>;
  /** One that is known already stays as it is, unless it was missing. */
  record(result: ReceivedResult): Promise<void>;
  /** Whether a stored instance came from a publisher, as opposed to any other door. */
  cameBack(target: Required<IndexTarget>): Promise<boolean>;
  /** Whether a stored instance is what has been written down as a result of a graph. */
  isOfGraph(graphId: string, target: Required<IndexTarget>): Promise<boolean>;
  /** Whether an instance that is stored was planned for a publisher, or has left for it. */
  isOfPublisher(publisher: string, target: Required<IndexTarget>): Promise<boolean>;
  /** SOP Instance UIDs under which instances of a study have ever left for a publisher. */
  everSent(publisher: string, studyInstanceUid: string): Promise<ReadonlySet<string>>;
  /** What became of all that came back to a graph. */
  tally(graphId: string, wave: number): Promise<ResultTally>;
  /** By graph and time. */
  list(
    filter: ResultFilter,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly items: readonly ReceivedResult[]; readonly total: number }>;
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
      const { rows } = await query<{ result_id: string; status: ResultStatus }>(
        'select result_id, status from publishing_results where publisher = $1 and result_id = any ($2)',
        [publisher, resultIds],
      );
      return new Map(rows.map(({ result_id, status }) => [result_id, status]));
    },
    async record({ publisher, resultId, graphId, wave, status, stored, answer, at }) {
      await query(
        `insert into publishing_results as known (publisher, result_id, graph_id, wave, study_instance_uid, series_instance_uid,
           sop_instance_uid, answer, at, status)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (publisher, result_id) do update set graph_id = excluded.graph_id, wave = excluded.wave,
           study_instance_uid = excluded.study_instance_uid, series_instance_uid = excluded.series_instance_uid,
           sop_instance_uid = excluded.sop_instance_uid, answer = excluded.answer, at = excluded.at, status = excluded.status
         where known.status = 'missing'`,
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
          status,
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
    async isOfGraph(graphId, { studyInstanceUid, seriesInstanceUid, sopInstanceUid }) {
      const { rowCount } = await query(
        `select from publishing_results where graph_id = $1 and study_instance_uid = $2 and series_instance_uid = $3
           and sop_instance_uid = $4 limit 1`,
        [graphId, studyInstanceUid, seriesInstanceUid, sopInstanceUid],
      );
      return rowCount === 1;
    },
    async isOfPublisher(publisher, target) {
      const { study, series, instance } = targetKey(target);
      const { rows } = await query<{ is_of: boolean }>(
        `select exists (
             select from deliveries where study_id = $1 and series_id = $2 and instance_id = $3 and publisher = $4)
           or exists (
             select from publishing_instances join publishing_graphs graph using (graph_id)
             where study_id = $1 and series_id = $2 and instance_id = $3 and graph.publisher = $4) as is_of`,
        [study, series, instance, publisher],
      );
      return rows[0]?.is_of === true;
    },
    async everSent(publisher, studyInstanceUid) {
      const { rows } = await query<{ sent_sop_instance_uid: string }>(
        'select sent_sop_instance_uid from deliveries where study_id = $1 and publisher = $2',
        [uidKey(studyInstanceUid), publisher],
      );
      return new Set(rows.map((row) => row.sent_sop_instance_uid));
    },
    async tally(graphId, wave) {
      const { rows } = await query<{ stored: number; left_out: number; refused: number; refusal: string | null }>(
        `select count(*) filter (where status = 'stored')::int as stored,
           count(*) filter (where status = 'left-out')::int as left_out,
           count(*) filter (where status = 'refused' and wave = $2)::int as refused,
           (array_agg(answer order by at, result_id) filter (where status = 'refused' and wave = $2))[1] as refusal
         from publishing_results where graph_id = $1`,
        [graphId, wave],
      );
      const { stored, left_out: leftOut, refused, refusal } = rows[0]!;
      return { stored, leftOut, refused, refusal: refusal ?? undefined };
    },
    async list(filter, { limit, offset }) {
      const [where, value] =
        'graphId' in filter
          ? ['graph_id = $1', filter.graphId]
          : [
              'graph_id in (select graph_id from publishing_graphs where study_instance_uid = $1)',
              filter.studyInstanceUid,
            ];
      const [items, total] = await Promise.all([
        query<ResultRow>(
          `select * from publishing_results where ${where} order by graph_id, at, result_id limit $2 offset $3`,
          [value, limit, offset],
        ),
        query<{ count: string }>(`select count(*) from publishing_results where ${where}`, [value]),
      ]);
      return { items: items.rows.map(resultOf), total: Number(total.rows[0]?.count) };
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

interface ResultRow {
  readonly publisher: string;
  readonly result_id: string;
  readonly graph_id: string;
  readonly wave: number;
  readonly status: ResultStatus;
  readonly study_instance_uid: string | null;
  readonly series_instance_uid: string | null;
  readonly sop_instance_uid: string | null;
  readonly answer: string;
  readonly at: Date;
}

function resultOf(row: ResultRow): ReceivedResult {
  const { study_instance_uid: study, series_instance_uid: series, sop_instance_uid: instance } = row;
  const isStored = study !== null && series !== null && instance !== null;
  return {
    publisher: row.publisher,
    resultId: row.result_id,
    graphId: row.graph_id,
    wave: row.wave,
    status: row.status,
    stored: isStored ? { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid: instance } : undefined,
    answer: row.answer,
    at: row.at,
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
