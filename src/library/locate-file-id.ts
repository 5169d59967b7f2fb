import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Finds a file by its File ID. On media that were copied the names may have become lower case, or have kept the
 * version `;1` of ISO 9660.
 * @param root folder of the DICOMDIR
 * @returns undefined if it is not there, or if the File ID leads elsewhere
 */
export async function locateFileId(root: string, components: readonly string[]): Promise<string | undefined> {
  let folder = root;
  for (const component of components) {
    if (!/^[^/\\\0]+$/.test(component) || component === '.' || component === '..') return undefined;
    const entries = await readdir(folder).catch(() => []);
    const bare = (name: string) => name.toUpperCase().replace(/\.?(;\d+)?$/, '');
    const found = entries.find((name) => name === component) ?? entries.find((name) => bare(name) === bare(component));
    if (found === undefined) return undefined;
    folder = join(folder, found);
  }
  return folder;
}
