import type { BlobStore } from '../blobs/blob-store.ts';
import type { DifferentContentPolicy, Index } from '../index/instance-index.ts';
import type { NewInstance } from '../index/instance-record.ts';
import { equalStreams } from '../kernel/equal-streams.ts';

export interface InsertParts {
  readonly index: Pick<Index, 'insert' | 'instance'>;
  readonly blobs: Pick<BlobStore, 'read'>;
}

/**
 * Puts an instance into the index, not before its blob is durable, if that is still to come. Senders write File Meta Information of their own in front of
 * the same data set; so where the files differ, the data sets are compared before anything is called different.
 * @returns `differs`: it was not stored, as the policy is to reject it
 */
export async function insertInstance(
  instance: NewInstance,
  policy: DifferentContentPolicy,
  parts: InsertParts,
  durable?: Promise<void>,
): Promise<'stored' | 'duplicate' | 'replaced' | 'kept' | 'differs'> {
  const first = await parts.index.insert(instance, 'reject', durable);
  if (first.status === 'inserted') return 'stored';
  if (first.status !== 'differs') return first.status;
  if (await sameDataSet(instance, parts)) return 'duplicate';
  if (policy === 'reject') return 'differs';
  if (policy === 'keep') return 'kept';
  const { status } = await parts.index.insert(instance, 'replace');
  return status === 'inserted' ? 'stored' : status;
}

async function sameDataSet(instance: NewInstance, { index, blobs }: InsertParts): Promise<boolean> {
  const existing = await index.instance(instance);
  if (!existing || existing.transferSyntaxUid !== instance.transferSyntaxUid) return false;
  const length = instance.size - instance.dataSetOffset;
  if (existing.size - existing.dataSetOffset !== length) return false;
  return equalStreams(
    blobs.read(instance.blobKey, { offset: instance.dataSetOffset, length }),
    blobs.read(existing.blobKey, { offset: existing.dataSetOffset, length }),
  );
}
