import { CausewayError } from '../../../kernel/errors.ts';
import type { LookupTable } from '../../lookup-table.ts';
import type { Presentation } from '../../presentation.ts';
import type { Samples } from '../samples.ts';
import { storedValues, valueOfBits } from './stored-values.ts';

/** @returns three bytes a pixel: red, green, blue */
export function colorPicture(samples: Samples): Uint8Array {
  const bytes = eightBits(samples);
  switch (samples.photometricInterpretation) {
    case 'RGB':
      return bytes;
    case 'YBR_FULL':
    case 'YBR_FULL_422':
    case 'YBR_ICT':
      return fromYbr(bytes, fullRange);
    case 'YBR_PARTIAL_422':
    case 'YBR_PARTIAL_420':
      return fromYbr(bytes, partialRange);
    default:
      throw new CausewayError(
        'cannot-render',
        `Pictures with Photometric Interpretation ${samples.photometricInterpretation} cannot be rendered.`,
        { details: { tag: '00280004' } },
      );
  }
}

/**
 * Looks up each pixel in the three tables of a palette, which may be 8 or 16 bits deep.
 * @see PS3.3 §C.7.6.3.1.5, §C.7.6.3.1.6
 */
export function palettePicture(samples: Samples, palette: NonNullable<Presentation['palette']>): Uint8Array {
  const values = storedValues(samples);
  if (values.kind === 'wide') throw new CausewayError('cannot-render', 'A palette needs pixels of at most 16 bits.');
  const { words, shift, bitsStored } = values;
  const mask = 2 ** bitsStored - 1;
  const colors = new Uint8Array(3 * (mask + 1));
  for (let bits = 0; bits <= mask; bits++) {
    const value = valueOfBits(bits, values);
    for (let color = 0; color < 3; color++)
      colors[3 * bits + color] = entryAsByte(palette[color] as LookupTable, value);
  }
  const pixels = new Uint8Array(3 * words.length);
  for (let index = 0, to = 0; index < words.length; index++, to += 3) {
    const from = 3 * (((words[index] as number) >> shift) & mask);
    pixels[to] = colors[from] as number;
    pixels[to + 1] = colors[from + 1] as number;
    pixels[to + 2] = colors[from + 2] as number;
  }
  return pixels;
}

function entryAsByte({ entries, firstMapped, bits }: LookupTable, value: number): number {
  const index = Math.min(Math.max(value - firstMapped, 0), entries.length - 1);
  return (entries[index] as number) >> (bits - 8);
}

/** Samples of any depth as bytes, full scale to full scale. */
function eightBits(samples: Samples): Uint8Array {
  const values = storedValues(samples);
  if (values.kind === 'wide' || values.signed) {
    throw new CausewayError(
      'cannot-render',
      'Colour samples that are signed or deeper than 16 bits cannot be rendered.',
    );
  }
  const { words, shift, bitsStored } = values;
  if (bitsStored === 8 && shift === 0 && words instanceof Uint8Array) return words;
  const mask = 2 ** bitsStored - 1;
  const byteOfBits = new Uint8Array(mask + 1);
  for (let bits = 0; bits <= mask; bits++) byteOfBits[bits] = Math.round((bits * 255) / mask);
  const bytes = new Uint8Array(words.length);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = byteOfBits[((words[index] as number) >> shift) & mask] as number;
  }
  return bytes;
}

/** Factors of PS3.3 §C.7.6.3.1.2, scaled by 65536. */
interface YbrFactors {
  readonly black: number;
  readonly luminance: number;
  readonly redFromCr: number;
  readonly greenFromCb: number;
  readonly greenFromCr: number;
  readonly blueFromCb: number;
}

const fullRange: YbrFactors = {
  black: 0,
  luminance: 65_536,
  redFromCr: 91_881,
  greenFromCb: -22_554,
  greenFromCr: -46_802,
  blueFromCb: 116_130,
};

/** Luminance from 16 to 235, differences from 16 to 240, as in ITU-R BT.601. */
const partialRange: YbrFactors = {
  black: 16,
  luminance: 76_309,
  redFromCr: 104_597,
  greenFromCb: -25_675,
  greenFromCr: -53_279,
  blueFromCb: 132_201,
};

function fromYbr(bytes: Uint8Array, factors: YbrFactors): Uint8Array {
  const { black, luminance, redFromCr, greenFromCb, greenFromCr, blueFromCb } = factors;
  // Clamped arrays round to the nearest and hold the ends.
  const pixels = new Uint8ClampedArray(bytes.length);
  for (let index = 0; index + 2 < bytes.length; index += 3) {
    const y = ((bytes[index] as number) - black) * luminance;
    const cb = (bytes[index + 1] as number) - 128;
    const cr = (bytes[index + 2] as number) - 128;
    pixels[index] = (y + cr * redFromCr) / 65_536;
    pixels[index + 1] = (y + cb * greenFromCb + cr * greenFromCr) / 65_536;
    pixels[index + 2] = (y + cb * blueFromCb) / 65_536;
  }
  return new Uint8Array(pixels.buffer);
}
