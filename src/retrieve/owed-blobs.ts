import { Readable } from 'node:stream';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Index } from '../index/instance-index.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';

type BlobReads = Pick<BlobStore, 'read' | 'readRange'>;

/**
 * Reads blobs that the index promised. One that is not there, or is shorter than was stored, is no fault of whoever
 * asks: it fails with `stored-file-damaged`, which the log tells as something to act on; unless its instance was erased
 * in the meantime.
 */
export function createOwedBlobs(blobs: BlobReads, index: Pick<Index, 'referencedBlobs'>): BlobReads {
  async function reasonOf(key: string, thrown: unknown): Promise<unknown> {
    const { code } = asCausewayError(thrown);
    if (code !== 'not-found' && code !== 'truncated') return thrown;
    if (!(await index.referencedBlobs([key])).has(key)) return thrown;
    const what = code === 'not-found' ? 'lost' : 'damaged';
    return new CausewayError(
      'stored-file-damaged',
      `The stored file of this instance is ${what}. Sending the instance again repairs it.`,
      { cause: thrown },
    );
  }

  async function* read(key: string, source: Readable): AsyncGenerator<Buffer, void, void> {
    try {
      yield* source as AsyncIterable<Buffer>;
    } catch (thrown) {
      throw await reasonOf(key, thrown);
    }
  }

  return {
    read(key, range) {
      const source = blobs.read(key, range);
      const stream = Readable.from(read(key, source), { objectMode: false });
      // A generator that was never started closes nothing.
      stream.on('close', () => source.destroy());
      // Whoever reads learns of a failure; where nobody does, it must not end the process.
      return stream.on('error', () => {});
    },
    async readRange(key, offset, length) {
      try {
        return await blobs.readRange(key, offset, length);
      } catch (thrown) {
        throw await reasonOf(key, thrown);
      }
    },
  };
}
