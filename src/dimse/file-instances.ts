import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInstanceScan } from '../ingest/inflating.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { SendingParts } from './send-instance.ts';

type IndexedInstance = Parameters<SendingParts['file']>[0];

/** A DICOM file on a disk as something to be sent; its key is its path. */
export type FileInstance = IndexedInstance;

/**
 * Reads the names of an instance from a file, and all of it to its end: one that is cut off must not arrive as a whole.
 * @throws CausewayError `not-dicom`, `truncated`, `malformed`, `attribute-missing`, and what else reading it throws
 */
export async function readFileInstance(path: string): Promise<FileInstance> {
  return instanceIn(createReadStream(path, { highWaterMark: 256 * 1024 }), path);
}

/**
 * The same of a file in memory.
 * @param blobKey by which it is asked for when it is sent
 * @throws CausewayError as `readFileInstance`
 */
export async function fileInstance(bytes: Buffer, blobKey: string): Promise<FileInstance> {
  return instanceIn([bytes], blobKey);
}

async function instanceIn(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, blobKey: string): Promise<FileInstance> {
  const scan = createInstanceScan({ acceptBareDataSets: true });
  try {
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.length;
      await scan.push(chunk);
    }
    const { dataSetOffset, deflated, transferSyntaxUid } = await scan.end();
    const { sopClassUid, sopInstanceUid, studyInstanceUid = '', seriesInstanceUid = '' } = scan.identity;
    if (sopClassUid === undefined || sopInstanceUid === undefined) {
      throw new CausewayError('attribute-missing', 'It does not say what instance it is.');
    }
    return {
      studyInstanceUid,
      seriesInstanceUid,
      sopInstanceUid,
      sopClassUid,
      transferSyntaxUid,
      frames: 0,
      blobKey,
      size,
      sha256: Buffer.alloc(0),
      dataSetOffset,
      deflated,
    };
  } finally {
    scan.close();
  }
}

/** Sends files as they are: nothing is converted. */
export const sendingFiles: Required<SendingParts> = {
  file: ({ blobKey }) => createReadStream(blobKey),
  dataSet: async ({ blobKey, dataSetOffset }) => (await readFile(blobKey)).subarray(dataSetOffset),
  producible: () => [],
  converted: () => {
    throw new CausewayError('transfer-syntax-unsupported', 'The peer does not take the transfer syntax of the file.');
  },
};
