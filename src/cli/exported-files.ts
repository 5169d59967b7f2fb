import { randomUUID } from 'node:crypto';
import { uidOfUuid } from '../dicom/uuid-uid.ts';
import { fileSet, storedContent } from '../retrieve/file-set.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';

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

/** @throws CausewayError `not-found`, `gone` */
export async function* exportedFiles(
  retrieve: Parts,
  targets: readonly Target[],
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

/** Of one target after the other. @throws CausewayError `not-found`, `gone` */
export async function* instancesOf(retrieve: Pick<Retrieve, 'instances'>, targets: readonly Target[]) {
  for (const target of targets) yield* retrieve.instances(target);
}

/** Old devices write more into UIDs than digits and dots; nothing of it may lead to another folder. */
function nameOf(uid: string): string {
  return uid.replace(/[^0-9A-Za-z.-]/g, '_').replace(/^\.+/, '_');
}
