import sharp from 'sharp';
import type { Codestream } from '../encode-frame.ts';
import { colorPicture } from '../render/color-picture.ts';
import type { Samples } from '../samples.ts';

/** Of libjpeg, 1 to 100. */
const quality = 90;

/**
 * JPEG Baseline, lossy: gray, or colours as YBR_FULL whose chroma has all its samples.
 * @see PS3.5 §8.2.1
 */
export async function encodeJpegBaseline(samples: Samples): Promise<Codestream> {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, photometricInterpretation } = samples;
  if (bitsAllocated !== 8 || bitsStored !== 8) throw new Error(`its pixels have ${bitsStored} bits`);
  if (samples.pixelRepresentation === 1) throw new Error('its pixels are signed');
  if (photometricInterpretation === 'PALETTE COLOR') throw new Error('its pixels are indexes of a palette');
  const isGray = samplesPerPixel === 1;
  const picture = isGray ? samples.bytes : colorPicture(samples);
  const raw = { width: columns, height: rows, channels: isGray ? 1 : 3 } as const;
  const encoded = await sharp(picture, { raw, limitInputPixels: false })
    .toColourspace(isGray ? 'b-w' : 'srgb')
    .jpeg({ quality, chromaSubsampling: '4:4:4', progressive: false })
    .toBuffer();
  return {
    bytes: new Uint8Array(encoded),
    samples,
    photometricInterpretation: isGray ? photometricInterpretation : 'YBR_FULL',
  };
}
