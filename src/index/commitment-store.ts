import type pg from 'pg';
import type { CommitmentReport, LongCommitmentReport } from '../dicom/commitment-data-set.ts';
import { CausewayError } from '../kernel/errors.ts';
import { persistently } from './postgres-errors.ts';

/** Of a report as many instances as are kept together. */
export type ReportPart = Omit<CommitmentReport, 'transactionUid'>;

/** A report on its way to whoever asked for it. */
export interface OwedReport {
  /** Of the asker. */
  readonly aeTitle: string;
  readonly report: LongCommitmentReport;
  /** Times that it was tried to be told before. */
  readonly attempts: number;
  readonly createdAt: Date;
}

/** Reports that their askers have not acknowledged. A long one has parts that were kept before it. */
export interface CommitmentStore {
  /** Keeps a part of a report that is to come. @param part from 0 */
  addPart(requestId: string, part: number, content: ReportPart): Promise<void>;
  /**
   * The parts that were kept, in their order, one by one.
   * @throws CausewayError `internal` if one of the `count` is missing
   */
  parts(requestId: string, count: number): AsyncGenerator<ReportPart, void, void>;
  /** Forgets the parts of a report that is not to come. Those of one that has come stay. */
  abandon(requestId: string): Promise<void>;
  /** Forgets the parts of reports that have not come since so long: what a node left that was killed. */
  abandonOlder(ageMs: number): Promise<void>;
  /**
   * @param report the last of it, all where nothing was kept before
   * @param earlier what was kept before
   * @returns false if the asker has another report under way with this Transaction UID
   */
  add(
    requestId: string,
    aeTitle: string,
    report: CommitmentReport,
    dueInMs: number,
    earlier: { readonly parts: number; readonly hasFailures: boolean },
  ): Promise<boolean>;
  delete(aeTitle: string, transactionUid: string): Promise<void>;
  /** The oldest that are due, for this node alone until `leaseMs` has passed. */
  takeDue(most: number, leaseMs: number): Promise<OwedReport[]>;
  /** It could not be told. */
  postpone(aeTitle: string, transactionUid: string, dueInMs: number): Promise<void>;
}

interface ReportRow {
  readonly ae_title: string;
  readonly report: CommitmentReport;
  /** Null: an old one, of which there are no earlier parts. */
  readonly request_id: string | null;
  readonly earlier_parts: number;
  readonly earlier_failures: boolean;
  readonly attempts: number;
  readonly created_at: Date;
}

const inMs = (parameter: string): string => `now() + ${parameter}::float8 * interval '1 millisecond'`;

export function createCommitmentStore(pool: pg.Pool): CommitmentStore {
  async function* parts(requestId: string, count: number): AsyncGenerator<ReportPart, void, void> {
    for (let part = 0; part < count; part++) {
      const { rows } = await persistently(() =>
        pool.query<{ readonly content: ReportPart }>(
          'select content from commitment_report_parts where request_id = $1 and part = $2',
          [requestId, part],
        ),
      );
      if (rows[0] === undefined) {
        const which = `part ${part + 1} of the ${count} that are kept`;
        throw new CausewayError('internal', `The storage commitment report is not whole: ${which} is missing.`);
      }
      yield rows[0].content;
    }
  }

  function reportOf({
    report,
    request_id: requestId,
    earlier_parts: earlierParts,
    earlier_failures: earlierFailures,
  }: ReportRow): LongCommitmentReport {
    const { transactionUid, committed, failed } = report;
    return {
      transactionUid,
      hasFailures: earlierFailures || failed.length > 0,
      async *parts() {
        if (requestId !== null) yield* parts(requestId, earlierParts);
        yield { committed, failed };
      },
    };
  }

  return {
    parts,
    async addPart(requestId, part, content) {
      await persistently(() =>
        pool.query(
          `insert into commitment_report_parts (request_id, part, content) values ($1, $2, $3)
           on conflict (request_id, part) do update set content = excluded.content`,
          [requestId, part, JSON.stringify(content)],
        ),
      );
    },
    async abandon(requestId) {
      await persistently(() =>
        pool.query(
          `delete from commitment_report_parts where request_id = $1
             and not exists (select from commitment_reports where request_id = $1)`,
          [requestId],
        ),
      );
    },
    async abandonOlder(ageMs) {
      await persistently(() =>
        pool.query(
          `delete from commitment_report_parts where created_at < now() - $1::float8 * interval '1 millisecond'
             and not exists (select from commitment_reports where request_id = commitment_report_parts.request_id)`,
          [ageMs],
        ),
      );
    },
    async add(requestId, aeTitle, report, dueInMs, earlier) {
      // Done again after an answer that was lost behind the commit, it finds its own, and not that of another request.
      const { rowCount } = await persistently(() =>
        pool.query(
          `insert into commitment_reports as known
             (request_id, ae_title, transaction_uid, report, due_at, earlier_parts, earlier_failures)
           values ($1, $2, $3, $4, ${inMs('$5')}, $6, $7)
           on conflict (ae_title, transaction_uid) do update set due_at = excluded.due_at
             where known.request_id = excluded.request_id`,
          [
            requestId,
            aeTitle,
            report.transactionUid,
            JSON.stringify(report),
            dueInMs,
            earlier.parts,
            earlier.hasFailures,
          ],
        ),
      );
      return rowCount === 1;
    },
    async delete(aeTitle, transactionUid) {
      await persistently(() =>
        pool.query(
          `with told as (
             delete from commitment_reports where ae_title = $1 and transaction_uid = $2 returning request_id)
           delete from commitment_report_parts where request_id in (select request_id from told)`,
          [aeTitle, transactionUid],
        ),
      );
    },
    async takeDue(most, leaseMs) {
      const { rows } = await persistently(() =>
        pool.query<ReportRow>(
          `update commitment_reports set due_at = ${inMs('$2')} where (ae_title, transaction_uid) in (
             select ae_title, transaction_uid from commitment_reports where due_at <= now()
             order by due_at limit $1 for update skip locked)
           returning ae_title, report, request_id, earlier_parts, earlier_failures, attempts, created_at`,
          [most, leaseMs],
        ),
      );
      return rows.map((row) => ({
        aeTitle: row.ae_title,
        report: reportOf(row),
        attempts: row.attempts,
        createdAt: row.created_at,
      }));
    },
    async postpone(aeTitle, transactionUid, dueInMs) {
      await persistently(() =>
        pool.query(
          `update commitment_reports set attempts = attempts + 1, due_at = ${inMs('$3')}
           where ae_title = $1 and transaction_uid = $2`,
          [aeTitle, transactionUid, dueInMs],
        ),
      );
    },
  };
}
