import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import type { NativePicture } from '../../../src/dicom/native-picture.ts';
import type { BulkContent } from '../../../src/dicom/sent-bulk.ts';
import { unpackedPictures } from '../../../src/http/dicomweb/unpacked-pictures.ts';
import { openSpool } from '../../../src/kernel/spool-file.ts';

const metadata: DicomJson = {
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.7'] },
  '7FE00010': { vr: 'OB', BulkDataURI: 'pixels' },
};
/** Whatever it is given, it has a hundred pixels. */
let read = 0;
const readPicture = async (): Promise<NativePicture> => {
  read += 1;
  return { bytes: new Uint8Array(100), rows: 10, columns: 10, samplesPerPixel: 1, bitsAllocated: 8 };
};

async function unpacked(count: number, maxBytes: number) {
  const content: BulkContent = {
    length: 1,
    async *read() {
      yield new Uint8Array(1);
    },
  };
  const sent = {
    mediaType: 'image/png',
    transferSyntaxUid: undefined,
    contents: Array.from({ length: count }, () => content),
  };
  const spool = await openSpool({ path: tmpdir() });
  try {
    return await unpackedPictures(metadata, () => sent, readPicture, { spool, maxBytes });
  } finally {
    await spool.close();
  }
}

describe('pictures of one instance', () => {
  it('are unpacked up to a limit for all of them together', async () => {
    await expect(unpacked(3, 300)).resolves.toMatchObject({ pictures: { length: 3 } });
  });

  it('are refused above it, and no more of them are unpacked', async () => {
    read = 0;
    await expect(unpacked(50, 299)).rejects.toMatchObject({
      code: 'limit-exceeded',
      details: { limit: 'maxMetadataUploadBytes' },
    });
    expect(read).toBe(3);
  });

  it('have the limit of a frame alone where there is one', async () => {
    await expect(unpacked(1, 10)).resolves.toMatchObject({ pictures: { length: 1 } });
  });
});
