import type { BlobKey, BlobStore, StoredBlob } from '../blobs/blob-store.ts';
import { correctionsIn } from '../dicom/corrections.ts';
import type { Index } from '../index/instance-index.ts';
import type { NewInstance } from '../index/instance-record.ts';
import type { Clock } from '../kernel/clock.ts';
import { asCausewayError } from '../kernel/errors.ts';
import { createTaskLane } from '../kernel/task-lane.ts';
import { blobBatches } from './blob-batches.ts';
import { insertInstance } from './insert-instance.ts';
import { readStoredInstance, type StoredInstanceParts } from './read-stored-instance.ts';

/** What became of one blob. */
export type ReindexOutcome =
  /** The index refers to it now, and did not before. */
  | { readonly status: 'indexed' }
  /** The index refers to it already. */
  | { readonly status: 'known' }
  /** It is about to be deleted, or its instance was erased after it was stored; it must not come back. */
  | { readonly status: 'erased' }
  /**
   * Its instance was erased, and the blob is younger: stored again, or an old file that a restored backup or a copy gave a
   * new time. Only people know, so it stays out unless they say so.
   */
  | { readonly status: 'stored-again' }
  /** The index refers to another blob with the same data set. */
  | { readonly status: 'duplicate' }
  /** It was written just now and may be on its way into the index. */
  | { readonly status: 'young' }
  /** The index cannot refer to it. The message is for people. */
  | { readonly status: 'refused'; readonly message: string };

export interface ReindexParts extends StoredInstanceParts {
  readonly blobs: Pick<BlobStore, 'list' | 'read'>;
  readonly index: Pick<
    Index,
    | 'insert'
    | 'instance'
    | 'instances'
    | 'metadataOf'
    | 'known'
    | 'referencedBlobs'
    | 'listedForDeletion'
    | 'replace'
    | 'putOriginal'
    | 'claim'
  >;
  readonly clock: Clock;
}

export interface ReindexOptions {
  /** Blobs read at the same time. */
  readonly concurrency: number;
  onBlob(key: BlobKey, outcome: ReindexOutcome): void;
  readonly signal: AbortSignal;
  /** Younger blobs are left to whoever is storing them. */
  readonly minAgeMs?: number;
  /** Whether blobs that are younger than the erasure of their instance are put into the index, too. */
  readonly storedAgain?: boolean;
}

/**
 * Puts every blob into the index that the index does not refer to. Safe beside running servers: it takes nothing out,
 * and it leaves alone what is being stored.
 * @throws CausewayError `unavailable` and the like of index and blob store; troubles of single blobs are outcomes
 */
export async function reindex(parts: ReindexParts, options: ReindexOptions): Promise<void> {
  const { concurrency, onBlob, signal, minAgeMs = 600_000, storedAgain = false } = options;
  const lane = createTaskLane(concurrency);

  async function readMissing(batch: readonly StoredBlob[]): Promise<void> {
    const keys = batch.map(({ key }) => key);
    const referenced = await parts.index.referencedBlobs(keys);
    // Asked afterwards: what is replaced in between is on the list by now.
    const listed = await parts.index.listedForDeletion(keys);
    const oldEnough = parts.clock.now().getTime() - minAgeMs;
    for (const blob of batch) {
      const { key, modifiedAt } = blob;
      if (signal.aborted) return;
      if (referenced.has(key)) onBlob(key, { status: 'known' });
      else if (listed.has(key)) onBlob(key, { status: 'erased' });
      else if (modifiedAt.getTime() > oldEnough) onBlob(key, { status: 'young' });
      else await lane.start(async () => onBlob(key, await indexBlob(blob, parts, storedAgain)));
    }
  }

  for await (const batch of blobBatches(parts.blobs, () => signal.aborted)) await readMissing(batch);
  await lane.idle();
}

async function indexBlob(
  { key, modifiedAt }: StoredBlob,
  parts: ReindexParts,
  storedAgain: boolean,
): Promise<ReindexOutcome> {
  try {
    const instance = await readStoredInstance(key, parts);
    const knowledge = await parts.index.known(instance);
    if (knowledge.state === 'erased') {
      if (modifiedAt <= knowledge.at) return { status: 'erased' };
      if (!storedAgain) return { status: 'stored-again' };
    }
    const status = await insertInstance(instance, 'reject', parts);
    if (status === 'stored') return { status: 'indexed' };
    if (status === 'duplicate') return { status: 'duplicate' };
    if (await isOtherVersion(instance, parts)) return { status: 'indexed' };
    return {
      status: 'refused',
      message: 'The index refers to another blob for the same instance, with other content.',
    };
  } catch (thrown) {
    const error = asCausewayError(thrown);
    if (error.code === 'unavailable' || error.code === 'storage-full') throw error;
    return { status: 'refused', message: error.message };
  }
}

/**
 * Corrections are new versions beside what came: whichever is read first, the one that was corrected most often is what
 * the instance is, and the one that never was is its original, if none is kept: what was ever kept for that is not doubted.
 * @returns false if the one is no correction of the other
 */
async function isOtherVersion(instance: NewInstance, parts: ReindexParts): Promise<boolean> {
  const existing = await parts.index.instance(instance);
  if (existing === undefined) return false;
  const other = await readStoredInstance(existing.blobKey, parts);
  const [corrections, ofOther] = [correctionsIn(instance.attributes), correctionsIn(other.attributes)];
  if (corrections > ofOther) return parts.index.replace(instance, existing.blobKey, 'keep');
  if (corrections === ofOther || corrections > 0) return false;
  return parts.index.putOriginal(instance, existing.blobKey);
}
