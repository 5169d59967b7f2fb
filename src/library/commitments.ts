import type { Commitment } from '../commitment/commitment.ts';
import { createReportTeller, type ReportTeller, type ReportTellerParts } from '../commitment/report-teller.ts';
import { type CommitmentReport, failureReason, type ReferencedInstance } from '../dicom/commitment-data-set.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { CommitToInstances } from './incoming-commitment.ts';

export interface CommitmentsOptions {
  readonly commit: CommitToInstances;
  /** Over an association of our own. @throws CausewayError if that fails */
  readonly tell: ReportTellerParts['tell'];
  readonly log: Log;
}

export interface Commitments {
  readonly commitment: Commitment;
  /** Tells again and again what an asker has not heard over its own association, for as long as this process lives. */
  readonly teller: ReportTeller;
}

type Owed = Awaited<ReturnType<ReportTellerParts['store']['takeDue']>>[number];
type ReportPart = Omit<CommitmentReport, 'transactionUid'>;

/** Reports that were not heard, at most: an asker that never listens gives no reason to keep more. */
const maxOwed = 1_000;

/** Instances of one request: their report is held in memory. */
const maxInstances = 100_000;

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
    async abandonOlder() {},
  };

  return {
    commitment: {
      begin(aeTitle) {
        const parts: ReportPart[] = [];
        const counts = { committed: 0, failed: 0 };
        return {
          async take(instances) {
            if (counts.committed + counts.failed + instances.length > maxInstances) {
              throw new CausewayError('limit-exceeded', `More than ${maxInstances} instances are asked about at once.`);
            }
            const part = partOf(instances, await commit({ callingAeTitle: aeTitle, instances }));
            parts.push(part);
            counts.committed += part.committed.length;
            counts.failed += part.failed.length;
          },
          async finish(transactionUid, untilMs) {
            const key = keyOf(aeTitle, transactionUid);
            if (owed.has(key)) return inUse(transactionUid, parts);
            if (owed.size >= maxOwed) {
              throw new CausewayError('unavailable', `${maxOwed} reports have not been heard by those who asked.`);
            }
            const report = reportOf(transactionUid, parts);
            owed.set(key, { aeTitle, report, attempts: 0, createdAt: new Date(), dueAt: Date.now() + untilMs });
            return {
              report,
              ...counts,
              missed: () => store.postpone(aeTitle, transactionUid, 0),
              acknowledged: () => store.delete(aeTitle, transactionUid),
            };
          },
          async abandon() {},
        };
      },
    },
    teller: createReportTeller({ store, tell, log }),
  };
}

function partOf(instances: readonly ReferencedInstance[], kept: Iterable<ReferencedInstance>): ReportPart {
  const classes = new Map<string, Set<string>>();
  for (const { sopClassUid, sopInstanceUid } of kept) {
    classes.set(sopInstanceUid, (classes.get(sopInstanceUid) ?? new Set()).add(sopClassUid));
  }
  const isKept = (one: ReferencedInstance) => classes.get(one.sopInstanceUid)?.has(one.sopClassUid) ?? false;
  return {
    committed: instances.filter(isKept),
    failed: instances
      .filter((one) => !isKept(one))
      .map((one) => ({
        ...one,
        failureReason: classes.has(one.sopInstanceUid)
          ? failureReason.classInstanceConflict
          : failureReason.noSuchObjectInstance,
      })),
  };
}

function reportOf(transactionUid: string, parts: readonly ReportPart[]): Owed['report'] {
  return {
    transactionUid,
    hasFailures: parts.some(({ failed }) => failed.length > 0),
    async *parts() {
      yield* parts;
    },
  };
}

/** Told over this association or not at all: the report that is under way is another's. */
function inUse(transactionUid: string, parts: readonly ReportPart[]) {
  const failed = parts.flatMap((part) =>
    [...part.committed, ...part.failed].map((one) => ({
      ...one,
      failureReason: failureReason.duplicateTransactionUid,
    })),
  );
  const report = reportOf(transactionUid, [{ committed: [], failed }]);
  return { report, committed: 0, failed: failed.length, missed: async () => {}, acknowledged: async () => {} };
}
