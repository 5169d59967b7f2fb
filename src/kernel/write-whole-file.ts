import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoOf } from './errors.ts';
import { nameNewFile } from './name-new-file.ts';

export interface WholeFileOptions {
  /** What is there already is replaced; without, it stays and the writing fails. */
  readonly replace?: boolean;
}

/**
 * Writes a file that has its name only when all of it is on the disk; makes the folders that are missing.
 * @param content is called when the file is open, so that nothing is opened to read from in vain
 * @throws what reading `content` and writing throw, `EEXIST` among it; nothing is left behind then
 */
export async function writeWholeFile(
  path: string,
  content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { replace = false }: WholeFileOptions = {},
): Promise<void> {
  const folder = resolve(dirname(path));
  const firstMade = await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx');
    try {
      for await (const chunk of content()) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    if (replace) await rename(temporary, path);
    else await nameNewFile(temporary, path);
    await syncFolder(folder);
    if (firstMade !== undefined) await syncParents(folder, resolve(firstMade));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A folder that was made is on the disk when the one that it lies in is. */
async function syncParents(folder: string, firstMade: string): Promise<void> {
  for (let made = folder; made !== dirname(made); made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === firstMade) return;
  }
}

/** As `durable-directories.ts` of the room blobs: some have no folders to sync, others sync them by themselves. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const opened = await open(folder);
  try {
    await opened.sync();
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EINVAL') throw thrown;
  } finally {
    await opened.close();
  }
}
