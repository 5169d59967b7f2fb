import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createChunkBatch, type TakenChunks } from '../kernel/chunk-batch.ts';
import { asCausewayError, CausewayError, errnoOf } from '../kernel/errors.ts';
import type { BlobWriter } from './blob-store.ts';
import type { DiskReserve } from './disk-reserve.ts';
import type { DurableDirectories } from './durable-directories.ts';

/** Chunks are collected to this size, as each write costs a thread switch; the last one should have little left to do. */
const writeBytes = 262_144;
/** What may wait in memory while a write is under way, before the sender is held back. */
const maxWaitingBytes = 524_288;
/**
 * What is smaller has no file until it is complete: of the many that a broken sender begins and does not end, none costs
 * the disk anything, nor those who sync theirs to the same one.
 */
const openBytes = 65_536;

export interface FileBlobWriterParts {
  readonly root: string;
  /** Directory of the files that have no name yet, on the file system of `root`. */
  readonly incoming: string;
  readonly directories: DurableDirectories;
  /** Temporary files of this process, which nobody may clean up. */
  readonly open: Set<string>;
  /** What of the disk is not to be written to. */
  readonly reserve?: DiskReserve;
}

/** Writes behind the receiver's back in large pieces, so that little is left to do when the last byte arrives. */
export function createFileBlobWriter({
  root,
  incoming,
  directories,
  open: inUse,
  reserve,
}: FileBlobWriterParts): BlobWriter {
  const temporary = join(incoming, `${randomUUID()}.part`);
  inUse.add(temporary);
  const batch = createChunkBatch();
  let opening: Promise<FileHandle> | undefined;
  let writing: Promise<void> | undefined;
  let failure: Error | undefined;
  let committing: Promise<void> | undefined;
  let linkedAs: string | undefined;
  let closed: Promise<void> | undefined;

  function fail(error: unknown): void {
    failure ??= asCausewayError(error);
  }

  function opened(): Promise<FileHandle> {
    if (opening === undefined) {
      opening = open(temporary, 'wx');
      opening.catch(fail);
    }
    return opening;
  }

  /** Never rejects: a failure is kept for the next call. */
  function startWriting(): Promise<void> {
    const taken = batch.take();
    writing = opened()
      .then((handle) => writeAll(handle, taken))
      .catch(fail)
      .finally(() => {
        writing = undefined;
        if (!failure && batch.bytes >= writeBytes) void startWriting();
      });
    return writing;
  }

  async function writeAll(handle: FileHandle, { chunks, bytes, release }: TakenChunks): Promise<void> {
    try {
      await reserve?.check();
      const { bytesWritten } = await handle.writev(chunks);
      if (bytesWritten === bytes) return;
      // A disk that is almost full takes a part: writing the rest brings out the reason.
      const { bytesWritten: more } = await handle.writev([Buffer.concat(chunks).subarray(bytesWritten)]);
      if (bytesWritten + more !== bytes) throw Object.assign(new Error('Short write'), { code: 'ENOSPC' });
    } finally {
      release();
    }
  }

  async function untilWritten(): Promise<void> {
    while (writing) await writing;
    if (failure) throw failure;
  }

  async function untilRoom(): Promise<void> {
    while (writing && batch.bytes > writeBytes) await writing;
    if (failure) throw failure;
  }

  function close(): Promise<void> {
    closed ??= opened().then(
      (handle) => handle.close(),
      () => {},
    );
    return closed;
  }

  async function link(path: string): Promise<void> {
    const directory = dirname(path);
    for (let attempt = 1; ; attempt += 1) {
      await directories.create(directory);
      try {
        await rename(temporary, path);
        return;
      } catch (error) {
        // An empty directory may be cleaned up between its creation and the rename.
        if (errnoOf(error) !== 'ENOENT' || attempt === 3) throw error;
        directories.forget(directory);
      }
    }
  }

  async function commit(path: string): Promise<void> {
    if (failure) throw failure;
    // A new directory costs syncs of its own: they run beside those of the file.
    directories.create(dirname(path)).catch(() => {});
    const [handle] = await Promise.all([opened(), untilWritten()]);
    if (batch.bytes > 0) await writeAll(handle, batch.take());
    await handle.datasync();
    linkedAs = path;
    await link(path);
    await Promise.all([directories.sync(dirname(path)), close()]);
    inUse.delete(temporary);
  }

  return {
    write(chunk) {
      if (failure) return Promise.reject(failure);
      if (chunk.length === 0) return undefined;
      batch.add(chunk);
      if (batch.bytes >= openBytes) void opened();
      if (batch.bytes < writeBytes) return undefined;
      if (!writing) void startWriting();
      return batch.bytes > maxWaitingBytes ? untilRoom() : undefined;
    },

    commit(key) {
      committing = commit(join(root, key)).catch((error: unknown) => {
        fail(error);
        throw failure;
      });
      return committing;
    },

    async discard() {
      await committing?.catch(() => {});
      failure ??= new CausewayError('aborted', 'The blob was discarded.');
      batch.take().release();
      while (writing) await writing;
      if (opening !== undefined) {
        await close().catch(() => {});
        await unlink(temporary).catch(() => {});
      }
      inUse.delete(temporary);
      if (linkedAs) {
        await unlink(linkedAs).catch((error: unknown) => {
          if (errnoOf(error) !== 'ENOENT') throw error;
        });
      }
    },
  };
}
