import { alignedBuffer } from '../codecs/codestream-samples.ts';
import type { Samples } from '../samples.ts';
import type { ValueRange } from './gray-function.ts';

/** Integers of at most 16 bits, still as they lie in their allocation. */
export interface IndexedValues {
  readonly kind: 'indexed';
  readonly words: Uint8Array | Uint16Array;
  readonly bitsStored: number;
  /** Bits below the value; what is above it may be anything, such as an overlay. */
  readonly shift: number;
  readonly signed: boolean;
}

/** Numbers too wide for a table of all their values. */
export interface WideValues {
  readonly kind: 'wide';
  readonly numbers: Int32Array | Uint32Array | Float32Array | Float64Array;
}

export type StoredValues = IndexedValues | WideValues;

/** Reads samples as the numbers that Bits Stored, High Bit and Pixel Representation make of them (PS3.5 §8.1.1). */
export function storedValues(samples: Samples): StoredValues {
  const { bytes, bitsAllocated, bitsStored, highBit, rows, columns, samplesPerPixel } = samples;
  const count = rows * columns * samplesPerPixel;
  const signed = samples.pixelRepresentation === 1;
  const shift = highBit + 1 - bitsStored;
  if (bitsAllocated === 1)
    return { kind: 'indexed', words: unpackedBits(bytes, count), bitsStored: 1, shift: 0, signed: false };
  if (bitsAllocated === 8) return { kind: 'indexed', words: bytes.subarray(0, count), bitsStored, shift, signed };
  const buffer = alignedBuffer(bytes);
  if (bitsAllocated === 16)
    return { kind: 'indexed', words: new Uint16Array(buffer, 0, count), bitsStored, shift, signed };
  if (bitsAllocated === 64) return { kind: 'wide', numbers: new Float64Array(buffer, 0, count) };
  if (samples.isFloat) return { kind: 'wide', numbers: new Float32Array(buffer, 0, count) };
  const numbers = signed ? new Int32Array(buffer, 0, count) : new Uint32Array(buffer, 0, count);
  if (bitsStored === 32) return { kind: 'wide', numbers };
  const left = 31 - highBit;
  const right = 32 - bitsStored;
  return {
    kind: 'wide',
    numbers: numbers.map((word) => (signed ? (word << left) >> right : (word << left) >>> right)),
  };
}

/** The number that a bit pattern stands for: two's complement where signed. */
export function valueOfBits(bits: number, { bitsStored, signed }: IndexedValues): number {
  return signed && bits >> (bitsStored - 1) !== 0 ? bits - (1 << bitsStored) : bits;
}

/** For each bit pattern, 1 if a pixel has it: far quicker than to look at 65,536 patterns of which a frame uses a few hundred. */
export function occurringBits({ words, shift, bitsStored }: IndexedValues): Uint8Array {
  const mask = (1 << bitsStored) - 1;
  const occurs = new Uint8Array(mask + 1);
  for (let index = 0; index < words.length; index++) occurs[((words[index] as number) >> shift) & mask] = 1;
  return occurs;
}

/** The lowest and highest value of a frame without padding; of a frame of nothing else, that of the padding. */
export function rangeOf(values: StoredValues, padding: ValueRange | undefined): ValueRange {
  const range = values.kind === 'wide' ? rangeOfWide(values, padding) : rangeOfIndexed(values, padding);
  if (range !== undefined) return range;
  return padding === undefined ? [0, 0] : rangeOf(values, undefined);
}

function rangeOfIndexed(values: IndexedValues, padding: ValueRange | undefined): ValueRange | undefined {
  const occurs = occurringBits(values);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let bits = 0; bits < occurs.length; bits++) {
    if (occurs[bits] === 0) continue;
    const value = valueOfBits(bits, values);
    if (padding !== undefined && value >= padding[0] && value <= padding[1]) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

function rangeOfWide({ numbers }: WideValues, padding: ValueRange | undefined): ValueRange | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index] as number;
    if (!Number.isFinite(value)) continue;
    if (padding !== undefined && value >= padding[0] && value <= padding[1]) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}

function unpackedBits(bytes: Uint8Array, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let index = 0; index < count; index++) bits[index] = ((bytes[index >> 3] as number) >> (index & 7)) & 1;
  return bits;
}
