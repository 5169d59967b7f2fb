import { createDicomdir } from '../dicom/dicomdir.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import type { ZipEntry } from '../kernel/zip-writer.ts';
import type { Retrieve } from './retrieve.ts';

/**
 * Lays instances out as a file-set: `DICOM/SE000001/IM000001` and on, each as it is stored, and the `DICOMDIR` that
 * refers to them last, as it is complete only then.
 * @param instances of one study, series after series
 * @param directoryUid SOP Instance UID of the DICOMDIR
 * @see PS3.10 §8, PS3.3 Annex F
 */
export async function* fileSet(
  retrieve: Pick<Retrieve, 'file' | 'metadata'>,
  instances: AsyncIterable<IndexedInstance>,
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
    directory.add({ ...instance, fileId, attributes: await attributesOf(retrieve, instance) });
    yield { name: fileId.join('/'), size: instance.size, content: () => retrieve.file(instance) };
  }
  const dicomdir = directory.end();
  yield { name: 'DICOMDIR', size: dicomdir.length, content: () => [dicomdir] };
}

function numbered(prefix: string, number: number): string {
  return prefix + String(number).padStart(6, '0');
}

async function attributesOf(
  retrieve: Pick<Retrieve, 'metadata'>,
  { studyInstanceUid, seriesInstanceUid, sopInstanceUid }: IndexedInstance,
): Promise<DicomJson> {
  const target = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  for await (const { json } of retrieve.metadata(target)) return JSON.parse(json.toString()) as DicomJson;
  return {};
}
