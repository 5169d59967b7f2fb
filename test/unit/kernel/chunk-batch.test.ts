import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChunkBatch } from '../../../src/kernel/chunk-batch.ts';

test('a batch gives back the bytes it was given, in order, whatever the sizes of the chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.boolean()), { maxLength: 60 }), (script) => {
      const batch = createChunkBatch();
      const given: Buffer[] = [];
      const taken: Uint8Array[] = [];
      script.forEach(([size, take], index) => {
        const chunk = Buffer.alloc(size, index);
        given.push(chunk);
        batch.add(chunk);
        if (take) taken.push(...batch.take());
      });
      taken.push(...batch.take());
      expect(Buffer.concat(taken).equals(Buffer.concat(given))).toBe(true);
      expect(batch.bytes).toBe(0);
    }),
  );
});

test('a sender that trickles single bytes costs a few slabs, not an object for each byte', () => {
  const batch = createChunkBatch();
  for (let index = 0; index < 200_000; index += 1) batch.add(Buffer.of(index));
  expect(batch.take().length).toBeLessThan(5);
});
