import type { FrameDescription } from '../../frame-description.ts';
import { type Jpeg2000Header, readJpeg2000Header, requireWholeTileParts } from '../codestreams/jpeg-2000-header.ts';
import { decodeFailed, type Samples } from '../samples.ts';
import { readHeader, requireSameSize, samplesFromCodestream } from './codestream-samples.ts';
import { decodeWithDcmjs } from './dcmjs-native-codec.ts';

/** @throws CausewayError `decode-failed` */
export async function decodeJpeg2000(bytes: Uint8Array, frame: FrameDescription): Promise<Samples> {
  const header = readUsableHeader(bytes, frame);
  const samples = await decodeWithDcmjs('decodeJpeg2000', frame, header.codestream, header);
  return samplesFromCodestream(frame, { ...header, bytes: samples }, photometricAfterJpeg2000(header, frame));
}

/**
 * Reads and checks what JPEG 2000 and HTJ2K have in common.
 * @throws CausewayError `decode-failed`
 */
export function readUsableHeader(bytes: Uint8Array, frame: FrameDescription): Jpeg2000Header {
  const header = readHeader(frame, () => readJpeg2000Header(bytes));
  requireSameSize(frame, header);
  if (header.mixed) throw decodeFailed(frame, 'its components differ in size or depth');
  if (header.precision > 16) throw decodeFailed(frame, `its samples have ${header.precision} bits, more than 16`);
  readHeader(frame, () => requireWholeTileParts(header));
  return header;
}

/** The decoder undoes RCT and ICT. Without them the components are what the attributes say, if that is possible: RGB if they say YBR_RCT. */
export function photometricAfterJpeg2000(
  { colorTransform, components }: Jpeg2000Header,
  frame: FrameDescription,
): string {
  const declared = frame.photometricInterpretation;
  if (components !== 3) return declared;
  return !colorTransform && declared.startsWith('YBR_FULL') ? 'YBR_FULL' : 'RGB';
}
