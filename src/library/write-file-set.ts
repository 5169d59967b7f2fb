import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { uidOfUuid } from '../dicom/uuid-uid.ts';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import { writeWholeFile } from '../kernel/write-whole-file.ts';
import { fileSet } from '../retrieve/file-set.ts';
import { instancesOf } from './instances-of.ts';
import { type DicomFile, readDataSet } from './read-attributes.ts';

/**
 * Lays files out as a file-set: `DICOM/SE000001/IM000001` and on, byte for byte as they are, and the `DICOMDIR` that refers to
 * them, last. What is there already is never replaced.
 * @param folder made where it is missing
 * @param sources DICOM files, folders with such, bytes of such
 * @returns how many instances it holds
 * @throws CausewayError `conflict` if a file is there already, or if two sources are of one SOP Instance UID; what reading
 * the sources throws
 * @see PS3.10 §8, PS3.3 Annex F
 */
export async function writeFileSet(folder: string, sources: readonly DicomFile[]): Promise<number> {
  const { instances, unreadable, pathOf, contentOf } = await instancesOf(sources);
  const [damaged] = unreadable;
  if (damaged !== undefined) throw naming(damaged.path, damaged.error);
  const inOrder = [...instances].sort((a, b) => compare(orderOf(a), orderOf(b)));
  const seen = new Map<string, string | undefined>();
  for (const instance of inOrder) {
    const { sopInstanceUid } = instance;
    if (seen.has(sopInstanceUid)) {
      const both = [seen.get(sopInstanceUid), pathOf(instance)].map((path) => path ?? 'bytes that were given');
      throw new CausewayError(
        'conflict',
        `Two sources have the SOP Instance UID ${sopInstanceUid}: ${both.join(', ')}.`,
      );
    }
    seen.set(sopInstanceUid, pathOf(instance));
  }
  const content = {
    file: (instance: (typeof instances)[number]) => contentOf(instance).read(),
    attributes: async (instance: (typeof instances)[number]) => {
      const path = pathOf(instance);
      if (path !== undefined) {
        return readDataSet(path).catch((thrown: unknown) => {
          throw thrown instanceof CausewayError ? naming(path, thrown) : thrown;
        });
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of contentOf(instance).read()) chunks.push(chunk as Uint8Array);
      return readDataSet(Buffer.concat(chunks));
    },
  };
  for await (const entry of fileSet(content, inOrder, uidOfUuid(randomUUID()))) {
    await writeNew(join(folder, entry.name), entry.content);
  }
  return inOrder.length;
}

async function writeNew(path: string, content: Parameters<typeof writeWholeFile>[1]): Promise<void> {
  try {
    await writeWholeFile(path, content);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown;
    throw new CausewayError('conflict', `${path} is there already.`, { cause: thrown });
  }
}

function naming(path: string, error: CausewayError): CausewayError {
  return new CausewayError(error.code, `${path}: ${error.message}`, { details: error.details, cause: error });
}

/** Series after series: a file-set has a folder for each. */
function orderOf({
  studyInstanceUid,
  seriesInstanceUid,
}: {
  studyInstanceUid: string;
  seriesInstanceUid: string;
}): string {
  return `${studyInstanceUid}/${seriesInstanceUid}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
