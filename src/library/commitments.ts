import type { Commitment } from '../commitment/commitment.ts';
import { createReportTeller, type ReportTeller, type ReportTellerParts } from '../commitment/report-teller.ts';
import {
  type CommitmentReport,
  type CommitmentRequest,
  failureReason,
  type ReferencedInstance,
} from '../dicom/commitment-data-set.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { CommitToInstances } from './incoming-commitment.ts';

export interface CommitmentsOptions {
  readonly commit: CommitToInstances;
  /** Over an association of our own. @throws CausewayError if that fails */
  tell(aeTitle: string, report: CommitmentReport): Promise<void>;
  readonly log: Log;
}

export interface Commitments {
  readonly commitment: Commitment;
  /** Tells again and again what an asker has not heard over its own association, for as long as this process lives. */
  readonly teller: ReportTeller;
}

type Owed = Awaited<ReturnType<ReportTellerParts['store']['takeDue']>>[number];

/** Reports that were not heard, at most: an asker that never listens gives no reason to keep more. */
const maxOwed = 1_000;

export function commitmentsBy({ commit, tell, log }: CommitmentsOptions): Commitments {
  const owed = new Map<string, Owed & { dueAt: number }>();
  const keyOf = (aeTitle: string, transactionUid: string): string => `${aeTitle}\\${transactionUid}`;

  const store: ReportTellerParts['store'] = {
    async takeDue(most, leaseMs) {
      const due = [...owed.values()].filter(({ dueAt }) => dueAt <= Date.now()).slice(0, most);
      for (const one of due) one.dueAt = Date.now() + leaseMs;
      return due;
    },
    async postpone(aeTitle, transactionUid, dueInMs) {
      const key = keyOf(aeTitle, transactionUid);
      const one = owed.get(key);
      if (one === undefined) return;
      owed.set(key, { ...one, attempts: one.attempts + 1, dueAt: Date.now() + dueInMs });
    },
    async delete(aeTitle, transactionUid) {
      owed.delete(keyOf(aeTitle, transactionUid));
    },
  };

  return {
    commitment: {
      async request(aeTitle, request, untilMs) {
        const { transactionUid } = request;
        const key = keyOf(aeTitle, transactionUid);
        if (owed.has(key)) return failing(request, failureReason.duplicateTransactionUid);
        if (owed.size >= maxOwed) {
          throw new CausewayError('unavailable', `${maxOwed} reports have not been heard by those who asked for them.`);
        }
        const report = reportOn(request, await commit({ callingAeTitle: aeTitle, instances: request.instances }));
        owed.set(key, { aeTitle, report, attempts: 0, createdAt: new Date(), dueAt: Date.now() + untilMs });
        return report;
      },
      missed: (aeTitle, transactionUid) => store.postpone(aeTitle, transactionUid, 0),
      acknowledged: (aeTitle, transactionUid) => store.delete(aeTitle, transactionUid),
    },
    teller: createReportTeller({ store, tell, log }),
  };
}

function reportOn(request: CommitmentRequest, kept: Iterable<ReferencedInstance>): CommitmentReport {
  const classes = new Map<string, Set<string>>();
  for (const { sopClassUid, sopInstanceUid } of kept) {
    classes.set(sopInstanceUid, (classes.get(sopInstanceUid) ?? new Set()).add(sopClassUid));
  }
  const isKept = (one: ReferencedInstance) => classes.get(one.sopInstanceUid)?.has(one.sopClassUid) ?? false;
  return {
    transactionUid: request.transactionUid,
    committed: request.instances.filter(isKept),
    failed: request.instances
      .filter((one) => !isKept(one))
      .map((one) => ({
        ...one,
        failureReason: classes.has(one.sopInstanceUid)
          ? failureReason.classInstanceConflict
          : failureReason.noSuchObjectInstance,
      })),
  };
}

function failing({ transactionUid, instances }: CommitmentRequest, reason: number): CommitmentReport {
  return { transactionUid, committed: [], failed: instances.map((one) => ({ ...one, failureReason: reason })) };
}
