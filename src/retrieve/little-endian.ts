import { Transform, type TransformCallback } from 'node:stream';
import type { Vr } from '../dicom/json-model.ts';
import { swapped } from '../dicom/number-swap.ts';

/** Bytes of one number of these VRs: what has to be turned round between byte orders (PS3.5 §7.3). */
const numberBytes: Partial<Record<Vr, 2 | 4 | 8>> = {
  AT: 2,
  OW: 2,
  SS: 2,
  US: 2,
  FL: 4,
  OF: 4,
  OL: 4,
  SL: 4,
  UL: 4,
  FD: 8,
  OD: 8,
  OV: 8,
  SV: 8,
  UV: 8,
};

/** Bytes of one number of a VR; 1 where byte order does not matter. */
export function bytesPerNumber(vr: Vr): 1 | 2 | 4 | 8 {
  return numberBytes[vr] ?? 1;
}

/** Turns the numbers of a stream round that starts with a whole one. */
export function createSwapStream(width: 2 | 4 | 8): Transform {
  let rest: Uint8Array = new Uint8Array();
  return new Transform({
    transform(chunk: Uint8Array, _encoding, callback: TransformCallback) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = bytes.length - (bytes.length % width);
      rest = bytes.subarray(end);
      callback(null, swapped(bytes.subarray(0, end), width));
    },
    flush(callback) {
      callback(null, rest);
    },
  });
}

/**
 * Moves a frame to the start of its first byte and takes away what belongs to the next one (PS3.5 §8.1.1).
 * Where that are whole bytes, they are those of what was given.
 * @param bitOffset bits that belong to the frame before
 */
export function withoutBitOffset(bytes: Uint8Array, bitOffset: number, bits: number): Buffer {
  const firstByte = bitOffset >> 3;
  const shift = bitOffset & 7;
  const length = Math.ceil(bits / 8);
  if (shift === 0 && bits % 8 === 0 && firstByte + length <= bytes.length) {
    return Buffer.from(bytes.buffer, bytes.byteOffset + firstByte, length);
  }
  const moved = Buffer.alloc(length);
  for (let at = 0; at < moved.length; at += 1) {
    const from = firstByte + at;
    moved[at] = ((bytes[from] ?? 0) >> shift) | ((bytes[from + 1] ?? 0) << (8 - shift));
  }
  const used = bits % 8;
  if (used !== 0) moved[moved.length - 1]! &= (1 << used) - 1;
  return moved;
}
