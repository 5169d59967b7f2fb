import { codedSamples } from '../coded-samples.ts';
import type { Codestream } from '../encode-frame.ts';
import type { Samples } from '../samples.ts';
import { encodeWithDcmjs } from './dcmjs-native-codec.ts';

const firstOrderPrediction = 1;

/**
 * JPEG Lossless with Selection Value 1; negative numbers as two's complement of Bits Stored bits, as the codestream knows none.
 * @see PS3.5 §8.2.1
 */
export async function encodeJpegLossless(given: Samples): Promise<Codestream> {
  const { bytes, precision, samples } = codedSamples(given, 'masked');
  const encoded = await encodeWithDcmjs(
    'encodeJpeg',
    { ...samples, bytes, bitsStored: precision, pixelRepresentation: 0 },
    { lossy: false, predictor: firstOrderPrediction, pointTransform: 0 },
  );
  return { bytes: encoded, samples, photometricInterpretation: samples.photometricInterpretation };
}
