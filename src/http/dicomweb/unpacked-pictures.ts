import type { SentBulk } from '../../dicom/instance-from-metadata.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import type { NativePicture, ReadPicture } from '../../dicom/native-picture.ts';
import { CausewayError } from '../../kernel/errors.ts';

const pixelDataTag = '7FE00010';

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
 * @throws CausewayError `unsupported-media-type`, `limit-exceeded`, and as `readPicture` does
 */
export async function unpackedPictures(
  metadata: DicomJson,
  bulkOf: (uri: string) => SentBulk | undefined,
  readPicture: ReadPicture,
  maxBytes: number,
): Promise<SentBulk | undefined> {
  const uri = metadata[pixelDataTag]?.BulkDataURI;
  const sent = uri === undefined ? undefined : bulkOf(uri);
  if (sent?.mediaType !== 'image/png') return undefined;
  const sopClassUid = String(metadata['00080016']?.Value?.[0]);
  const allowed = pictureClasses.find(({ sopClass }) => sopClass.test(sopClassUid));
  if (allowed === undefined) throw refused('Pixel Data (7FE0,0010) of this SOP class cannot be stored from image/png.');
  const pictures: NativePicture[] = [];
  let bytes = 0;
  for (const content of sent.contents) {
    const picture = await readPicture(content);
    const { samples = picture.samplesPerPixel, bits = picture.bitsAllocated } = allowed;
    if (picture.samplesPerPixel !== samples || picture.bitsAllocated !== bits) {
      throw refused(
        `Pixel Data (7FE0,0010) of this SOP class has ${samples} samples a pixel of ${bits} bits; the PNG differs.`,
      );
    }
    pictures.push(picture);
    bytes += picture.bytes.length;
    if (pictures.length > 1 && bytes > maxBytes) throw tooManyBytes(maxBytes);
  }
  return {
    mediaType: 'application/octet-stream',
    transferSyntaxUid: undefined,
    contents: pictures.map(({ bytes }) => bytes),
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
