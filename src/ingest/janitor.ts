import type { BlobKey, BlobStore } from '../blobs/blob-store.ts';
import type { Index } from '../index/instance-index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createTaskLane } from '../kernel/task-lane.ts';
import { blobBatches } from './blob-batches.ts';
import type { BlobCustody } from './blob-custody.ts';

export interface JanitorParts {
  readonly blobs: BlobStore;
  readonly index: Pick<Index, 'blobsToDelete' | 'blobsDeleted' | 'referencedBlobs'>;
  readonly custody: BlobCustody;
  readonly clock: Clock;
  readonly log: Log;
  /** How old something without an owner must be before it goes. Far longer than any insert into the index may take. */
  readonly graceMs?: number;
  /** Between two rounds that delete what the index says. */
  readonly intervalMs?: number;
  /** Between two sweeps over all blobs. */
  readonly sweepIntervalMs?: number;
}

/** What one round removed. */
interface Cleaning {
  /** Blobs of erased and replaced instances. */
  readonly deleted: number;
  /** Blobs of inserts that this process saw fail, and that the index turned out not to have. */
  readonly orphans: number;
  /** Leftovers of writers that crashed. */
  readonly abandoned: number;
}

export interface Janitor {
  /** Cleans now, then again and again. */
  start(): void;
  /** Deletes what the index says, leftovers, and blobs in doubt. */
  clean(): Promise<Cleaning>;
  /**
   * Counts the blobs that no instance refers to, as a crash between blob and index leaves them. It deletes none: an index
   * that was lost, or came back from an old backup, would make orphans of instances that were acknowledged.
   */
  sweep(): Promise<number>;
  /** Ends after what is being done now. */
  close(): Promise<void>;
}

const batchSize = 500;
/** Looked for together, and deleted at once: what is found to belong to nobody may come to belong to somebody later. */
const doubtfulAtOnce = 100;
/** Those of one folder become durable together. */
const deletesAtOnce = 32;
/** Blobs that cannot be deleted end a round: the store is in trouble. */
const maxStuck = 500;

/**
 * Removes what is known to be waste: blobs that the index lists for deletion, those of inserts that failed in this process,
 * and files without a name. A blob that merely no row refers to is somebody's image until a person says otherwise.
 */
export function createJanitor(parts: JanitorParts): Janitor {
  const { blobs, index, custody, clock, log } = parts;
  const { graceMs = 3_600_000, intervalMs = 60_000, sweepIntervalMs = 86_400_000 } = parts;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> | undefined;
  let closing = false;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const graceEnd = () => new Date(clock.now().getTime() - graceMs);

  /** One that cannot be deleted keeps no other. */
  async function deleteEach(keys: readonly BlobKey[]): Promise<{ gone: BlobKey[]; stuck: BlobKey[] }> {
    const gone: BlobKey[] = [];
    const stuck: BlobKey[] = [];
    const lane = createTaskLane(deletesAtOnce);
    for (const key of keys) {
      await lane.start(async () => {
        try {
          await blobs.delete(key);
          gone.push(key);
        } catch (error) {
          stuck.push(key);
          log.warn('a blob cannot be deleted, to be tried again', { blob: key, error: String(error) });
        }
      });
    }
    await lane.idle();
    return { gone, stuck };
  }

  async function deleteGarbage(): Promise<number> {
    let deleted = 0;
    const passedOver = new Set<BlobKey>();
    while (!closing && passedOver.size < maxStuck) {
      const listed = await index.blobsToDelete(batchSize + passedOver.size);
      const keys = listed.filter((key) => !passedOver.has(key));
      if (keys.length === 0) break;
      const { gone, stuck } = await deleteEach(keys);
      for (const key of stuck) passedOver.add(key);
      await index.blobsDeleted(gone);
      deleted += gone.length;
    }
    return deleted;
  }

  async function unreferenced(keys: readonly BlobKey[]): Promise<BlobKey[]> {
    const candidates = keys.filter((key) => !custody.isHeld(key));
    if (candidates.length === 0) return [];
    const referenced = await index.referencedBlobs(candidates);
    return candidates.filter((key) => !referenced.has(key) && !custody.isHeld(key));
  }

  async function deleteDoubtful(): Promise<number> {
    const keys = custody.takeDoubtful(graceEnd());
    let deleted = 0;
    for (let start = 0; start < keys.length; start += doubtfulAtOnce) {
      try {
        const { gone, stuck } = await deleteEach(await unreferenced(keys.slice(start, start + doubtfulAtOnce)));
        for (const key of stuck) custody.doubt(key);
        deleted += gone.length;
      } catch (error) {
        for (const key of keys.slice(start)) custody.doubt(key);
        throw error;
      }
    }
    return deleted;
  }

  async function clean(): Promise<Cleaning> {
    return {
      deleted: await deleteGarbage(),
      orphans: await deleteDoubtful(),
      abandoned: await blobs.removeAbandoned(graceEnd()),
    };
  }

  async function sweep(): Promise<number> {
    const before = graceEnd();
    let orphans = 0;
    for await (const batch of blobBatches(blobs, () => closing)) {
      const candidates = batch.filter(({ modifiedAt }) => modifiedAt < before).map(({ key }) => key);
      orphans += (await unreferenced(candidates)).length;
    }
    if (!closing) await blobs.removeEmptyFolders(before);
    return orphans;
  }

  async function work(): Promise<void> {
    try {
      const { deleted, orphans, abandoned } = await clean();
      const sweepDue = clock.now().getTime() - sweptAt >= sweepIntervalMs;
      const swept = sweepDue && !closing ? await sweep() : 0;
      if (sweepDue) sweptAt = clock.now().getTime();
      if (deleted + orphans + abandoned > 0) log.info('cleaned', { deleted, orphans, abandoned });
      if (swept > 0) log.warn('files that the index does not know: causeway reindex brings them in', { files: swept });
    } catch (error) {
      if (!closing) log.warn('cleaning failed, to be tried again', { error: String(error) });
    }
  }

  function round(): void {
    working = work().then(() => {
      if (closing) return;
      timer = setTimeout(round, intervalMs);
      timer.unref();
    });
  }

  return {
    start: round,
    clean,
    sweep,
    async close() {
      closing = true;
      clearTimeout(timer);
      await working;
    },
  };
}
