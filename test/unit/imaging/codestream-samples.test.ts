import { describe, expect, it } from 'vitest';
import { samplesFromCodestream } from '../../../src/imaging/worker/codecs/codestream-samples.ts';
import { frameDescription } from '../../support/pixel-frames.ts';

/** Of 12 bits stored, from a codestream of 16. */
function decoded(values: readonly number[], pixelRepresentation: 0 | 1) {
  const frame = frameDescription({ rows: 1, columns: values.length, pixelRepresentation });
  const bytes = new Uint8Array(Uint16Array.from(values).buffer);
  const samples = samplesFromCodestream(frame, { bytes, rows: 1, columns: values.length, precision: 16 });
  const { bitsStored, highBit } = samples;
  return { values: [...new Int16Array(samples.bytes.slice().buffer)], bitsStored, highBit };
}

describe('a codestream of more bits than are stored', () => {
  it.each([
    ['that hold nothing', [0, 1, 2047, 0x800, 0xfff], [0, 1, 2047, -2048, -1]],
    ['that hold the sign', [0, 1, 2047, 0xf800, 0xffff], [0, 1, 2047, -2048, -1]],
  ])('gives signed pixels without the bits above, %s', (_what, values, expected) => {
    expect(decoded(values, 1)).toEqual({ values: expected, bitsStored: 12, highBit: 11 });
  });

  it.each([
    ['hold more than the sign', [0, 0x1000, 0xffff], [0, 4096, -1]],
    ['tell which of the pixels are negative', [0x800, 0xf800], [2048, -2048]],
  ])('gives signed pixels with all bits where those above %s', (_what, values, expected) => {
    expect(decoded(values, 1)).toEqual({ values: expected, bitsStored: 16, highBit: 15 });
  });

  it('gives unsigned pixels with all bits where there is more in them', () => {
    expect(decoded([0, 0xfff], 0)).toMatchObject({ bitsStored: 12 });
    expect(decoded([0, 0x1000], 0)).toMatchObject({ values: [0, 4096], bitsStored: 16 });
  });
});
