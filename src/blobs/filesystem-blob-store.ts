import { mkdir, readdir, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import { isBlobKey } from './blob-keys.ts';
import type { BlobStore, StoredBlob } from './blob-store.ts';
import { createDiskReserve } from './disk-reserve.ts';
import { createDurableDirectories } from './durable-directories.ts';
import { createFileBlobWriter } from './file-blob-writer.ts';
import { createFileRangeStream, readFileRange } from './file-range-stream.ts';
import { ensureMark, type StoreIdentity } from './store-mark.ts';

export interface FilesystemBlobStoreOptions {
  /** Tells whether the directory is the one that it was before; not asked if left out. */
  readonly identity?: StoreIdentity;
  /** Bytes of the disk that are left free; none if left out. */
  readonly reserveBytes?: number;
}

/**
 * Blobs as files below a directory, which is created if it is not there. A file is written under `incoming/`, and gets
 * its name by a rename when its content is on stable storage.
 * @throws CausewayError `unavailable` if it is not the directory that it has to be
 */
export async function createFilesystemBlobStore(
  directory: string,
  { identity, reserveBytes = 0 }: FilesystemBlobStoreOptions = {},
): Promise<BlobStore> {
  const root = resolve(directory);
  // Before anything is made there: in a folder on which nothing is mounted nothing is to be stored later, either.
  if (identity !== undefined) await ensureMark(root, identity);
  const incoming = join(root, 'incoming');
  await mkdir(incoming, { recursive: true });
  const directories = createDurableDirectories(root);
  await Promise.all([directories.sync(dirname(root)), directories.sync(root)]);
  const writing = new Set<string>();
  const reserve = createDiskReserve(root, reserveBytes);

  const pathOf = (key: string): string => {
    if (!isBlobKey(key)) throw new CausewayError('internal', 'The index names a blob that cannot be ours.');
    return join(root, key);
  };

  /** Names come in lexical order, so that two listings agree. */
  async function* filesBelow(folder: string, prefix: string): AsyncGenerator<StoredBlob> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(noneIfMissing);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && path !== incoming) yield* filesBelow(path, `${prefix}${entry.name}/`);
      if (!entry.isFile() || !isBlobKey(entry.name)) continue;
      const facts = await stat(path).catch(undefinedIfMissing);
      if (facts) yield { key: prefix + entry.name, size: facts.size, modifiedAt: facts.mtime };
    }
  }

  async function removeEmptyFolders(folder: string, before: Date): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(noneIfMissing)) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory() || path === incoming) continue;
      const facts = await stat(path).catch(undefinedIfMissing);
      await removeEmptyFolders(path, before);
      if (facts && facts.mtime < before) await rmdir(path).catch(() => {});
    }
  }

  return {
    create: () => createFileBlobWriter({ root, incoming, directories, open: writing, reserve }),
    read: (key, range) => createFileRangeStream(pathOf(key), range),
    readRange: async (key, offset, length) => readFileRange(pathOf(key), offset, length),
    commitsSoon: true,
    size: async (key) => (await stat(pathOf(key)).catch(undefinedIfMissing))?.size,
    async delete(key) {
      const path = pathOf(key);
      await unlink(path).catch(undefinedIfMissing);
      // Also where it was not there: who has removed it may not have come to this.
      await directories.sync(dirname(path)).catch(undefinedIfMissing);
    },
    list: () => filesBelow(root, ''),
    async removeAbandoned(before) {
      let removed = 0;
      for (const entry of await readdir(incoming)) {
        const path = join(incoming, entry);
        if (writing.has(path)) continue;
        const facts = await stat(path).catch(undefinedIfMissing);
        if (!facts || facts.mtime >= before) continue;
        await unlink(path).catch(undefinedIfMissing);
        removed += 1;
      }
      return removed;
    },
    removeEmptyFolders: (before) => removeEmptyFolders(root, before),
    async space() {
      const { bavail, blocks, bsize } = await statfs(root);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    close: () => directories.close(),
  };
}

function undefinedIfMissing(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
}

function noneIfMissing(error: unknown): never[] {
  undefinedIfMissing(error);
  return [];
}
