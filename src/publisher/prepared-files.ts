import { createHash } from 'node:crypto';
import type { BlobStore } from '../blobs/blob-store.ts';

/** Writes a file that is to be sent; it is durable when this resolves. @returns its size in bytes, and its hash, hexadecimal */
export async function writePrepared(
  blobs: Pick<BlobStore, 'create'>,
  key: string,
  content: AsyncIterable<Uint8Array>,
): Promise<{ size: number; sha256: string }> {
  const writer = blobs.create();
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      await writer.write(chunk);
    }
    await writer.commit(key);
  } catch (thrown) {
    // What cannot be taken away is no reason of its own.
    await writer.discard().catch(() => {});
    throw thrown;
  }
  return { size, sha256: hash.digest('hex') };
}
