import type { DifferentContentPolicy, Index, InsertResult } from '../../../src/index/instance-index.ts';
import { fetchedDoor, type IndexedInstance, type NewInstance } from '../../../src/index/instance-record.ts';

/** The part of the index that ingest needs, in memory. */
export interface MemoryIndex
  extends Pick<
    Index,
    | 'insert'
    | 'instance'
    | 'instances'
    | 'metadataOf'
    | 'replace'
    | 'putOriginal'
    | 'claim'
    | 'referencedBlobs'
    | 'blobsToDelete'
    | 'blobsDeleted'
  > {
  readonly rows: Map<string, NewInstance>;
  readonly garbage: Set<string>;
}

export function createMemoryIndex(): MemoryIndex {
  const rows = new Map<string, NewInstance>();
  const garbage = new Set<string>();

  function insert(instance: NewInstance, policy: DifferentContentPolicy): InsertResult {
    const row = rows.get(instance.sopInstanceUid);
    const existing = row && { ...row, isFetched: row.source.door === fetchedDoor };
    if (!existing) {
      rows.set(instance.sopInstanceUid, instance);
      return { status: 'inserted' };
    }
    if (existing.sha256.equals(instance.sha256)) return { status: 'duplicate', existing };
    if (policy !== 'replace') return { status: policy === 'keep' ? 'kept' : 'differs', existing };
    rows.set(instance.sopInstanceUid, instance);
    garbage.add(existing.blobKey);
    return { status: 'replaced', existing };
  }

  return {
    rows,
    garbage,
    async insert(instance, policy, durable) {
      await durable;
      return insert(instance, policy);
    },
    instance: async ({ sopInstanceUid }) => {
      const row = rows.get(sopInstanceUid);
      return row && ({ ...row, frames: row.pixelData?.frames ?? 0 } satisfies IndexedInstance);
    },
    // Nothing is ever corrected here.
    async *instances() {},
    metadataOf: async ({ sopInstanceUid }) => rows.get(sopInstanceUid)?.metadata,
    async replace(instance, seenBlobKey) {
      if (rows.get(instance.sopInstanceUid)?.blobKey !== seenBlobKey) return false;
      rows.set(instance.sopInstanceUid, instance);
      garbage.add(seenBlobKey);
      return true;
    },
    putOriginal: async () => false,
    claim: async (targets) =>
      targets.map(({ sopInstanceUid }) => {
        const row = rows.get(sopInstanceUid);
        if (row?.source.door === fetchedDoor) rows.set(sopInstanceUid, { ...row, source: { door: 'dimse' } });
        return row !== undefined;
      }),
    referencedBlobs: async (keys) =>
      new Set([...rows.values()].map(({ blobKey }) => blobKey).filter((key) => keys.includes(key))),
    blobsToDelete: async (limit) => [...garbage].slice(0, limit),
    async blobsDeleted(keys) {
      for (const key of keys) garbage.delete(key);
    },
  };
}
