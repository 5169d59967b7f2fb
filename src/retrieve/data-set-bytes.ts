import { pipeline, type Readable, Transform } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Where the bytes of an instance lie and whether they have to be inflated. */
export type StoredBytes = Pick<IndexedInstance, 'blobKey' | 'size' | 'dataSetOffset' | 'deflated'>;

/** Reads parts of an instance by the offsets that the scanner found, which count in the inflated data set if it is deflated. */
export interface DataSetBytes {
  /** @throws CausewayError `stored-file-damaged`, `not-found` (erased just now), `truncated` */
  read(instance: StoredBytes, offset: number, length: number): Promise<Buffer>;
  /** The stream fails as `read` does. */
  stream(instance: StoredBytes, offset: number, length: number): Readable;
}

export function createDataSetBytes(blobs: Pick<BlobStore, 'read' | 'readRange'>): DataSetBytes {
  function inflated(instance: StoredBytes, offset: number, length: number): Readable {
    const { blobKey, dataSetOffset, size } = instance;
    const deflated = blobs.read(blobKey, { offset: dataSetOffset, length: size - dataSetOffset });
    const inflate = createInflateRaw();
    const part = createCut(offset, length);
    // Once the part is complete the rest need not be inflated: the cut ends the pipeline.
    pipeline(deflated, inflate, part, () => {});
    return part;
  }

  return {
    async read(instance, offset, length) {
      if (length === 0) return Buffer.alloc(0);
      if (!instance.deflated) return blobs.readRange(instance.blobKey, offset, length);
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      for await (const chunk of inflated(instance, offset, length) as AsyncIterable<Buffer>) {
        bytes.set(chunk, filled);
        filled += chunk.length;
      }
      return bytes;
    },
    stream(instance, offset, length) {
      if (!instance.deflated) return blobs.read(instance.blobKey, { offset, length });
      return inflated(instance, offset, length);
    },
  };
}

/** A deflated data set as it inflates. @throws CausewayError `truncated` */
export async function* inflatedDataSet(
  blobs: Pick<BlobStore, 'read'>,
  { blobKey, size, dataSetOffset }: StoredBytes,
): AsyncGenerator<Uint8Array, void, void> {
  const deflated = blobs.read(blobKey, { offset: dataSetOffset, length: size - dataSetOffset });
  const inflate = createInflateRaw();
  pipeline(deflated, inflate, () => {});
  try {
    yield* inflate as AsyncIterable<Buffer>;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_'))) throw cause;
    throw new CausewayError('truncated', 'The deflated data set cannot be inflated to its end.', { cause });
  }
}

/** Passes on `length` bytes from `offset` on, and then ends without reading on. */
function createCut(offset: number, length: number): Transform {
  let skip = offset;
  let left = length;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const from = Math.min(skip, chunk.length);
      skip -= from;
      const piece = chunk.subarray(from, from + left);
      left -= piece.length;
      if (piece.length > 0) this.push(piece);
      if (left === 0) this.push(null);
      callback();
    },
    flush(callback) {
      callback(
        left === 0 ? null : new CausewayError('truncated', 'The deflated data set ends before what was to be read.'),
      );
    },
  });
}
