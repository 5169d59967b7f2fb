import { opendir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { type FileInstance, fileInstance, readFileInstance, sendingFiles } from '../dimse/file-instances.ts';
import type { SendingParts } from '../dimse/send-instance.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { DicomFile } from './read-attributes.ts';

export interface UnreadableFile {
  readonly path: string;
  readonly error: CausewayError;
}

export interface CollectedInstances {
  readonly instances: readonly FileInstance[];
  /** DICOM files in folders that cannot be read. */
  readonly unreadable: readonly UnreadableFile[];
  /** Where one came from: its path, or undefined for bytes. */
  pathOf(instance: FileInstance): string | undefined;
  readonly parts: SendingParts;
}

/**
 * Finds the DICOM files that are meant: files, folders with all that is in them, and bytes of files. What is no DICOM in a folder
 * is passed over, DICOMDIRs as well.
 * @throws CausewayError `not-dicom`, `attribute-missing`, … for a file that is named; `ENOENT` and its like
 */
export async function instancesOf(sources: readonly DicomFile[]): Promise<CollectedInstances> {
  const instances: FileInstance[] = [];
  const unreadable: UnreadableFile[] = [];
  /** By the key of their instance, which is no path. */
  const inMemory = new Map<string, Buffer>();
  for (const source of sources) {
    if (typeof source === 'string') await collect(source, instances, unreadable);
    else {
      const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
      const key = `\0${inMemory.size}`;
      inMemory.set(key, bytes);
      instances.push(await fileInstance(bytes, key));
    }
  }
  return {
    instances,
    unreadable,
    pathOf: ({ blobKey }) => (inMemory.has(blobKey) ? undefined : blobKey),
    parts: {
      ...sendingFiles,
      file(instance) {
        const bytes = inMemory.get(instance.blobKey);
        return bytes === undefined ? sendingFiles.file(instance) : Readable.from([bytes]);
      },
      async dataSet(instance) {
        const bytes = inMemory.get(instance.blobKey);
        return bytes?.subarray(instance.dataSetOffset) ?? sendingFiles.dataSet(instance);
      },
    },
  };
}

/** Links to files are as good as the files; one to a folder may lead back to where we are. */
async function collectLink(path: string, names: string[], unreadable: UnreadableFile[]): Promise<void> {
  const target = await stat(path).catch(() => undefined);
  if (target?.isFile()) {
    if (!/^dicomdir$/i.test(basename(path))) names.push(basename(path));
    return;
  }
  const why = target?.isDirectory()
    ? 'Links to folders are not followed; name the folder itself.'
    : 'It is a link to nothing that can be read.';
  unreadable.push({ path, error: new CausewayError('bad-request', why) });
}

async function collect(path: string, instances: FileInstance[], unreadable: UnreadableFile[]): Promise<void> {
  if (!(await stat(path)).isDirectory()) {
    instances.push(await readFileInstance(path));
    return;
  }
  // In the order of their names, so that what is done twice is done alike.
  const names: string[] = [];
  for await (const entry of await opendir(path)) {
    if (entry.isDirectory()) names.push(entry.name);
    else if (entry.isSymbolicLink()) await collectLink(join(path, entry.name), names, unreadable);
    else if (entry.isFile() && !/^dicomdir$/i.test(entry.name)) names.push(entry.name);
  }
  for (const name of names.sort()) {
    const inside = join(path, name);
    try {
      await collect(inside, instances, unreadable);
    } catch (thrown) {
      if (!(thrown instanceof CausewayError)) throw thrown;
      if (thrown.code !== 'not-dicom') unreadable.push({ path: inside, error: thrown });
    }
  }
}
