import { type ConverterOptions, createDataSetConverter } from '../../src/dicom/data-set-converter.ts';
import { encodeFileHeader } from '../../src/dicom/file-meta.ts';

/** A file converted at once, with a File Meta Information that says Explicit VR Little Endian and no more than that. */
export function convertedFile(file: Uint8Array, options: ConverterOptions = {}, chunkBytes = 65_536): Buffer {
  return Buffer.concat([explicitFileHeader, convertedDataSet(file, options, chunkBytes)]);
}

export function convertedDataSet(file: Uint8Array, options: ConverterOptions = {}, chunkBytes = 65_536): Buffer {
  const converter = createDataSetConverter(options);
  const pieces: Uint8Array[] = [];
  const keep = (written: readonly (Uint8Array | 'splice')[]) => {
    for (const piece of written) pieces.push(piece === 'splice' ? Buffer.from('SPLICED!') : Buffer.from(piece));
  };
  for (let at = 0; at < file.length; at += chunkBytes) keep(converter.push(file.subarray(at, at + chunkBytes)));
  keep(converter.end());
  return Buffer.concat(pieces);
}

const uids = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '2.25.3' };
const explicitFileHeader = encodeFileHeader({ ...uids, transferSyntaxUid: '1.2.840.10008.1.2.1' });
export const implicitFileHeader = encodeFileHeader({ ...uids, transferSyntaxUid: '1.2.840.10008.1.2' });
