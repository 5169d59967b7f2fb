import { swapped } from '../../../dicom/number-swap.ts';
import { decodedFrameBytes, type FrameDescription } from '../../frame-description.ts';
import { interleaved } from '../planes.ts';
import { decodeFailed, type Samples, samplesAsDescribed, withWholeChroma } from '../samples.ts';

/**
 * Puts uncompressed samples into one layout: little endian, interleaved, one-bit frames starting on a byte, chroma of 4:2:2 repeated.
 * @throws CausewayError `decode-failed` if there are too few bytes
 * @see PS3.5 §8.1, §8.2, Annex D; PS3.3 §C.7.6.3.1.2
 */
export function decodeNative(given: Uint8Array, frame: FrameDescription): Samples {
  const words = frame.byteOrder === 'word-swapped' ? turnedWords(given, frame) : given;
  const bytes = words.subarray(Math.floor(frame.bitOffset / 8));
  if (frame.bitsAllocated === 1) return samplesAsDescribed(frame, alignedBits(bytes, frame));
  const fullBytes = decodedFrameBytes(frame);
  // Some writers say YBR_FULL_422 and store all the chroma all the same.
  const subsampled =
    frame.photometricInterpretation.endsWith('_422') && frame.samplesPerPixel === 3 && bytes.length < fullBytes;
  const frameBytes = subsampled ? (fullBytes / 3) * 2 : fullBytes;
  if (bytes.length < frameBytes) throw decodeFailed(frame, `it has ${bytes.length} bytes and needs ${frameBytes}`);
  const own = bytes.subarray(0, frameBytes);
  const samples = frame.byteOrder === 'big' ? swapped(own, cellBytes(frame)) : own;
  const photometric = withWholeChroma(frame.photometricInterpretation);
  if (subsampled) return samplesAsDescribed(frame, withRepeatedChroma(samples, frame), photometric);
  const byPlane = frame.planarConfiguration === 1 && frame.samplesPerPixel > 1;
  const pixels = byPlane ? interleaved(samples, frame.samplesPerPixel, frame.bitsAllocated / 8) : samples;
  return samplesAsDescribed(frame, pixels, photometric);
}

/** Shifts bits, least significant first, to the start of the first byte and clears what follows the last pixel. */
function alignedBits(bytes: Uint8Array, frame: FrameDescription): Uint8Array {
  const bits = frame.rows * frame.columns * frame.samplesPerPixel;
  const bitOffset = frame.bitOffset % 8;
  const neededBytes = Math.ceil((bitOffset + bits) / 8);
  if (bytes.length < neededBytes) throw decodeFailed(frame, `it has ${bytes.length} bytes and needs ${neededBytes}`);
  const aligned = new Uint8Array(Math.ceil(bits / 8));
  for (let index = 0; index < aligned.length; index++) {
    const low = (bytes[index] as number) >> bitOffset;
    const high = (bytes[index + 1] ?? 0) << (8 - bitOffset);
    aligned[index] = bitOffset === 0 ? low : low | high;
  }
  const rest = bits % 8;
  if (rest > 0) aligned[aligned.length - 1] = (aligned.at(-1) as number) & ((1 << rest) - 1);
  return aligned;
}

function turnedWords(bytes: Uint8Array, frame: FrameDescription): Uint8Array {
  if (bytes.length % 2 === 1) throw decodeFailed(frame, 'its last byte is half of a big endian word');
  return swapped(bytes, 2);
}

function cellBytes({ bitsAllocated }: FrameDescription): 2 | 4 | 8 {
  return bitsAllocated === 16 ? 2 : bitsAllocated === 32 ? 4 : 8;
}

/** Two luminances share a blue and a red difference: Y Y B R becomes Y B R Y B R. */
function withRepeatedChroma(samples: Uint8Array, frame: FrameDescription): Uint8Array {
  if (frame.bitsAllocated !== 8) throw decodeFailed(frame, '4:2:2 samples of other than 8 bits are not supported');
  const pixels = new Uint8Array(frame.rows * frame.columns * 3);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 6) {
    pixels[to] = samples[from] as number;
    pixels[to + 3] = samples[from + 1] as number;
    pixels[to + 1] = pixels[to + 4] = samples[from + 2] as number;
    pixels[to + 2] = pixels[to + 5] = samples[from + 3] as number;
  }
  return pixels;
}
