import { randomUUID } from 'node:crypto';
import { uidOfUuid } from '../dicom/uuid-uid.ts';
import { fileSet, storedContent } from '../retrieve/file-set.ts';
import { presentInstances } from '../retrieve/present-instances.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { ExportTarget } from './export-targets.ts';

/** A file that an export consists of. */
export interface ExportedFile {
  /** Path with slashes, below the folder that is exported to. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** True of the DICOMDIR, which comes last. */
  readonly isDirectory: boolean;
}

type Parts = Pick<Retrieve, 'instances' | 'file' | 'attributes'>;

export async function* exportedFiles(
  retrieve: Parts,
  targets: readonly ExportTarget[],
  asFileSet: boolean,
): AsyncGenerator<ExportedFile, void, void> {
  if (!asFileSet) {
    for await (const instance of instancesOf(retrieve, targets)) {
      const name = `${nameOf(instance.seriesInstanceUid)}/${nameOf(instance.sopInstanceUid)}.dcm`;
      yield { name, size: instance.size, content: () => retrieve.file(instance), isDirectory: false };
    }
    return;
  }
  for await (const entry of fileSet(storedContent(retrieve), instancesOf(retrieve, targets), uidOfUuid(randomUUID()))) {
    yield { ...entry, isDirectory: entry.name === 'DICOMDIR' };
  }
}

/** Of one target after the other. What was deleted since it was found is left out. */
export async function* instancesOf(retrieve: Pick<Retrieve, 'instances'>, targets: readonly ExportTarget[]) {
  for (const { target, only } of targets) {
    for await (const instance of presentInstances(retrieve, target)) {
      if (only === undefined || only.has(instance.sopInstanceUid)) yield instance;
    }
  }
}

/** Old devices write more into UIDs than digits and dots; nothing of it may lead to another folder. */
function nameOf(uid: string): string {
  return uid.replace(/[^0-9A-Za-z.-]/g, '_').replace(/^\.+/, '_');
}
