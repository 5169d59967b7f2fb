import type { FrameDescription } from '../../frame-description.ts';
import { readJpegXlSize } from '../codestreams/jpeg-xl-header.ts';
import type { Samples } from '../samples.ts';
import { readHeader, requireSameSize, samplesFromCodestream } from './codestream-samples.ts';
import { decodeWithDcmjs } from './dcmjs-native-codec.ts';

/**
 * JPEG XL, lossless, lossy or recompressed from JPEG. Its decoder turns every colour space into RGB, and reports a codestream that ends
 * early by itself: there is no end marker to look for.
 * @throws CausewayError `decode-failed`
 */
export async function decodeJpegXl(bytes: Uint8Array, frame: FrameDescription): Promise<Samples> {
  const size = readHeader(frame, () => readJpegXlSize(bytes));
  requireSameSize(frame, size);
  const precision = Math.min(frame.bitsStored, 16);
  const samples = await decodeWithDcmjs('decodeJpegXl', frame, bytes, {
    ...size,
    components: frame.samplesPerPixel,
    precision,
    signed: frame.pixelRepresentation === 1,
  });
  const photometric = frame.samplesPerPixel === 3 ? 'RGB' : frame.photometricInterpretation;
  return samplesFromCodestream(frame, { ...size, precision, bytes: samples }, photometric);
}
