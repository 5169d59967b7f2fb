import type { BlobKey, BlobStore } from '../blobs/blob-store.ts';
import type { Index } from '../index/instance-index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
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
  /** Blobs that no instance refers to. */
  readonly orphans: number;
  /** Leftovers of writers that crashed. */
  readonly abandoned: number;
}

export interface Janitor {
  /** Cleans now, then again and again. */
  start(): void;
  /** Deletes what the index says, leftovers, and blobs in doubt. */
  clean(): Promise<Cleaning>;
  /** Looks for orphans among all blobs, as a crash between blob and index leaves them. */
  sweep(): Promise<number>;
  /** Ends after what is being done now. */
  close(): Promise<void>;
}

const batchSize = 500;

/** Removes what crashes left behind. It never touches a blob that an instance refers to or is about to. */
export function createJanitor(parts: JanitorParts): Janitor {
  const { blobs, index, custody, clock, log } = parts;
  const { graceMs = 3_600_000, intervalMs = 60_000, sweepIntervalMs = 86_400_000 } = parts;
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> | undefined;
  let closing = false;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const graceEnd = () => new Date(clock.now().getTime() - graceMs);

  async function deleteGarbage(): Promise<number> {
    let deleted = 0;
    while (!closing) {
      const keys = await index.blobsToDelete(batchSize);
      if (keys.length === 0) break;
      for (const key of keys) await blobs.delete(key);
      await index.blobsDeleted(keys);
      deleted += keys.length;
    }
    return deleted;
  }

  async function deleteUnreferenced(keys: readonly BlobKey[]): Promise<number> {
    const candidates = keys.filter((key) => !custody.isHeld(key));
    if (candidates.length === 0) return 0;
    const referenced = await index.referencedBlobs(candidates);
    const orphans = candidates.filter((key) => !referenced.has(key) && !custody.isHeld(key));
    for (const key of orphans) await blobs.delete(key);
    return orphans.length;
  }

  async function deleteDoubtful(): Promise<number> {
    const keys = custody.takeDoubtful(graceEnd());
    try {
      return await deleteUnreferenced(keys);
    } catch (error) {
      for (const key of keys) custody.doubt(key);
      throw error;
    }
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
    let candidates: BlobKey[] = [];
    for await (const { key, modifiedAt } of blobs.list()) {
      if (closing) return orphans;
      if (modifiedAt < before) candidates.push(key);
      if (candidates.length < batchSize) continue;
      orphans += await deleteUnreferenced(candidates);
      candidates = [];
    }
    orphans += await deleteUnreferenced(candidates);
    await blobs.removeEmptyFolders(before);
    return orphans;
  }

  async function work(): Promise<void> {
    try {
      const { deleted, orphans, abandoned } = await clean();
      const sweepDue = clock.now().getTime() - sweptAt >= sweepIntervalMs;
      const swept = sweepDue && !closing ? await sweep() : 0;
      if (sweepDue) sweptAt = clock.now().getTime();
      if (deleted + orphans + abandoned + swept > 0)
        log.info('cleaned', { deleted, orphans: orphans + swept, abandoned });
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
