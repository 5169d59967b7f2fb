import { codedSamples } from '../coded-samples.ts';
import { readJpeg2000Header } from '../codestreams/jpeg-2000-header.ts';
import type { Codestream } from '../encode-frame.ts';
import type { Samples } from '../samples.ts';
import { encodeWithDcmjs } from './dcmjs-native-codec.ts';

/**
 * JPEG 2000 without loss, RGB with the reversible colour transform.
 * @see PS3.5 §8.2.4
 */
export async function encodeJpeg2000(given: Samples): Promise<Codestream> {
  const { bytes, precision, samples } = codedSamples(given, 'extended');
  const { samplesPerPixel, pixelRepresentation, photometricInterpretation } = samples;
  // What the encoder makes of these is not what went in.
  if (samplesPerPixel > 1 && precision > 8) throw new Error(`its colours have ${precision} bits each`);
  if (pixelRepresentation === 1 && precision <= 8) throw new Error(`its signed pixels have ${precision} bits`);
  const encoded = await encodeWithDcmjs(
    'encodeJpeg2000',
    { ...samples, bytes, bitsStored: precision },
    { lossy: false },
  );
  const { colorTransform } = readJpeg2000Header(encoded);
  return {
    bytes: encoded,
    samples,
    photometricInterpretation: colorTransform ? 'YBR_RCT' : photometricInterpretation,
  };
}
