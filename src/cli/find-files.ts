import { createReadStream } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errnoOf } from '../kernel/errors.ts';
import { visitDicomdir } from './dicomdir.ts';
import type { ArchiveLimits, FileVisitor } from './found-file.ts';
import { isZipArchive, visitZipArchive } from './zip-archive.ts';

/**
 * Visits every file that the paths stand for: files, folders with all that is in them, ZIP archives, and the files
 * that a DICOMDIR refers to. A DICOMDIR that lies in a folder is passed over, as its files lie there too.
 */
export async function visitFiles(paths: readonly string[], visitor: FileVisitor, limits: ArchiveLimits): Promise<void> {
  for (const path of paths) await visitPath(path, 'named', visitor, limits);
  await visitor.settled();
}

/** How we came to a path. */
type Way = 'named' | 'entry' | 'link';

async function visitPath(path: string, way: Way, visitor: FileVisitor, limits: ArchiveLimits): Promise<void> {
  try {
    const found = await stat(path);
    if (found.isFile()) await visitFile(path, way === 'named', visitor, limits);
    else if (!found.isDirectory()) visitor.problem(path, 'It is neither a file nor a folder.');
    // A link to a folder may lead back to where we are.
    else if (way === 'link') visitor.problem(path, 'Links to folders are not followed; name the folder itself.');
    else await visitFolder(path, visitor, limits);
  } catch (thrown) {
    visitor.problem(path, reasonOf(thrown));
  }
}

async function visitFolder(folder: string, visitor: FileVisitor, limits: ArchiveLimits): Promise<void> {
  for await (const entry of await opendir(folder)) {
    if (visitor.stopped()) return;
    await visitPath(join(folder, entry.name), entry.isSymbolicLink() ? 'link' : 'entry', visitor, limits);
  }
}

async function visitFile(path: string, named: boolean, visitor: FileVisitor, limits: ArchiveLimits): Promise<void> {
  if (/^dicomdir$/i.test(basename(path))) {
    if (named) await visitDicomdir(path, visitor);
  } else if ((named || /\.zip$/i.test(path)) && (await isZipArchive(path))) {
    await visitZipArchive(path, visitor, limits);
  } else {
    await visitor.file({ name: path, named, open: async () => createReadStream(path, { highWaterMark: 256 * 1024 }) });
  }
}

/** Why a path cannot be read, for people. */
function reasonOf(thrown: unknown): string {
  switch (errnoOf(thrown)) {
    case 'ENOENT':
      return 'There is no such file or folder.';
    case 'EACCES':
    case 'EPERM':
      return 'We may not read it.';
    default:
      return `It cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
  }
}
