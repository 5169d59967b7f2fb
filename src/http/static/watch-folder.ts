import { stat } from 'node:fs/promises';
import { errnoOf } from '../../kernel/errors.ts';
import { listStaticFiles, type StaticFiles } from './static-files.ts';

/**
 * Files of a folder that may appear, or be replaced as a whole, while we run.
 * @returns reads the folder anew when another one has taken its place; undefined while there is none
 */
export function watchFolder(dir: string): () => Promise<StaticFiles | undefined> {
  let seen: { readonly mark: string; readonly files: Promise<StaticFiles | undefined> } | undefined;
  return async () => {
    const mark = await folderMark(dir);
    if (mark === undefined) return undefined;
    if (seen?.mark !== mark) {
      const files = listStaticFiles(dir);
      seen = { mark, files };
      files.catch(() => {
        seen = undefined;
      });
    }
    return seen.files;
  };
}

async function folderMark(dir: string): Promise<string | undefined> {
  try {
    const { ino, mtimeMs } = await stat(dir);
    return `${ino} ${mtimeMs}`;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  }
}
