import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalStreams } from '../../../src/kernel/equal-streams.ts';

/** The bytes cut into chunks at these places. */
function streamOf(bytes: Uint8Array, cuts: readonly number[]): Readable {
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return Readable.from(places.slice(1).map((end, index) => Buffer.from(bytes.subarray(places[index], end))));
}

test('streams of the same bytes are equal, however they are cut into chunks', async () => {
  const cuts = fc.array(fc.nat(100), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), cuts, cuts, async (bytes, first, second) => {
      expect(await equalStreams(streamOf(bytes, first), streamOf(bytes, second))).toBe(true);
    }),
  );
});

test('one byte more, fewer or different makes the difference, and both streams are closed', async () => {
  const cuts = fc.array(fc.nat(100), { maxLength: 5 });
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(100), cuts, cuts, async (one, at, first, second) => {
      const changed = Uint8Array.from(one, (byte, index) => (index === at % one.length ? byte ^ 1 : byte));
      for (const other of [changed, one.subarray(1), Buffer.concat([one, Buffer.of(0)])]) {
        const streams = [streamOf(one, first), streamOf(other, second)] as const;
        if (Buffer.compare(one, other) === 0) continue;
        expect(await equalStreams(...streams)).toBe(false);
        expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
      }
    }),
  );
});

test('a stream that fails is no answer', async () => {
  const failing = new Readable({ read: (): void => void failing.destroy(new Error('gone')) });
  await expect(equalStreams(Readable.from([Buffer.of(1)]), failing)).rejects.toThrow('gone');
});

test('a stream that fails before it is read is no answer either', async () => {
  const failed = new Readable({ read() {} });
  const late = new Readable({
    read(): void {
      setImmediate(() => {
        this.push(Buffer.of(1));
        this.push(null);
      });
    },
  });
  failed.destroy(new Error('gone'));
  await expect(equalStreams(late, failed)).rejects.toThrow('gone');
});
