import type pg from 'pg';
import type { CommitmentReport } from '../dicom/commitment-data-set.ts';
import { persistently } from './postgres-errors.ts';

/** A report on its way to whoever asked for it. */
export interface OwedReport {
  /** Of the asker. */
  readonly aeTitle: string;
  readonly report: CommitmentReport;
  /** Times that it was tried to be told before. */
  readonly attempts: number;
  readonly createdAt: Date;
}

/** Reports that their askers have not acknowledged. */
export interface CommitmentStore {
  /** @returns false if the asker has another report under way with this Transaction UID */
  add(aeTitle: string, report: CommitmentReport, dueInMs: number): Promise<boolean>;
  delete(aeTitle: string, transactionUid: string): Promise<void>;
  /** The oldest that are due, for this node alone until `leaseMs` has passed. */
  takeDue(most: number, leaseMs: number): Promise<OwedReport[]>;
  /** It could not be told. */
  postpone(aeTitle: string, transactionUid: string, dueInMs: number): Promise<void>;
}

interface ReportRow {
  readonly ae_title: string;
  readonly report: CommitmentReport;
  readonly attempts: number;
  readonly created_at: Date;
}

const inMs = (parameter: string): string => `now() + ${parameter}::float8 * interval '1 millisecond'`;

export function createCommitmentStore(pool: pg.Pool): CommitmentStore {
  return {
    async add(aeTitle, report, dueInMs) {
      const { rowCount } = await persistently(() =>
        pool.query(
          `insert into commitment_reports (ae_title, transaction_uid, report, due_at) values ($1, $2, $3, ${inMs('$4')})
           on conflict do nothing`,
          [aeTitle, report.transactionUid, JSON.stringify(report), dueInMs],
        ),
      );
      return rowCount === 1;
    },
    async delete(aeTitle, transactionUid) {
      await persistently(() =>
        pool.query('delete from commitment_reports where ae_title = $1 and transaction_uid = $2', [
          aeTitle,
          transactionUid,
        ]),
      );
    },
    async takeDue(most, leaseMs) {
      const { rows } = await persistently(() =>
        pool.query<ReportRow>(
          `update commitment_reports set due_at = ${inMs('$2')} where (ae_title, transaction_uid) in (
             select ae_title, transaction_uid from commitment_reports where due_at <= now()
             order by due_at limit $1 for update skip locked)
           returning ae_title, report, attempts, created_at`,
          [most, leaseMs],
        ),
      );
      return rows.map((row) => ({
        aeTitle: row.ae_title,
        report: row.report,
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
