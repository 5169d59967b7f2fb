import { isPreparedBlobKey } from '../blobs/blob-keys.ts';
import type { BlobStore, StoredBlob } from '../blobs/blob-store.ts';

/** Blobs about which the index is asked at once. */
const batchSize = 500;

/**
 * The blobs of instances; what publishers have prepared is passed over.
 * @param isOver asked before each: the batch that is begun is not told of any more
 */
export async function* blobBatches(
  blobs: Pick<BlobStore, 'list'>,
  isOver: () => boolean,
): AsyncGenerator<readonly StoredBlob[], void, void> {
  let batch: StoredBlob[] = [];
  for await (const blob of blobs.list()) {
    if (isOver()) return;
    if (isPreparedBlobKey(blob.key) || batch.push(blob) < batchSize) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
