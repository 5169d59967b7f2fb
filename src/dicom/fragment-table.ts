import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';

/** Bytes of one fragment in the encoded table: offset and length as unsigned 48-bit big endian integers. */
export const bytesPerFragment = 12;

/** Bytes of one frame in the encoded list of frame starts: an unsigned 32-bit big endian integer. */
export const bytesPerFrameStart = 4;

/** Where the fragments of encapsulated Pixel Data lie, as in `EncapsulatedPixelData`. */
export interface FragmentTable {
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
}

/**
 * Writes a fragment table so that fragment i is the 12 bytes at 12 × i: a database can hand out
 * one frame of a hundred thousand without reading the rest.
 */
export function encodeFragments(offsets: Float64Array, lengths: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(offsets.length * bytesPerFragment);
  for (let index = 0; index < offsets.length; index++) {
    bytes.writeUIntBE(offsets[index] ?? 0, index * bytesPerFragment, 6);
    bytes.writeUIntBE(lengths[index] ?? 0, index * bytesPerFragment + 6, 6);
  }
  return bytes;
}

/**
 * Reads an encoded table or any run of whole entries of it.
 * @throws CausewayError `internal` if there is half an entry
 */
export function decodeFragments(encoded: Uint8Array): FragmentTable {
  const bytes = whole(encoded, bytesPerFragment);
  const count = bytes.length / bytesPerFragment;
  const offsets = new Float64Array(count);
  const lengths = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    offsets[index] = bytes.readUIntBE(index * bytesPerFragment, 6);
    lengths[index] = bytes.readUIntBE(index * bytesPerFragment + 6, 6);
  }
  return { offsets, lengths };
}

/** Writes the index of each frame's first fragment: frame i is the 4 bytes at 4 × i. */
export function encodeFrameStarts(frameStarts: Uint32Array): Buffer {
  const bytes = Buffer.allocUnsafe(frameStarts.length * bytesPerFrameStart);
  frameStarts.forEach((start, index) => {
    bytes.writeUInt32BE(start, index * bytesPerFrameStart);
  });
  return bytes;
}

/**
 * Reads an encoded list of frame starts or any run of whole entries of it.
 * @throws CausewayError `internal` if there is half an entry
 */
export function decodeFrameStarts(encoded: Uint8Array): Uint32Array {
  const bytes = whole(encoded, bytesPerFrameStart);
  const frameStarts = new Uint32Array(bytes.length / bytesPerFrameStart);
  for (let index = 0; index < frameStarts.length; index++) {
    frameStarts[index] = bytes.readUInt32BE(index * bytesPerFrameStart);
  }
  return frameStarts;
}

function whole(encoded: Uint8Array, bytesPerEntry: number): Buffer {
  if (encoded.length % bytesPerEntry !== 0) {
    throw new CausewayError(
      'internal',
      `The stored frame table has ${encoded.length} bytes, no multiple of ${bytesPerEntry}.`,
    );
  }
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length);
}
