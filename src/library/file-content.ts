import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { CausewayError } from '../kernel/errors.ts';
import type { DicomFile } from './read-attributes.ts';

/** A file as its parts can be read. */
export interface FileContent {
  /** Bytes. */
  size(): Promise<number>;
  /** All of it, or a part of it. */
  read(range?: { readonly offset: number; readonly length: number }): Readable;
  /** Exactly so many bytes. @throws CausewayError `truncated` */
  readRange(offset: number, length: number): Promise<Buffer>;
  /** Of what can be read from its beginning only: the same where it can be read anywhere, for as long as it is not closed. */
  spooled?(): Promise<FileContent & { close(): Promise<void> }>;
}

export function contentOf(file: DicomFile): FileContent {
  return typeof file === 'string' ? onDisk(file) : inMemory(file);
}

function onDisk(path: string): FileContent {
  return {
    size: async () => (await stat(path)).size,
    // A stream of nothing cannot be had from a file: its end would lie before its start.
    read: (range) =>
      range?.length === 0
        ? Readable.from([])
        : createReadStream(path, range && { start: range.offset, end: range.offset + range.length - 1 }),
    async readRange(offset, length) {
      const file = await open(path);
      try {
        const bytes = Buffer.allocUnsafeSlow(length);
        for (let filled = 0; filled < length; ) {
          const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) throw shorter();
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}

function inMemory(bytes: Uint8Array): FileContent {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: async () => all.length,
    read: ({ offset, length } = { offset: 0, length: all.length }) =>
      Readable.from([all.subarray(offset, offset + length)]),
    async readRange(offset, length) {
      if (offset + length > all.length) throw shorter();
      return all.subarray(offset, offset + length);
    },
  };
}

function shorter(): CausewayError {
  return new CausewayError('truncated', 'The file has become shorter.');
}
