import type { CommitmentStore, OwedReport } from '../index/commitment-store.ts';
import { asCausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { TellReport } from './commitment.ts';

export interface ReportTellerParts {
  readonly store: Pick<CommitmentStore, 'takeDue' | 'postpone' | 'delete' | 'abandonOlder'>;
  readonly tell: TellReport;
  readonly log: Log;
  /** Between two looks for reports that are due. */
  readonly intervalMs?: number;
  /** Before the second attempt; twice as long before each that follows, up to an hour. */
  readonly retryMs?: number;
  /** An asker that has not heard for so long is given up. */
  readonly giveUpMs?: number;
}

/** Tells reports that were not acknowledged over the association that asked for them, again and again. */
export interface ReportTeller {
  start(): void;
  /** Tells what is due. */
  tellDue(): Promise<void>;
  /** Ends after what is being told now. */
  close(): Promise<void>;
}

const atOnce = 8;
/** Longer than telling one may take. */
const leaseMs = 900_000;
const maxRetryMs = 3_600_000;
/** Far longer than any request is on its way. */
const abandonedAfterMs = 86_400_000;
const abandonEveryMs = 86_400_000;

export function createReportTeller({
  store,
  tell,
  log,
  intervalMs = 2_000,
  retryMs = 10_000,
  giveUpMs = 86_400_000,
}: ReportTellerParts): ReportTeller {
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> | undefined;
  let closing = false;
  /** When what was left unfinished is looked for next. */
  let abandonAt = 0;

  async function tellOne({ aeTitle, report, attempts, createdAt }: OwedReport): Promise<void> {
    const { transactionUid } = report;
    try {
      await tell(aeTitle, report);
      await store.delete(aeTitle, transactionUid);
    } catch (thrown) {
      const facts = { peer: aeTitle, transactionUid, attempts: attempts + 1, reason: asCausewayError(thrown).message };
      if (Date.now() - createdAt.getTime() >= giveUpMs) {
        log.error('A storage commitment report was given up.', facts);
        await store.delete(aeTitle, transactionUid);
        return;
      }
      log.warn('A storage commitment report could not be told.', facts);
      const backOff = Math.min(maxRetryMs, retryMs * 2 ** attempts);
      await store.postpone(aeTitle, transactionUid, backOff * (0.75 + Math.random() / 2));
    }
  }

  async function tellDue(): Promise<void> {
    for (let due = await store.takeDue(atOnce, leaseMs); due.length > 0; due = await store.takeDue(atOnce, leaseMs)) {
      await Promise.all(due.map(tellOne));
      if (closing) return;
    }
  }

  async function abandonDaily(): Promise<void> {
    if (Date.now() < abandonAt) return;
    abandonAt = Date.now() + abandonEveryMs;
    await store.abandonOlder(abandonedAfterMs).catch((thrown: unknown) => {
      log.warn('What storage commitment requests left unfinished could not be deleted.', { error: thrown });
    });
  }

  function again(): void {
    if (closing) return;
    timer = setTimeout(() => {
      telling = abandonDaily()
        .then(tellDue)
        .catch((thrown: unknown) => log.warn('Storage commitment reports could not be read.', { error: thrown }))
        .finally(again);
    }, intervalMs);
  }

  return {
    start: again,
    tellDue,
    async close() {
      closing = true;
      clearTimeout(timer);
      await telling;
    },
  };
}
