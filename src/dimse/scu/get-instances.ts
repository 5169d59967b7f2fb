import type { Log } from '../../kernel/log.ts';
import { get } from './get.ts';
import type { GetStep } from './get-steps.ts';
import type { LentAssociation } from './peer-associations.ts';
import type { RetrievalOptions, RetrievalProgress, RetrievalResult } from './retrieval-request.ts';

export interface GetInstancesOptions extends Omit<RetrievalOptions, 'prolong'> {
  /** Opens an association over which instances of these SOP classes can come. @throws CausewayError */
  call(sopClassUids: readonly string[]): Promise<LentAssociation>;
  readonly log: Log;
}

/**
 * C-GET in as many requests as it takes, and what became of all of them together. An instance of a class that has no room
 * in one association fails there and comes over another: it has failed if it comes over none.
 * @throws CausewayError as `call` and `get`; what came before stays
 */
export async function getInstances(
  steps: readonly GetStep[],
  { call, onProgress, signal, log }: GetInstancesOptions,
): Promise<RetrievalResult> {
  const shared = associationsByClasses(call);
  let sum: RetrievalResult = { ...nothing, cancelled: false, failedSopInstanceUids: [] };
  try {
    for (const { target, groups } of steps) {
      let ofStep: RetrievalResult | undefined;
      for (const group of groups.length === 0 ? [[]] : groups) {
        const before = ofStep;
        const { peer } = await shared.over(group);
        const report = (progress: RetrievalProgress) => onProgress?.(added(sum, together(before, progress)));
        const result = await get(peer, target, { onProgress: report, signal }, log);
        ofStep = {
          ...together(before, result),
          cancelled: result.cancelled,
          failedSopInstanceUids: failedBoth(before, result),
        };
        if (ofStep.failed === 0 || result.cancelled) break;
      }
      if (ofStep === undefined) continue;
      const failedSopInstanceUids = [...sum.failedSopInstanceUids, ...ofStep.failedSopInstanceUids];
      sum = { ...added(sum, ofStep), cancelled: ofStep.cancelled, failedSopInstanceUids };
      if (sum.cancelled) break;
    }
    return sum;
  } finally {
    await shared.giveBack();
  }
}

const nothing: RetrievalProgress = { remaining: undefined, completed: 0, failed: 0, warning: 0 };

function added(one: RetrievalProgress, other: RetrievalProgress): RetrievalProgress {
  return {
    remaining: other.remaining,
    completed: one.completed + other.completed,
    failed: one.failed + other.failed,
    warning: one.warning + other.warning,
  };
}

/** Of the same instances: those that came before cannot come again, and fail. */
function together(before: RetrievalProgress | undefined, now: RetrievalProgress): RetrievalProgress {
  if (before === undefined) return now;
  const completed = before.completed + now.completed;
  const warning = before.warning + now.warning;
  const failed = Math.max(0, now.failed - before.completed - before.warning);
  if (now.remaining === undefined) return { remaining: undefined, completed, failed, warning };
  const total = now.completed + now.failed + now.warning + now.remaining;
  return { remaining: Math.max(0, total - completed - failed - warning), completed, failed, warning };
}

function failedBoth(
  before: RetrievalResult | undefined,
  { failedSopInstanceUids }: RetrievalResult,
): readonly string[] {
  if (before === undefined) return failedSopInstanceUids;
  const failedBefore = new Set(before.failedSopInstanceUids);
  return failedSopInstanceUids.filter((uid) => failedBefore.has(uid));
}

/** One association after the other; requests of the same classes that follow each other share theirs. */
function associationsByClasses(call: GetInstancesOptions['call']) {
  let open: { readonly classes: string; readonly association: LentAssociation } | undefined;
  async function giveBack(): Promise<void> {
    const before = open;
    open = undefined;
    await before?.association.giveBack();
  }
  return {
    async over(sopClassUids: readonly string[]): Promise<LentAssociation> {
      const classes = sopClassUids.join();
      if (open?.classes === classes && open.association.isOpen) return open.association;
      await giveBack();
      open = { classes, association: await call(sopClassUids) };
      return open.association;
    },
    giveBack,
  };
}
