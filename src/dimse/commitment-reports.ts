import type { CommitmentReport } from '../dicom/commitment-data-set.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Reports that we wait for, by Transaction UID. */
export interface CommitmentReports {
  /** @throws CausewayError `timed-out` with `details.limit` `commitmentTimeoutMs` if none has come in time; `aborted` */
  expect(transactionUid: string, timeoutMs: number, signal?: AbortSignal): Promise<CommitmentReport>;
  /** Whether any is waited for, of whatever transaction. */
  isAnyExpected(): boolean;
  /** Nobody waits any more. */
  forget(transactionUid: string): void;
  /** A report has come. @returns false if nobody waits for it */
  arrived(report: CommitmentReport): boolean;
}

interface Expected {
  readonly timer: NodeJS.Timeout;
  stopListening(): void;
  resolve(report: CommitmentReport): void;
}

export function createCommitmentReports(): CommitmentReports {
  const expected = new Map<string, Expected>();

  function take(transactionUid: string): Expected | undefined {
    const found = expected.get(transactionUid);
    clearTimeout(found?.timer);
    found?.stopListening();
    expected.delete(transactionUid);
    return found;
  }

  return {
    expect(transactionUid, timeoutMs, signal) {
      return new Promise((resolve, reject) => {
        const giveUp = (error: CausewayError): void => {
          take(transactionUid);
          reject(error);
        };
        const timer = setTimeout(() => {
          const message = `The peer has not reported on storage commitment for ${timeoutMs / 1000} s.`;
          giveUp(new CausewayError('timed-out', message, { details: { limit: 'commitmentTimeoutMs' } }));
        }, timeoutMs);
        const onAbort = (): void =>
          giveUp(new CausewayError('aborted', 'Nobody waits for the report on storage commitment any more.'));
        const stopListening = (): void => signal?.removeEventListener('abort', onAbort);
        expected.set(transactionUid, { timer, stopListening, resolve });
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    isAnyExpected: () => expected.size > 0,
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
