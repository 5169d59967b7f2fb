import { open } from 'node:fs/promises';
import { constants, inflateRawSync } from 'node:zlib';
import { createPart10Scanner } from '../dicom/part10-scanner.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { SendingParts } from './send-instance.ts';

type IndexedInstance = Parameters<SendingParts['file']>[0];

/** A DICOM file on a disk as something to be sent; its key is its path. */
export type FileInstance = IndexedInstance;

/** As far as the names of an instance stand in a file. */
const headBytes = 1_048_576;
/** The same of a data set that is deflated. */
const deflatedBytes = 65_536;

/**
 * Reads the names of an instance from a file.
 * @throws CausewayError `not-dicom`, `truncated`, `attribute-missing`, and what reading the head throws
 */
export async function readFileInstance(path: string): Promise<FileInstance> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, headBytes));
    await file.read(head, 0, head.length, 0);
    return fileInstance(head, size, path);
  } finally {
    await file.close();
  }
}

/**
 * Reads the names of an instance from the beginning of its file, or from all of it.
 * @param size of the whole file @param blobKey by which it is asked for when it is sent
 * @throws CausewayError as `readFileInstance`
 */
export function fileInstance(head: Buffer, size: number, blobKey: string): FileInstance {
  const scanner = createPart10Scanner({
    inflate: (output) => (deflated) => output(beginningOf(deflated)),
  });
  scanner.push(head);
  const dataSetOffset = dataSetOffsetOf(head);
  const { sopClassUid, sopInstanceUid, studyInstanceUid, seriesInstanceUid, transferSyntaxUid } = scanner.identity;
  if (sopClassUid === undefined || sopInstanceUid === undefined || transferSyntaxUid === undefined) {
    throw new CausewayError('attribute-missing', 'It does not say what instance it is.');
  }
  return {
    studyInstanceUid: studyInstanceUid ?? '',
    seriesInstanceUid: seriesInstanceUid ?? '',
    sopInstanceUid,
    sopClassUid,
    transferSyntaxUid,
    frames: 0,
    blobKey,
    size,
    sha256: Buffer.alloc(0),
    dataSetOffset,
    deflated: transferSyntax(transferSyntaxUid)?.deflated ?? false,
  };
}

/** The beginning of a deflated data set: at most a thousand times as long as what it is made from. */
function beginningOf(deflated: Uint8Array): Buffer {
  try {
    return inflateRawSync(deflated.subarray(0, deflatedBytes), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new CausewayError('malformed', 'The data set behind the File Meta Information cannot be inflated.', {
      cause,
    });
  }
}

/** Behind the File Meta Information, whose length stands in (0002,0000). PS3.10 §7.1. */
function dataSetOffsetOf(head: Buffer): number {
  const groupLengthAt = 132 + 8;
  const prefix = head.toString('latin1', 128, 132);
  if (prefix !== 'DICM' || (head.length >= 136 && head.readUInt32LE(132) !== 0x0000_0002)) {
    throw new CausewayError('not-dicom', 'It is no DICOM file with File Meta Information.');
  }
  if (head.length < groupLengthAt + 4) throw new CausewayError('truncated', 'It ends in its File Meta Information.');
  return groupLengthAt + 4 + head.readUInt32LE(groupLengthAt);
}
