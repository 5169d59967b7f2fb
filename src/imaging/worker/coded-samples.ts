import { alignedBuffer } from './codecs/codestream-samples.ts';
import type { Samples } from './samples.ts';

/** Samples as a codec for pictures takes them: one byte each up to 8 bits, else two, little endian. */
export interface CodedSamples {
  readonly bytes: Uint8Array;
  readonly precision: number;
  /** What decoding gives back: the samples, negative ones with their sign in the bits above those stored. */
  readonly samples: Samples;
}

/**
 * Takes the stored bits out of their cells.
 * @param negative how they go to the codec: sign extended, or as two's complement of so many bits, which most codecs need
 * @throws Error to complete "Frame 3 cannot be encoded in …: " where bits beside those stored are in use, which no codec keeps
 */
export function codedSamples(samples: Samples, negative: 'extended' | 'masked'): CodedSamples {
  const { bitsAllocated, bitsStored, highBit, pixelRepresentation } = samples;
  if (bitsAllocated !== 8 && bitsAllocated !== 16) throw new Error(`its pixel cells have ${bitsAllocated} bits`);
  if (highBit !== bitsStored - 1) throw new Error(`its High Bit is ${highBit} with ${bitsStored} Bits Stored`);
  const cells =
    bitsAllocated === 16 ? new Uint16Array(alignedBuffer(samples.bytes), 0, samples.bytes.length / 2) : samples.bytes;
  const mask = 2 ** bitsStored - 1;
  const above = 2 ** bitsAllocated - 1 - mask;
  const signBit = pixelRepresentation === 1 ? 2 ** (bitsStored - 1) : 0;
  const extended = bitsAllocated === 16 ? new Uint16Array(cells.length) : new Uint8Array(cells.length);
  const coded = bitsStored > 8 ? new Uint16Array(cells.length) : new Uint8Array(cells.length);
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index] as number;
    const value = cell & mask;
    const sign = (value & signBit) === 0 ? 0 : above;
    const rest = cell & above;
    if (rest !== 0 && rest !== sign) throw new Error('its pixel cells hold more than the stored bits');
    extended[index] = value | sign;
    coded[index] = negative === 'extended' ? value | sign : value;
  }
  return {
    bytes: new Uint8Array(coded.buffer),
    precision: bitsStored,
    samples: { ...samples, bytes: new Uint8Array(extended.buffer) },
  };
}
