import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChunkBatch } from '../../../src/kernel/chunk-batch.ts';

test('a batch gives back the bytes it was given, in order, whatever the sizes of the chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 300_000 }), fc.boolean()), { maxLength: 12 }), (script) => {
      const batch = createChunkBatch();
      const given: Buffer[] = [];
      const taken: Uint8Array[] = [];
      const takeOut = () => {
        const { chunks, bytes, release } = batch.take();
        taken.push(Buffer.concat(chunks));
        expect(bytes).toBe(taken.at(-1)?.length);
        release();
      };
      script.forEach(([size, take], index) => {
        const chunk = Buffer.alloc(size, index);
        given.push(Buffer.from(chunk));
        batch.add(chunk);
        chunk.fill(0xff);
        if (take) takeOut();
      });
      takeOut();
      expect(Buffer.concat(taken).equals(Buffer.concat(given))).toBe(true);
      expect(batch.bytes).toBe(0);
    }),
  );
});

test('a sender that trickles single bytes costs a few slabs, not an object for each byte', () => {
  const batch = createChunkBatch();
  for (let index = 0; index < 200_000; index += 1) batch.add(Buffer.of(index));
  expect(batch.take().chunks.length).toBeLessThan(5);
});

test('chunks that nobody gave back are not written over by the next batch', () => {
  const first = createChunkBatch();
  first.add(Buffer.alloc(200_000, 1));
  const kept = first.take();
  const second = createChunkBatch();
  second.add(Buffer.alloc(200_000, 2));
  second.take().release();
  second.take().release();
  expect(Buffer.concat(kept.chunks).every((byte) => byte === 1)).toBe(true);
});
