import type { CommitmentReport } from '../dicom/commitment-data-set.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Reports that we wait for, by Transaction UID. */
export interface CommitmentReports {
  /** @throws CausewayError `timed-out` if none has come in time; rejects with the reason when `signal` aborts */
  expect(transactionUid: string, timeoutMs: number): Promise<CommitmentReport>;
  /** Nobody waits any more. */
  forget(transactionUid: string): void;
  /** A report has come. @returns false if nobody waits for it */
  arrived(report: CommitmentReport): boolean;
}

interface Expected {
  readonly timer: NodeJS.Timeout;
  resolve(report: CommitmentReport): void;
}

export function createCommitmentReports(): CommitmentReports {
  const expected = new Map<string, Expected>();

  function take(transactionUid: string): Expected | undefined {
    const found = expected.get(transactionUid);
    clearTimeout(found?.timer);
    expected.delete(transactionUid);
    return found;
  }

  return {
    expect(transactionUid, timeoutMs) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          expected.delete(transactionUid);
          const message = `The peer has not reported on storage commitment for ${timeoutMs / 1000} s.`;
          reject(new CausewayError('timed-out', message));
        }, timeoutMs);
        expected.set(transactionUid, { timer, resolve });
      });
    },
    forget(transactionUid) {
      take(transactionUid);
    },
    arrived(report) {
      const found = take(report.transactionUid);
      found?.resolve(report);
      return found !== undefined;
    },
  };
}
