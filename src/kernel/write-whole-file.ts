import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface WholeFileOptions {
  /** What is there already is replaced; without, it stays and the writing fails. */
  readonly replace?: boolean;
}

/**
 * Writes a file that has its name only when all of it is on the disk; makes the folders that are missing.
 * @throws what reading `content` and writing throw, `EEXIST` among it; nothing is left behind then
 */
export async function writeWholeFile(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { replace = false }: WholeFileOptions = {},
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx');
    try {
      for await (const chunk of content) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link, unlike a new name, never takes the place of what is there.
    if (replace) await rename(temporary, path);
    else await link(temporary, path);
    await syncFolder(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
