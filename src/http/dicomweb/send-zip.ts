import { randomUUID } from 'node:crypto';
import { uidOfUuid } from '../../dicom/uuid-uid.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { peek } from '../../kernel/peek.ts';
import { zipArchive } from '../../kernel/zip-writer.ts';
import { fileSet, storedContent } from '../../retrieve/file-set.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import type { Exchange } from '../exchange.ts';
import { sendBody } from '../send-body.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/**
 * Some hundred bytes of each instance are held until the archive is complete, for its two directories; and file IDs
 * have six digits.
 */
const maxZipInstances = 100_000;

/** @throws CausewayError `limit-exceeded` if there are more instances than one archive may have */
export async function checkZipInstances(instances: AsyncIterable<IndexedInstance>): Promise<void> {
  let count = 0;
  for await (const _instance of instances) {
    count += 1;
    if (count > maxZipInstances) {
      const message = `There are more than ${maxZipInstances} instances, the most that one archive may have: ask for them series by series.`;
      throw new CausewayError('limit-exceeded', message, { details: { limit: 'maxZipInstances' } });
    }
  }
}

/**
 * Streams a file-set with its DICOMDIR as one ZIP archive (PS3.18 §8.7.3.1, PS3.10 §8).
 * @throws what keeps the first instance from coming, before anything is sent
 */
export async function sendZip(
  { response }: Exchange,
  target: Target,
  retrieve: Retrieve,
  instances: AsyncIterable<IndexedInstance>,
): Promise<void> {
  const directoryUid = uidOfUuid(randomUUID());
  const archive = await peek(zipArchive(fileSet(storedContent(retrieve), instances, directoryUid)));
  const name = target.sopInstanceUid ?? target.seriesInstanceUid ?? target.studyInstanceUid;
  response.setHeader('Content-Type', 'application/zip');
  response.setHeader('Content-Disposition', `attachment; filename="${name}.zip"`);
  await sendBody(response, archive.all);
}
