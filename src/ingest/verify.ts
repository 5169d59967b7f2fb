import { createHash } from 'node:crypto';
import type { BlobKey, BlobStore } from '../blobs/blob-store.ts';
import type { Index, IndexedBlob } from '../index/instance-index.ts';
import type { Clock } from '../kernel/clock.ts';
import { asCausewayError } from '../kernel/errors.ts';
import { createTaskLane } from '../kernel/task-lane.ts';
import { blobBatches } from './blob-batches.ts';

/** Something that is not as the index says. Messages are for people. */
export type Finding =
  /** Of an instance that the index has: its blob is not there, is not what was stored, or cannot be read. */
  | { readonly kind: 'missing' | 'differs' | 'unreadable'; readonly instance: IndexedBlob; readonly message: string }
  /** A blob that the index does not refer to. */
  | { readonly kind: 'orphan'; readonly blobKey: BlobKey; readonly message: string };

export interface VerifyParts {
  readonly blobs: Pick<BlobStore, 'list' | 'read'>;
  readonly index: Pick<Index, 'allBlobs' | 'referencedBlobs'>;
  readonly clock: Clock;
}

export interface VerifyOptions {
  /** Blobs read at the same time. */
  readonly concurrency: number;
  /** Called after each blob that was hashed, with its bytes. */
  onBlob(size: number): void;
  onFinding(finding: Finding): void;
  readonly signal: AbortSignal;
  /** Younger blobs without a row may be on their way into the index: they are no orphans yet. */
  readonly minOrphanAgeMs?: number;
}

/**
 * Reads every blob that the index refers to and compares its hash, then looks for blobs that it does not refer to.
 * Changes nothing. May run beside servers.
 * @throws CausewayError `unavailable` of index and blob store
 */
export async function verify(parts: VerifyParts, options: VerifyOptions): Promise<void> {
  const { concurrency, onBlob, onFinding, signal } = options;
  const lane = createTaskLane(concurrency);
  for await (const instance of parts.index.allBlobs()) {
    if (signal.aborted) break;
    await lane.start(async () => {
      const finding = await compare(instance, parts);
      onBlob(instance.size);
      if (finding && (await isStillReferredTo(instance, parts))) onFinding(finding);
    });
  }
  await lane.idle();
  await findOrphans(parts, options);
}

async function compare(instance: IndexedBlob, { blobs }: VerifyParts): Promise<Finding | undefined> {
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of blobs.read(instance.blobKey)) {
      size += (chunk as Buffer).length;
      hash.update(chunk as Buffer);
    }
    if (size !== instance.size) {
      return { kind: 'differs', instance, message: `It has ${size} bytes instead of ${instance.size}.` };
    }
    return hash.digest().equals(instance.sha256)
      ? undefined
      : { kind: 'differs', instance, message: 'Its bytes are not those that were stored.' };
  } catch (thrown) {
    const error = asCausewayError(thrown);
    if (error.code === 'unavailable') throw error;
    if (error.code === 'not-found') return { kind: 'missing', instance, message: 'It is not there.' };
    return { kind: 'unreadable', instance, message: `It cannot be read: ${reasonOf(error)}` };
  }
}

/** What was erased or replaced meanwhile is nothing to report; the original of a correction is, as it is kept. */
async function isStillReferredTo({ blobKey }: IndexedBlob, { index }: VerifyParts): Promise<boolean> {
  return (await index.referencedBlobs([blobKey])).has(blobKey);
}

async function findOrphans(parts: VerifyParts, options: VerifyOptions): Promise<void> {
  const { onFinding, signal, minOrphanAgeMs = 600_000 } = options;

  for await (const batch of blobBatches(parts.blobs, () => signal.aborted)) {
    const referenced = await parts.index.referencedBlobs(batch.map(({ key }) => key));
    const oldEnough = parts.clock.now().getTime() - minOrphanAgeMs;
    for (const { key, modifiedAt } of batch) {
      if (referenced.has(key) || modifiedAt.getTime() > oldEnough) continue;
      onFinding({ kind: 'orphan', blobKey: key, message: 'The index does not refer to it.' });
    }
  }
}

function reasonOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message;
}
