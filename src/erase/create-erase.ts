import type { BlobStore } from '../blobs/blob-store.ts';
import type { Index } from '../index/instance-index.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createTaskLane } from '../kernel/task-lane.ts';
import type { Erase } from './erase.ts';

export interface EraseParts {
  readonly index: Pick<Index, 'erase' | 'eraseFetched' | 'known' | 'blobsDeleted'>;
  readonly blobs: Pick<BlobStore, 'delete'>;
  /** Drops what is kept in memory of these blobs. */
  readonly forget: (blobKeys: readonly string[]) => void;
  /** Told of what is gone, once nobody can find it any more. */
  readonly erased?: (target: Parameters<Erase['erase']>[0]) => void;
  readonly log: Log;
}

/** Those of one folder become durable together. */
const deletesAtOnce = 32;

/**
 * Erases in an order that a crash cannot spoil: once the transaction of the index is through, nothing of the target can
 * be found, and the index itself says which blobs have to go. What is left of them the janitor deletes.
 */
export function createErase({ index, blobs, forget, erased = () => {}, log }: EraseParts): Erase {
  async function deleteBlobs(blobKeys: readonly string[]): Promise<void> {
    const lane = createTaskLane(deletesAtOnce);
    for (const key of blobKeys) await lane.start(() => blobs.delete(key));
    await lane.idle();
    if (blobKeys.length > 0) await index.blobsDeleted(blobKeys);
  }

  async function takeAway(blobKeys: readonly string[]): Promise<void> {
    forget(blobKeys);
    await deleteBlobs(blobKeys).catch((error: unknown) => {
      log.warn('blobs of erased instances are left to the janitor', { count: blobKeys.length, error: String(error) });
    });
  }

  return {
    async erase(target, version) {
      const { instances, blobKeys } = await index.erase(target, version);
      if (instances === 0) throw await nothingErased(index, target);
      erased(target);
      await takeAway(blobKeys);
      return instances;
    },
    async eraseFetched(studyInstanceUid, unaskedForMs) {
      const { instances, blobKeys } = await index.eraseFetched(studyInstanceUid, unaskedForMs);
      if (instances > 0) {
        erased({ studyInstanceUid });
        await takeAway(blobKeys);
      }
      return instances;
    },
  };
}

async function nothingErased(index: Pick<Index, 'known'>, target: Parameters<Erase['erase']>[0]) {
  const knowledge = await index.known(target);
  if (knowledge.state === 'erased') return new CausewayError('gone', 'This was deleted before.');
  const level = knowledge.state === 'unknown' ? knowledge.level : 'instance';
  return new CausewayError('not-found', `There is no such ${level}.`, { details: { level } });
}
