import {
  type CommitmentReport,
  type CommitmentRequest,
  failureReason,
  type ReferencedInstance,
} from '../dicom/commitment-data-set.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { textValues } from '../dicom/match-values.ts';
import type { CommitmentStore } from '../index/commitment-store.ts';
import type { Index, InstanceTarget } from '../index/instance-index.ts';
import type { Search } from '../search/search.ts';
import type { Commitment } from './commitment.ts';

export interface CommitmentParts {
  readonly search: Pick<Search, 'findAll'>;
  readonly index: Pick<Index, 'claim'>;
  readonly store: Pick<CommitmentStore, 'add' | 'delete' | 'postpone'>;
}

const batchInstances = 500;

/**
 * What the index has is durable, and was answered only then: it is committed. What was only fetched from a peer stays from
 * then on, as somebody relies on it.
 */
export function createCommitment({ search, index, store }: CommitmentParts): Commitment {
  async function reportOn({ transactionUid, instances }: CommitmentRequest): Promise<CommitmentReport> {
    const committed: ReferencedInstance[] = [];
    const failed: (ReferencedInstance & { failureReason: number })[] = [];
    for (let start = 0; start < instances.length; start += batchInstances) {
      const batch = instances.slice(start, start + batchInstances);
      const stored = await sopClassesOf(batch);
      for (const one of batch) {
        const sopClasses = stored.get(one.sopInstanceUid);
        if (sopClasses?.has(one.sopClassUid)) committed.push(one);
        else {
          const reason =
            sopClasses === undefined ? failureReason.noSuchObjectInstance : failureReason.classInstanceConflict;
          failed.push({ ...one, failureReason: reason });
        }
      }
    }
    return { transactionUid, committed, failed };
  }

  async function sopClassesOf(instances: readonly ReferencedInstance[]): Promise<Map<string, Set<string>>> {
    const found = new Map<string, Set<string>>();
    const values = [...new Set(instances.map(({ sopInstanceUid }) => sopInstanceUid))];
    const conditions = [{ kind: 'uid-list', path: ['00080018'], values }] as const;
    for await (const { matches } of search.findAll({ level: 'instance', conditions, include: [] })) {
      const stay = await index.claim(matches.map(targetOf));
      for (const [at, match] of matches.entries()) {
        if (!stay[at]) continue;
        const [uid = ''] = textValues(match['00080018']);
        const [sopClass = ''] = textValues(match['00080016']);
        found.set(uid, (found.get(uid) ?? new Set()).add(sopClass));
      }
    }
    return found;
  }

  return {
    async request(aeTitle, request, untilMs) {
      const report = await reportOn(request);
      if (await store.add(aeTitle, report, untilMs)) return report;
      const { transactionUid, instances } = request;
      const reason = failureReason.duplicateTransactionUid;
      return { transactionUid, committed: [], failed: instances.map((one) => ({ ...one, failureReason: reason })) };
    },
    missed: (aeTitle, transactionUid) => store.postpone(aeTitle, transactionUid, 0),
    acknowledged: (aeTitle, transactionUid) => store.delete(aeTitle, transactionUid),
  };
}

function targetOf(match: DicomJson): InstanceTarget {
  const [studyInstanceUid = ''] = textValues(match['0020000D']);
  const [seriesInstanceUid = ''] = textValues(match['0020000E']);
  const [sopInstanceUid = ''] = textValues(match['00080018']);
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}
