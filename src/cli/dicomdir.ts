import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import type { DicomJson, DicomJsonValue } from '../dicom/json-model.ts';
import { createPart10Scanner } from '../dicom/part10-scanner.ts';
import { asCausewayError } from '../kernel/errors.ts';
import { locateFileId } from '../library/locate-file-id.ts';
import type { FileVisitor } from './found-file.ts';
import { printable } from './terminal.ts';

const directoryRecordSequence = '00041220';
const referencedFileId = '00041500';

/** Visits the files that a DICOMDIR refers to; they lie below its folder (PS3.10 §8.6, PS3.3 §F.3). */
export async function visitDicomdir(path: string, visitor: FileVisitor): Promise<void> {
  let records: readonly DicomJsonValue[];
  try {
    records = await directoryRecords(path);
  } catch (thrown) {
    visitor.problem(path, `The DICOMDIR cannot be read: ${asCausewayError(thrown).message}`);
    return;
  }
  const root = dirname(path);
  for (const record of records) {
    if (visitor.stopped()) return;
    const components = fileIdOf(record);
    if (components.length === 0) continue;
    const name = `${path}: ${printable(components.join('\\'))}`;
    const file = await locateFileId(root, components);
    if (file === undefined) visitor.problem(name, 'The DICOMDIR refers to it, but it is not there.');
    else await visitor.file({ name: file, named: true, open: async () => createReadStream(file) });
  }
}

async function directoryRecords(path: string): Promise<readonly DicomJsonValue[]> {
  const scanner = createPart10Scanner();
  for await (const chunk of createReadStream(path)) scanner.push(chunk as Buffer);
  const { attributes } = scanner.end();
  return attributes[directoryRecordSequence]?.Value ?? [];
}

function fileIdOf(record: DicomJsonValue): string[] {
  if (record === null || typeof record !== 'object') return [];
  const components = (record as DicomJson)[referencedFileId]?.Value ?? [];
  return components.map((component) => (typeof component === 'string' ? component.trim() : ''));
}
