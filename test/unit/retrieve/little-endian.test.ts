import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { swapped } from '../../../src/dicom/number-swap.ts';
import { createSwapStream, withoutBitOffset } from '../../../src/retrieve/little-endian.ts';

test('a stream is turned round as its bytes would be at once, however they are cut into chunks', async () => {
  const width = fc.constantFrom(2 as const, 4 as const, 8 as const);
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(width, chunks, async (bytes, pieces) => {
      const whole = Buffer.concat(pieces);
      const streamed = await buffer(Readable.from(pieces.map(Buffer.from)).pipe(createSwapStream(bytes)));
      expect(streamed.equals(swapped(whole, bytes))).toBe(true);
    }),
  );
});

test('turning round does not change what it was given', () => {
  const bytes = Buffer.from([1, 2, 3]);
  expect(swapped(bytes, 2)).toEqual(Buffer.from([2, 1, 3]));
  expect(bytes).toEqual(Buffer.from([1, 2, 3]));
});

test('whole bytes are not copied', () => {
  const bytes = Uint8Array.from([1, 2, 3, 4]);
  const moved = withoutBitOffset(bytes.subarray(1), 8, 8);
  expect(moved).toEqual(Buffer.from([3]));
  expect(moved.buffer).toBe(bytes.buffer);
});

test('bits are moved to the start, and those of the next frame cleared', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 5, maxLength: 12 }),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 1, max: 24 }),
      (bytes, bitOffset, bits) => {
        const bitAt = (from: Uint8Array, index: number) => ((from[index >> 3] ?? 0) >> (index & 7)) & 1;
        const moved = withoutBitOffset(bytes, bitOffset, bits);
        expect(moved.length).toBe(Math.ceil(bits / 8));
        for (let bit = 0; bit < moved.length * 8; bit += 1) {
          expect(bitAt(moved, bit)).toBe(bit < bits ? bitAt(bytes, bit + bitOffset) : 0);
        }
      },
    ),
  );
});
