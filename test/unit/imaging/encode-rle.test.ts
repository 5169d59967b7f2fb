import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRle } from '../../../src/imaging/worker/codecs/decode-rle.ts';
import { encodeRle } from '../../../src/imaging/worker/codecs/encode-rle.ts';
import { frameDescription } from '../../support/pixel-frames.ts';

function segmentsOf(encoded: Uint8Array): number[][] {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const count = view.getUint32(0, true);
  const offsets = Array.from({ length: count }, (_, index) => view.getUint32(4 + 4 * index, true));
  return offsets.map((offset, index) => [...encoded.subarray(offset, offsets[index + 1])]);
}

describe('an RLE frame', () => {
  it('has literals and runs, each row for itself, padded to an even length', () => {
    const pixels = Uint8Array.of(7, 7, 7, 1, 1, 2, 3, 3);
    expect(segmentsOf(encodeRle(pixels, 2, 1, 1))).toEqual([[254, 7, 0, 1, 3, 1, 2, 3, 3, 0]]);
  });

  it('has the most significant bytes in the first segment', () => {
    expect(segmentsOf(encodeRle(Uint8Array.of(5, 1, 5, 1), 1, 2, 2))).toEqual([
      [255, 1],
      [255, 5],
    ]);
  });

  it('never has a run or a literal of more than 128 bytes', () => {
    expect(segmentsOf(encodeRle(new Uint8Array(300).fill(9), 1, 1, 1))).toEqual([[129, 9, 129, 9, 213, 9]]);
    const literal = Uint8Array.from({ length: 130 }, (_, index) => index);
    const [segment] = segmentsOf(encodeRle(literal, 1, 1, 1));
    expect([segment?.[0], segment?.[129], segment?.length]).toEqual([127, 1, 132]);
  });

  it('gives back what was put in, whatever it is', () => {
    const byte = fc.oneof(fc.constantFrom(0, 255), fc.nat(255));
    const picture = fc
      .record({
        rows: fc.integer({ min: 1, max: 5 }),
        columns: fc.integer({ min: 1, max: 300 }),
        samplesPerPixel: fc.constantFrom(1, 3),
        bitsAllocated: fc.constantFrom(8, 16, 32),
      })
      .chain((shape) => {
        const length = (shape.rows * shape.columns * shape.samplesPerPixel * shape.bitsAllocated) / 8;
        return fc.tuple(fc.constant(shape), fc.array(byte, { minLength: length, maxLength: length, size: 'max' }));
      });
    fc.assert(
      fc.property(picture, ([{ rows, columns, samplesPerPixel, bitsAllocated }, values]) => {
        const pixels = Uint8Array.from(values);
        const encoded = encodeRle(pixels, rows, (samplesPerPixel * bitsAllocated) / 8, bitsAllocated / 8);
        expect(encoded.length % 2).toBe(0);
        const frame = frameDescription({
          rows,
          columns,
          samplesPerPixel,
          bitsAllocated,
          bitsStored: bitsAllocated,
          highBit: bitsAllocated - 1,
          codec: 'rle',
        });
        expect(Buffer.compare(decodeRle(encoded, frame).bytes, pixels)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
