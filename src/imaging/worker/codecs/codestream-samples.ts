import type { FrameDescription } from '../../frame-description.ts';
import { decodeFailed, type Samples, samplesAsDescribed } from '../samples.ts';

/** Runs a header reader; what it throws becomes the reason why the frame cannot be decoded. */
export function readHeader<T>(frame: FrameDescription, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw decodeFailed(frame, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

/**
 * A codestream must have the size that the attributes say. One exception: the last tiles of a row or column of a whole slide image, which
 * some scanners cut at the edge of the matrix instead of filling them up; they come out filled up, on white.
 * @throws CausewayError `decode-failed` if the size is another
 */
export function requireSameSize(
  frame: FrameDescription,
  own: { readonly rows: number; readonly columns: number; readonly components?: number },
): void {
  const { components = frame.samplesPerPixel } = own;
  const fits = frame.isTile
    ? own.rows <= frame.rows && own.columns <= frame.columns && own.rows > 0 && own.columns > 0
    : own.rows === frame.rows && own.columns === frame.columns;
  if (fits && components === frame.samplesPerPixel) return;
  const says = `${own.columns} × ${own.rows} pixels with ${components} components`;
  const expected = `${frame.columns} × ${frame.rows} with ${frame.samplesPerPixel}`;
  throw decodeFailed(frame, `its codestream has ${says}, the attributes say ${expected}`);
}

/** What a codec gave: interleaved samples, one byte each up to 8 bits of precision, else two. */
export interface DecodedCodestream {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly precision: number;
}

/**
 * Puts what a codec gave into the layout of the attributes: Bits Allocated wide, sign extended from Bits Stored. A codestream of more bits
 * than Bits Stored keeps them if any sample uses them for anything but the sign.
 * @throws CausewayError `decode-failed`
 */
export function samplesFromCodestream(
  frame: FrameDescription,
  decoded: DecodedCodestream,
  photometricInterpretation = frame.photometricInterpretation,
): Samples {
  const { precision } = decoded;
  const sampleBytes = precision > 8 ? 2 : 1;
  const expectedBytes = decoded.rows * decoded.columns * frame.samplesPerPixel * sampleBytes;
  if (decoded.bytes.length !== expectedBytes) {
    throw decodeFailed(frame, `its decoder gave ${decoded.bytes.length} bytes instead of ${expectedBytes}`);
  }
  const bitsAllocated = Math.max(frame.bitsAllocated, 8);
  if (precision > bitsAllocated) {
    throw decodeFailed(frame, `its samples have ${precision} bits and Bits Allocated is ${frame.bitsAllocated}`);
  }
  const whole = decoded.rows === frame.rows && decoded.columns === frame.columns;
  const bytes = whole ? decoded.bytes : filledUp(frame, decoded, sampleBytes, photometricInterpretation);
  const given = sampleBytes === 2 ? new Uint16Array(alignedBuffer(bytes), 0, bytes.length / 2) : bytes;
  const samples = widened(given, bitsAllocated);
  const isSigned = frame.pixelRepresentation === 1;
  const uses = isSigned ? exceedsSigned : exceeds;
  const bitsStored =
    precision > frame.bitsStored && uses(samples, frame.bitsStored, precision) ? precision : frame.bitsStored;
  if (isSigned) extendSign(samples, bitsAllocated, bitsStored);
  return {
    ...samplesAsDescribed(frame, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)),
    photometricInterpretation,
    bitsAllocated,
    bitsStored,
    highBit: bitsStored - 1,
  };
}

/** A tile that was cut at the edge of the matrix, in the top left corner of a whole one. */
function filledUp(
  frame: FrameDescription,
  { bytes, columns, rows, precision }: DecodedCodestream,
  sampleBytes: number,
  photometricInterpretation: string,
): Uint8Array {
  const pixelBytes = frame.samplesPerPixel * sampleBytes;
  const tile = new Uint8Array(frame.rows * frame.columns * pixelBytes);
  const isWhite = photometricInterpretation === 'RGB' || photometricInterpretation === 'MONOCHROME2';
  if (isWhite && precision % 8 === 0) tile.fill(255);
  for (let row = 0; row < rows; row++) {
    const line = bytes.subarray(row * columns * pixelBytes, (row + 1) * columns * pixelBytes);
    tile.set(line, row * frame.columns * pixelBytes);
  }
  return tile;
}

/** The bytes in a buffer of their own, so that they may be looked at as words. */
export function alignedBuffer(bytes: Uint8Array): ArrayBuffer {
  if (bytes.byteOffset === 0 && bytes.buffer instanceof ArrayBuffer) return bytes.buffer;
  return new Uint8Array(bytes).buffer;
}

type Integers = Uint8Array | Uint16Array | Uint32Array;

function widened(samples: Uint8Array | Uint16Array, bitsAllocated: number): Integers {
  if (bitsAllocated === 8 * samples.BYTES_PER_ELEMENT) return samples;
  return bitsAllocated === 16 ? Uint16Array.from(samples) : Uint32Array.from(samples);
}

function extendSign(samples: Integers, bitsAllocated: number, bitsStored: number): void {
  if (bitsStored === bitsAllocated) return;
  const shift = 32 - bitsStored;
  for (let index = 0; index < samples.length; index++) {
    samples[index] = ((samples[index] as number) << shift) >> shift;
  }
}

function exceeds(samples: Integers, bitsStored: number): boolean {
  const limit = 2 ** bitsStored - 1;
  for (let index = 0; index < samples.length; index++) if ((samples[index] as number) > limit) return true;
  return false;
}

/** Bits above those stored may be zero, or the sign over and over, but not this in one pixel and that in another. */
function exceedsSigned(samples: Integers, bitsStored: number, precision: number): boolean {
  const [signBit, whole] = [2 ** (bitsStored - 1), 2 ** precision];
  let isMasked = false;
  let isExtended = false;
  for (let index = 0; index < samples.length; index++) {
    const sample = (samples[index] as number) % whole;
    if (sample < signBit) continue;
    if (sample < 2 * signBit) isMasked = true;
    else if (sample < whole - signBit) return true;
    else isExtended = true;
  }
  return isMasked && isExtended;
}
