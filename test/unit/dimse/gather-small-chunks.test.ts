import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherSmallChunks } from '../../../src/dimse/scp/gather-small-chunks.ts';

describe('gathering small chunks', () => {
  it('changes neither bytes nor their order, whether or not the sink makes it wait', async () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 8000, max: 8400 }),
      fc.constant(20_000),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 30 }), fc.boolean(), async (lengths, waits) => {
        const taken: Uint8Array[] = [];
        const gathered = gatherSmallChunks({
          write(chunk) {
            taken.push(Buffer.from(chunk));
            return waits ? Promise.resolve() : undefined;
          },
        });
        const chunks = lengths.map((each, index) => Buffer.alloc(each, index));
        for (const chunk of chunks) {
          const memory = Buffer.from(chunk);
          const written = gathered.write(memory);
          memory.fill(0xee);
          await written;
        }
        await gathered.flush();
        expect(Buffer.concat(taken).equals(Buffer.concat(chunks))).toBe(true);
        expect(taken.every((chunk) => chunk.length > 0)).toBe(true);
      }),
    );
  });

  it('hands large chunks on as they are and small ones together', async () => {
    const taken: Uint8Array[] = [];
    const gathered = gatherSmallChunks({
      write(chunk) {
        taken.push(chunk);
        return undefined;
      },
    });
    const large = Buffer.alloc(10_000);
    for (let count = 0; count < 10; count += 1) await gathered.write(Buffer.alloc(100));
    await gathered.write(large);
    expect(taken.map(({ length }) => length)).toEqual([1000, 10_000]);
    expect(taken[1]).toBe(large);
  });

  it('keeps no hold of the network buffer that a small chunk came in', async () => {
    const taken: Uint8Array[] = [];
    const gathered = gatherSmallChunks({
      write(chunk) {
        taken.push(chunk);
        return undefined;
      },
    });
    for (const text of ['one ', 'two ', 'three']) {
      const networkBuffer = Buffer.from(text);
      await gathered.write(networkBuffer);
      networkBuffer.fill(0);
    }
    await gathered.flush();
    expect(Buffer.concat(taken).toString()).toBe('one two three');
  });
});
