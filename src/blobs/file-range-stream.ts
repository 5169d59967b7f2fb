import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { errnoOf } from '../kernel/errors.ts';
import { blobNotFound, truncatedBlob } from './blob-errors.ts';
import { survivingItsReader } from './surviving-its-reader.ts';

const readBytes = 262_144;

/**
 * Reads a part of a file, or all of it.
 * @param range bytes; a file that ends within it fails the stream with `truncated`
 * @returns a stream that fails with CausewayError `not-found` if there is no such file
 */
export function createFileRangeStream(path: string, range?: { offset: number; length: number }): Readable {
  let handle: FileHandle | undefined;
  let position = range?.offset ?? 0;
  const end = range ? range.offset + range.length : Number.POSITIVE_INFINITY;

  const stream = new Readable({
    highWaterMark: readBytes,
    construct(callback) {
      open(path, 'r').then(
        (opened) => {
          handle = opened;
          callback();
        },
        (error: unknown) => callback(asBlobError(error)),
      );
    },
    read() {
      const length = Math.min(readBytes, end - position);
      if (length === 0) {
        this.push(null);
        return;
      }
      handle!.read(Buffer.allocUnsafeSlow(length), 0, length, position).then(
        ({ bytesRead, buffer }) => {
          position += bytesRead;
          if (bytesRead > 0) this.push(bytesRead === length ? buffer : buffer.subarray(0, bytesRead));
          else if (range) this.destroy(truncatedBlob(position));
          else this.push(null);
        },
        (error: unknown) => this.destroy(asBlobError(error)),
      );
    },
    destroy(error, callback) {
      if (!handle) return callback(error);
      handle.close().then(
        () => callback(error),
        (failure: Error) => callback(error ?? failure),
      );
    },
  });
  return survivingItsReader(stream);
}

/** @throws CausewayError `not-found`, `truncated` */
export async function readFileRange(path: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw asBlobError(error);
  });
  try {
    const buffer = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) throw truncatedBlob(offset + filled);
      filled += bytesRead;
    }
    return buffer;
  } finally {
    await handle.close();
  }
}

function asBlobError(error: unknown): Error {
  if (errnoOf(error) === 'ENOENT') return blobNotFound(error);
  return error instanceof Error ? error : new Error('Reading a stored file failed.', { cause: error });
}
