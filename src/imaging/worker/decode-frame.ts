import { inflateRawSync } from 'node:zlib';
import { CausewayError } from '../../kernel/errors.ts';
import { decodedFrameBytes, type FrameDescription } from '../frame-description.ts';
import { decodeNative } from './codecs/decode-native.ts';
import { decodeRle } from './codecs/decode-rle.ts';
import { decodeFailed, type Samples } from './samples.ts';

/**
 * Decodes one frame.
 *
 * What a codestream says of itself is held against the attributes: size and number of components must agree. Where precision or sign
 * differ, the bits are the codestream's and their meaning is the attributes' (a 13-bit unsigned codestream of an image with Pixel
 * Representation 1 holds two's complement numbers of 13 bits). A frame that ends early is an error, never a picture with a gray rest.
 * @throws CausewayError `decode-failed`, `transfer-syntax-unsupported`
 */
export async function decodeFrame(bytes: Uint8Array, frame: FrameDescription): Promise<Samples> {
  // A codec is loaded when its first frame comes: each costs tens of milliseconds and megabytes.
  switch (frame.codec) {
    case 'native':
      return decodeNative(bytes, frame);
    case 'deflated-frame':
      return decodeNative(inflate(bytes, frame), frame);
    case 'rle':
      return decodeRle(bytes, frame);
    case 'jpeg':
      return (await import('./codecs/decode-jpeg.ts')).decodeJpeg(bytes, frame);
    case 'jpeg-ls':
      return (await import('./codecs/decode-jpeg-ls.ts')).decodeJpegLs(bytes, frame);
    case 'jpeg-2000':
      return (await import('./codecs/decode-jpeg-2000.ts')).decodeJpeg2000(bytes, frame);
    case 'htj2k':
      return (await import('./codecs/decode-htj2k.ts')).decodeHtj2k(bytes, frame);
    case 'jpeg-xl':
      return (await import('./codecs/decode-jpeg-xl.ts')).decodeJpegXl(bytes, frame);
    default:
      throw new CausewayError(
        'transfer-syntax-unsupported',
        `Nothing here decodes frames in transfer syntax ${frame.transferSyntaxUid}.`,
      );
  }
}

/** Deflated Image Frame Compression: each frame is a raw deflate stream (PS3.5 §A.4.13); it may inflate to a pad byte too. */
function inflate(bytes: Uint8Array, frame: FrameDescription): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: decodedFrameBytes(frame) + 1 });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw decodeFailed(frame, `its deflate stream is broken (${reason})`, thrown);
  }
}
