import type { FrameDescription } from '../../frame-description.ts';
import { hasEndMarker, type JpegHeader, readJpegHeader } from '../codestreams/jpeg-header.ts';
import { decodeFailed, type Samples, withWholeChroma } from '../samples.ts';
import { readHeader, requireSameSize, samplesFromCodestream } from './codestream-samples.ts';
import { decodeWithDcmjs } from './dcmjs-native-codec.ts';

/**
 * JPEG of 8 and 12 bits (DCT) and lossless of up to 16. Lossy colour comes out as RGB; lossless samples keep their colour space.
 * @throws CausewayError `decode-failed`
 */
export async function decodeJpeg(bytes: Uint8Array, frame: FrameDescription): Promise<Samples> {
  const header = readHeader(frame, () => readJpegHeader(bytes));
  const { process, precision, rows, columns, scanOffset } = header;
  const components = header.componentIds.length;
  if (process !== 'dct' && process !== 'lossless')
    throw decodeFailed(frame, `its JPEG process (${process}) is not supported`);
  requireSameSize(frame, { rows, columns, components });
  if (!hasEndMarker(bytes, scanOffset)) throw decodeFailed(frame, 'its JPEG codestream ends without an EOI marker');
  const toRgb = components === 3 && process === 'dct' && isYcbcr(header, frame);
  const samples = await decodeWithDcmjs(
    'decodeJpeg',
    frame,
    bytes,
    { rows, columns, components, precision, signed: false },
    toRgb,
  );
  return samplesFromCodestream(frame, { ...header, bytes: samples }, toRgb ? 'RGB' : photometricAfter(header, frame));
}

/**
 * Adobe's segment is explicit and wins; components named R, G and B are what they say; otherwise the Photometric Interpretation decides,
 * whether there is a JFIF segment or not (PS3.5 §8.2.1).
 */
function isYcbcr({ adobeTransform, componentIds }: JpegHeader, frame: FrameDescription): boolean {
  if (adobeTransform !== undefined) return adobeTransform !== 0;
  if (String.fromCharCode(...componentIds) === 'RGB') return false;
  return frame.photometricInterpretation !== 'RGB';
}

function photometricAfter({ process, componentIds }: JpegHeader, frame: FrameDescription): string {
  if (componentIds.length !== 3) return frame.photometricInterpretation;
  if (process === 'dct') return 'RGB';
  return withWholeChroma(frame.photometricInterpretation);
}
