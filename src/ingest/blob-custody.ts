import type { BlobKey } from '../blobs/blob-store.ts';

/** Which committed blobs of this process no row of the index refers to yet, so that nobody mistakes them for orphans. */
export interface BlobCustody {
  /** The blob is about to be committed. */
  hold(key: BlobKey): void;
  /** The index refers to it, or it is gone. */
  release(key: BlobKey): void;
  /** The index failed without saying whether it refers to the blob. */
  doubt(key: BlobKey): void;
  isHeld(key: BlobKey): boolean;
  /** Takes out those that have been in doubt since before that time. */
  takeDoubtful(before: Date): BlobKey[];
}

/** Beyond this many, orphans have to wait for the sweep over all blobs. */
const maxDoubtful = 100_000;

export function createBlobCustody(now: () => Date): BlobCustody {
  const held = new Set<BlobKey>();
  const doubtful = new Map<BlobKey, Date>();
  return {
    hold: (key) => void held.add(key),
    release: (key) => void held.delete(key),
    doubt(key) {
      held.delete(key);
      if (doubtful.size < maxDoubtful) doubtful.set(key, now());
    },
    isHeld: (key) => held.has(key),
    takeDoubtful(before) {
      const taken: BlobKey[] = [];
      for (const [key, since] of doubtful) {
        if (since >= before) break;
        taken.push(key);
        doubtful.delete(key);
      }
      return taken;
    },
  };
}
