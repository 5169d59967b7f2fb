import { link, open, rename, rm } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

/** What file systems without hard links answer: FAT32, exFAT, some shares. */
const noLinks: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Gives a file that is complete its name, unless that is taken; it may keep the one that it had. Where there are no hard
 * links an empty file holds the name for a moment, and for longer if the process is killed in it.
 * @throws `EEXIST`, and what the file system throws
 */
export async function nameNewFile(complete: string, path: string): Promise<void> {
  try {
    // A link, unlike a new name, never takes the place of what is there.
    await link(complete, path);
    return;
  } catch (thrown) {
    if (!noLinks.has(errnoOf(thrown))) throw thrown;
  }
  const reservation = await open(path, 'wx');
  await reservation.close();
  try {
    await rename(complete, path);
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  }
}
