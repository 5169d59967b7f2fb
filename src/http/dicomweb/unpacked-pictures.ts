import type { DicomJson } from '../../dicom/json-model.ts';
import type { NativePicture, ReadPicture } from '../../dicom/native-picture.ts';
import type { BulkContent, SentBulk } from '../../dicom/sent-bulk.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Spool } from '../../kernel/spool-file.ts';
import { headOf } from './spooled-bulk.ts';

const pixelDataTag = '7FE00010';

/** Of one PNG: it is unpacked in memory. */
const maxPictureBytes = 134_217_728;

/** What the IODs allow (PS3.3 §A.8, §A.32): samples and bits. Where they leave it open, whatever a PNG can be. */
const pictureClasses: readonly { readonly sopClass: RegExp; readonly samples?: 1 | 3; readonly bits?: 8 | 16 }[] = [
  { sopClass: /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7$/ },
  { sopClass: /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7\.2$/, samples: 1, bits: 8 },
  { sopClass: /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7\.3$/, samples: 1, bits: 16 },
  { sopClass: /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.7\.4$/, samples: 3, bits: 8 },
  { sopClass: /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.77\.1\./ },
];

/**
 * Pixel Data that is sent as PNG, as native pixels: DICOM has no transfer syntax for PNG. Only Secondary Capture and Visible
 * Light instances are made so: those of other classes say more of their pixels than a picture can.
 * @param maxBytes of several pictures together, unpacked: a few bytes of PNG may be thousands of times as many pixels
 * @returns undefined if Pixel Data is not sent as PNG
 * @param into where the pixels are put
 * @throws CausewayError `unsupported-media-type`, `limit-exceeded`, and as `readPicture` does
 */
export async function unpackedPictures(
  metadata: DicomJson,
  bulkOf: (uri: string) => SentBulk | undefined,
  readPicture: ReadPicture,
  { spool, maxBytes }: { readonly spool: Spool; readonly maxBytes: number },
): Promise<SentBulk | undefined> {
  const uri = metadata[pixelDataTag]?.BulkDataURI;
  const sent = uri === undefined ? undefined : bulkOf(uri);
  if (sent?.mediaType !== 'image/png') return undefined;
  const sopClassUid = String(metadata['00080016']?.Value?.[0]);
  const allowed = pictureClasses.find(({ sopClass }) => sopClass.test(sopClassUid));
  if (allowed === undefined) throw refused('Pixel Data (7FE0,0010) of this SOP class cannot be stored from image/png.');
  const pictures: Omit<NativePicture, 'bytes'>[] = [];
  const start = spool.size;
  for (const content of sent.contents) {
    if (content.length > maxPictureBytes) {
      throw new CausewayError('limit-exceeded', `A PNG has more than ${maxPictureBytes} bytes.`, {
        details: { limit: 'maxPictureBytes', tag: pixelDataTag },
      });
    }
    const { bytes, ...picture } = await readPicture(await headOf(content, maxPictureBytes));
    const { samples = picture.samplesPerPixel, bits = picture.bitsAllocated } = allowed;
    if (picture.samplesPerPixel !== samples || picture.bitsAllocated !== bits) {
      throw refused(
        `Pixel Data (7FE0,0010) of this SOP class has ${samples} samples a pixel of ${bits} bits; the PNG differs.`,
      );
    }
    pictures.push(picture);
    await spool.append(bytes);
    if (pictures.length > 1 && spool.size - start > maxBytes) throw tooManyBytes(maxBytes);
  }
  // Frames follow upon each other, as native Pixel Data has them.
  const frames: BulkContent = {
    length: spool.size - start,
    read: (offset, length) => spool.read(start + offset, length),
  };
  return {
    mediaType: 'application/octet-stream',
    transferSyntaxUid: undefined,
    contents: [frames],
    pictures,
  };
}

function tooManyBytes(maxBytes: number): CausewayError {
  const message = `The pictures unpack to more than ${maxBytes} bytes (maxMetadataUploadBytes).`;
  return new CausewayError('limit-exceeded', message, { details: { limit: 'maxMetadataUploadBytes' } });
}

function refused(message: string): CausewayError {
  return new CausewayError('unsupported-media-type', message, { details: { tag: pixelDataTag } });
}
