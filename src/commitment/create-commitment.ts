import { randomUUID } from 'node:crypto';
import { failureReason, type LongCommitmentReport, type ReferencedInstance } from '../dicom/commitment-data-set.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { textValues } from '../dicom/match-values.ts';
import type { CommitmentStore, ReportPart } from '../index/commitment-store.ts';
import type { Index, InstanceTarget } from '../index/instance-index.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createTaskLane } from '../kernel/task-lane.ts';
import type { Search } from '../search/search.ts';
import type { Commitment, CommitmentInProgress, PendingReport } from './commitment.ts';

export interface CommitmentParts {
  readonly search: Pick<Search, 'findAll'>;
  readonly index: Pick<Index, 'claim' | 'blobsOf'>;
  /** Bytes of a stored file; undefined if it is not there. */
  readonly sizeOf: (blobKey: string) => Promise<number | undefined>;
  readonly store: Pick<CommitmentStore, 'addPart' | 'add' | 'delete' | 'postpone' | 'parts' | 'abandon'>;
  readonly log: Pick<Log, 'error'>;
}

/** Looked for together. */
const batchInstances = 500;
/** Files that are looked at, at the same time. */
const looksAtOnce = 32;
/** Kept together: a report of no more is one row. */
const partInstances = 2_000;

/** What is there of the instances that were asked for, by their UIDs. */
interface Holdings {
  /** SOP classes of those whose file is there. */
  readonly whole: ReadonlyMap<string, ReadonlySet<string>>;
  /** Those whose file is not, or not all of it. */
  readonly damaged: ReadonlySet<string>;
}

/**
 * What the index has was durable, and was answered only then: it is committed, if its file is there and as long as it was.
 * Whoever asks deletes his own then, so a file that was lost meanwhile is not vouched for. What was only fetched from a peer stays from
 * then on, as somebody relies on it.
 */
export function createCommitment({ search, index, sizeOf, store, log }: CommitmentParts): Commitment {
  async function partOf(instances: readonly ReferencedInstance[]): Promise<ReportPart> {
    const committed: ReferencedInstance[] = [];
    const failed: ReportPart['failed'][number][] = [];
    for (let start = 0; start < instances.length; start += batchInstances) {
      const batch = instances.slice(start, start + batchInstances);
      const { whole, damaged } = await holdingsOf(batch);
      for (const one of batch) {
        const sopClasses = whole.get(one.sopInstanceUid);
        if (sopClasses?.has(one.sopClassUid)) committed.push(one);
        else if (sopClasses !== undefined) failed.push({ ...one, failureReason: failureReason.classInstanceConflict });
        else if (damaged.has(one.sopInstanceUid))
          failed.push({ ...one, failureReason: failureReason.processingFailure });
        else failed.push({ ...one, failureReason: failureReason.noSuchObjectInstance });
      }
    }
    return { committed, failed };
  }

  async function holdingsOf(instances: readonly ReferencedInstance[]): Promise<Holdings> {
    const whole = new Map<string, Set<string>>();
    const damaged = new Set<string>();
    const values = [...new Set(instances.map(({ sopInstanceUid }) => sopInstanceUid))];
    const conditions = [{ kind: 'uid-list', path: ['00080018'], values }] as const;
    for await (const { matches } of search.findAll({ level: 'instance', conditions, include: [] })) {
      const targets = matches.map(targetOf);
      const stay = await index.claim(targets);
      const isWhole = await areWhole(targets);
      for (const [at, match] of matches.entries()) {
        if (!stay[at]) continue;
        const [uid = ''] = textValues(match['00080018']);
        const [sopClass = ''] = textValues(match['00080016']);
        if (isWhole[at]) whole.set(uid, (whole.get(uid) ?? new Set()).add(sopClass));
        else damaged.add(uid);
      }
    }
    if (damaged.size > 0) {
      const [sopInstanceUid] = damaged;
      log.error('Stored files are lost or cut short, and not committed to: causeway verify names all of them.', {
        count: damaged.size,
        sopInstanceUid,
      });
    }
    return { whole, damaged };
  }

  /** Whether the files are there, and as long as they were. */
  async function areWhole(targets: readonly InstanceTarget[]): Promise<boolean[]> {
    const lane = createTaskLane(looksAtOnce);
    const found: boolean[] = [];
    for (const [at, blob] of (await index.blobsOf(targets)).entries()) {
      await lane.start(async () => {
        found[at] = blob !== undefined && (await sizeOf(blob.blobKey)) === blob.size;
      });
    }
    await lane.idle();
    return found;
  }

  function begin(aeTitle: string): CommitmentInProgress {
    const requestId = randomUUID();
    /** The newest part, which goes with the report. */
    let last: ReportPart = { committed: [], failed: [] };
    let parts = 0;
    let committed = 0;
    let failed = 0;
    let isAbandoned = false;
    /** What is being taken or finished. Never rejects. */
    let ongoing: Promise<unknown> = Promise.resolve();

    function inTurn<T>(work: () => Promise<T>): Promise<T> {
      const done = ongoing.then(() => {
        if (isAbandoned) throw new CausewayError('aborted', 'The storage commitment request was abandoned.');
        return work();
      });
      ongoing = done.catch(() => {});
      return done;
    }

    async function take(instances: readonly ReferencedInstance[]): Promise<void> {
      for (let start = 0; start < instances.length; start += partInstances) {
        const part = await partOf(instances.slice(start, start + partInstances));
        if (last.committed.length + last.failed.length + part.committed.length + part.failed.length <= partInstances) {
          last = { committed: [...last.committed, ...part.committed], failed: [...last.failed, ...part.failed] };
        } else {
          // Counted before: it may be there even if the answer says that it is not.
          parts += 1;
          await store.addPart(requestId, parts - 1, last);
          last = part;
        }
        committed += part.committed.length;
        failed += part.failed.length;
      }
    }

    async function* stored(): AsyncGenerator<ReportPart, void, void> {
      yield* store.parts(requestId, parts);
      yield last;
    }

    async function finish(transactionUid: string, untilMs: number): Promise<PendingReport> {
      const report = { transactionUid, ...last };
      const all = () => stored();
      const earlier = { parts, hasFailures: failed > last.failed.length };
      if (await store.add(requestId, aeTitle, report, untilMs, earlier)) {
        return {
          report: { transactionUid, hasFailures: failed > 0, parts: all },
          committed,
          failed,
          missed: () => store.postpone(aeTitle, transactionUid, 0),
          acknowledged: () => store.delete(aeTitle, transactionUid),
        };
      }
      // Told over this association or not at all: the report that is under way is another's.
      return {
        report: refused(transactionUid, all),
        committed: 0,
        failed: committed + failed,
        missed: abandon,
        acknowledged: abandon,
      };
    }

    async function abandon(): Promise<void> {
      isAbandoned = true;
      await ongoing;
      if (parts > 0) await store.abandon(requestId);
    }

    return {
      take: (instances) => inTurn(() => take(instances)),
      finish: (transactionUid, untilMs) => inTurn(() => finish(transactionUid, untilMs)),
      abandon,
    };
  }

  return { begin };
}

/** All of them failed, as the Transaction UID is in use. */
function refused(transactionUid: string, parts: () => AsyncIterable<ReportPart>): LongCommitmentReport {
  return {
    transactionUid,
    hasFailures: true,
    async *parts() {
      for await (const { committed, failed } of parts()) {
        const all = [...committed, ...failed];
        yield {
          committed: [],
          failed: all.map((one) => ({ ...one, failureReason: failureReason.duplicateTransactionUid })),
        };
      }
    },
  };
}

function targetOf(match: DicomJson): InstanceTarget {
  const [studyInstanceUid = ''] = textValues(match['0020000D']);
  const [seriesInstanceUid = ''] = textValues(match['0020000E']);
  const [sopInstanceUid = ''] = textValues(match['00080018']);
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}
