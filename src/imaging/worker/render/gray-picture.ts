import type { Presentation } from '../../presentation.ts';
import type { Samples } from '../samples.ts';
import { createGrayFunction, type ValueRange } from './gray-function.ts';
import {
  type IndexedValues,
  occurringBits,
  rangeOf,
  type StoredValues,
  storedValues,
  valueOfBits,
  type WideValues,
} from './stored-values.ts';

/** @returns one byte a pixel, 0 black to 255 white */
export function grayPicture(samples: Samples, presentation: Presentation): Uint8Array {
  const values = storedValues(samples);
  const range = rangeFor(values, samples, presentation);
  const grayOf = createGrayFunction(presentation, range);
  return values.kind === 'wide' ? mapWide(values, grayOf) : mapIndexed(values, grayOf);
}

function rangeFor(values: StoredValues, samples: Samples, presentation: Presentation): ValueRange {
  if (presentation.voi.kind === 'auto') return autoRange(values, presentation);
  return presentation.voi.kind === 'whole' ? wholeRange(values, samples, presentation) : [0, 0];
}

/** All that Bits Stored can hold; floating point has no such bounds, there it is what the frame holds. */
function wholeRange(
  values: StoredValues,
  { isFloat, bitsStored, pixelRepresentation }: Samples,
  { padding }: Presentation,
): ValueRange {
  if (isFloat) return rangeOf(values, padding);
  const half = 2 ** (bitsStored - 1);
  return pixelRepresentation === 1 ? [-half, half - 1] : [0, 2 * half - 1];
}

/**
 * The stored values that become black and white where the instance has no window. Up to 8 unsigned bits these are all that there can be, as
 * such pictures are made to be shown (secondary captures, ultrasound) and must not change brightness from frame to frame; a fractional
 * segmentation ends at its maximum; everything else spans what the frame holds.
 */
function autoRange(values: StoredValues, { modality, maximumFraction, padding }: Presentation): ValueRange {
  if (maximumFraction !== undefined) return [0, maximumFraction];
  const untouched = modality.kind === 'linear' && modality.slope === 1 && modality.intercept === 0;
  if (values.kind === 'indexed' && values.bitsStored <= 8 && !values.signed && untouched) {
    return [0, 2 ** values.bitsStored - 1];
  }
  return rangeOf(values, padding);
}

function mapIndexed(values: IndexedValues, grayOf: (stored: number) => number): Uint8Array {
  const { words, shift, bitsStored } = values;
  const mask = (1 << bitsStored) - 1;
  // An entry of the table costs what a dozen pixels cost: a table of many that no pixel uses is not filled.
  const sparse = mask > words.length / 16;
  const grayOfBits = sparse ? occurringBits(values) : new Uint8Array(mask + 1).fill(1);
  for (let bits = 0; bits <= mask; bits++) {
    if (grayOfBits[bits] !== 0) grayOfBits[bits] = grayOf(valueOfBits(bits, values));
  }
  const gray = new Uint8Array(words.length);
  for (let index = 0; index < gray.length; index++) {
    gray[index] = grayOfBits[((words[index] as number) >> shift) & mask] as number;
  }
  return gray;
}

function mapWide({ numbers }: WideValues, grayOf: (stored: number) => number): Uint8Array {
  const gray = new Uint8Array(numbers.length);
  for (let index = 0; index < gray.length; index++) gray[index] = grayOf(numbers[index] as number);
  return gray;
}
