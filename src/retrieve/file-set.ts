import { createDicomdir } from '../dicom/dicomdir.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import type { ZipEntry } from '../kernel/zip-writer.ts';
import type { Retrieve } from './retrieve.ts';

/** What a file-set takes of its instances. */
export interface FileSetContent<Instance> {
  file(instance: Instance): AsyncIterable<Uint8Array>;
  attributes(instance: Instance): Promise<DicomJson>;
}

type FileSetInstance = Omit<Parameters<ReturnType<typeof createDicomdir>['add']>[0], 'fileId' | 'attributes'> & {
  readonly size: number;
};

/**
 * Lays instances out as a file-set: `DICOM/SE000001/IM000001` and on, each as it is stored, and the `DICOMDIR` that
 * refers to them last, as it is complete only then.
 * @param instances series after series
 * @param directoryUid SOP Instance UID of the DICOMDIR
 * @see PS3.10 §8, PS3.3 Annex F
 */
export async function* fileSet<Instance extends FileSetInstance>(
  content: FileSetContent<Instance>,
  instances: AsyncIterable<Instance> | Iterable<Instance>,
  directoryUid: string,
): AsyncGenerator<ZipEntry, void, void> {
  const directory = createDicomdir(directoryUid);
  let series = 0;
  let number = 0;
  let seriesInstanceUid: string | undefined;
  for await (const instance of instances) {
    if (instance.seriesInstanceUid !== seriesInstanceUid) {
      seriesInstanceUid = instance.seriesInstanceUid;
      series += 1;
      number = 0;
    }
    number += 1;
    const fileId = ['DICOM', numbered('SE', series), numbered('IM', number)];
    directory.add({ ...instance, fileId, attributes: await content.attributes(instance) });
    yield { name: fileId.join('/'), size: instance.size, content: () => content.file(instance) };
  }
  const dicomdir = directory.end();
  yield { name: 'DICOMDIR', size: dicomdir.length, content: () => [dicomdir] };
}

function numbered(prefix: string, number: number): string {
  return prefix + String(number).padStart(6, '0');
}

/** What is stored here, for a file-set: file and attributes of one version, whatever is replaced meanwhile. */
export function storedContent(retrieve: Pick<Retrieve, 'file' | 'attributes'>): FileSetContent<IndexedInstance> {
  return { file: (instance) => retrieve.file(instance), attributes: (instance) => retrieve.attributes(instance) };
}
