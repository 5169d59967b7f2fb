import { inflateRawSync } from 'node:zlib';
import { createDataSetDeidentifier, type DeidentifierOptions } from '../../src/dicom/data-set-deidentifier.ts';
import { encodeFileHeader } from '../../src/dicom/file-meta.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { createInstanceScan } from '../../src/ingest/inflating.ts';
import { createUidPseudonyms } from '../../src/retrieve/uid-pseudonyms.ts';

export const replaceUid = createUidPseudonyms(Buffer.from('a key that only tests have'));

export function deidentifiedDataSet(
  file: Uint8Array,
  options: Partial<DeidentifierOptions> = {},
  chunkBytes = 65_536,
): Buffer {
  const deidentifier = createDataSetDeidentifier({ replaceUid, ...options });
  const pieces: Buffer[] = [];
  const keep = (written: readonly Uint8Array[]) => {
    for (const piece of written) pieces.push(Buffer.from(piece));
  };
  for (let at = 0; at < file.length; at += chunkBytes) keep(deidentifier.push(file.subarray(at, at + chunkBytes)));
  keep(deidentifier.end());
  return Buffer.concat(pieces);
}

/** A whole file, with what was read of the original. What is deflated is inflated first. */
export async function deidentifiedFile(
  file: Buffer,
  options: Partial<DeidentifierOptions> = {},
): Promise<{ original: ScannedInstance; bytes: Buffer }> {
  const original = await scanned(file);
  const sopClassUid = String(original.attributes['00080016']?.Value?.[0] ?? '');
  const sopInstanceUid = replaceUid(String(original.attributes['00080018']?.Value?.[0] ?? ''));
  const { transferSyntaxUid, deflated, dataSetOffset } = original;
  const header = {
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid: deflated ? '1.2.840.10008.1.2.1' : transferSyntaxUid,
  };
  const plain = deflated
    ? Buffer.concat([encodeFileHeader(header), inflateRawSync(file.subarray(dataSetOffset))])
    : file;
  return { original, bytes: Buffer.concat([encodeFileHeader(header), deidentifiedDataSet(plain, options)]) };
}

export async function scanned(file: Uint8Array): Promise<ScannedInstance> {
  const scan = createInstanceScan({ acceptBareDataSets: true });
  await scan.push(file);
  return scan.end();
}
