import { randomUUID } from 'node:crypto';
import { close, open, read, write } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/** Where files without a name lie. */
export interface SpoolFolder {
  /** Made if it is not there. */
  readonly path: string;
  /** Asked before each piece that is written: rejects if the disk has no room for it. */
  readonly check?: () => Promise<void>;
}

/**
 * Writes content to a file without a name: it is gone as soon as its descriptor is closed, and with the process.
 * @returns the descriptor, which is the caller's to close
 * @throws what the content throws, and what the folder and the file system say; nothing is left then
 */
export async function spoolToDisk(content: AsyncIterable<Uint8Array>, folder: SpoolFolder): Promise<number> {
  const descriptor = await openNameless(folder);
  try {
    for await (const chunk of content) {
      await folder.check?.();
      for (let at = 0; at < chunk.length; ) at += (await writeFile(descriptor, chunk, at)).bytesWritten;
    }
  } catch (thrown) {
    await closeFile(descriptor);
    throw thrown;
  }
  return descriptor;
}

/** Closes a descriptor of `spoolToDisk` that nobody else took over. */
export function closeSpool(descriptor: number): Promise<void> {
  return closeFile(descriptor);
}

/** Content that lies on disk, in a file without a name, while it is needed. */
export interface Spool {
  /** Bytes that it has. */
  readonly size: number;
  /** Rejects as the folder and the file system say; what the spool had before is still there. */
  append(chunk: Uint8Array): Promise<void>;
  /** Pieces in memory of their own. @throws RangeError if there are not so many bytes */
  read(offset: number, length: number): AsyncGenerator<Uint8Array, void, void>;
  /** Nothing is left of it then. */
  close(): Promise<void>;
}

const readBytes = 262_144;
const readFile = promisify(read);

export async function openSpool(folder: SpoolFolder): Promise<Spool> {
  const descriptor = await openNameless(folder);
  let size = 0;
  return {
    get size() {
      return size;
    },
    async append(chunk) {
      await folder.check?.();
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await writeFile(descriptor, chunk, at, chunk.length - at, size);
        at += bytesWritten;
        size += bytesWritten;
      }
    },
    async *read(offset, length) {
      if (offset + length > size) throw new RangeError(`There are ${size} bytes.`);
      for (let at = 0; at < length; ) {
        const wanted = Math.min(readBytes, length - at);
        const { bytesRead, buffer } = await readFile(descriptor, Buffer.allocUnsafe(wanted), 0, wanted, offset + at);
        if (bytesRead === 0) throw new RangeError('The file is shorter than what was written to it.');
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
      }
    },
    close: () => closeFile(descriptor),
  };
}

/** A file that is gone with its descriptor, and with the process. */
async function openNameless(folder: SpoolFolder): Promise<number> {
  await mkdir(folder.path, { recursive: true });
  const path = join(folder.path, randomUUID());
  const descriptor = await openFile(path, 'wx+', 0o600);
  try {
    await unlink(path);
  } catch (thrown) {
    await closeFile(descriptor);
    throw thrown;
  }
  return descriptor;
}
