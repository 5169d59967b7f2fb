import { describe, expect, test } from 'vitest';
import type { CompressedFrame } from '../../../src/imaging/imaging.ts';
import { createSharedBytes } from '../../../src/kernel/shared-bytes.ts';
import type { Spool } from '../../../src/kernel/spool-file.ts';
import { encodedPixels, type HeldBack } from '../../../src/retrieve/encoded-pixels.ts';

const jpegLs = '1.2.840.10008.1.2.4.80';
/** Frame 3 has an odd length. */
const contents = [10, 2000, 31, 4000, 500].map((length, at) => Buffer.alloc(length, at + 1));

const frame = (bytes: Buffer) =>
  ({
    bytes,
    nativeBytes: 8192,
    rows: 64,
    columns: 64,
    samplesPerPixel: 1,
    bitsAllocated: 16,
    bitsStored: 16,
    highBit: 15,
    pixelRepresentation: 0,
    photometricInterpretation: 'MONOCHROME2',
    planarConfiguration: 0,
  }) as CompressedFrame;

const instance = {
  studyInstanceUid: '1.2',
  seriesInstanceUid: '1.2.3',
  sopInstanceUid: '1.2.3.4',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2.1',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  frames: contents.length,
  blobKey: 'a',
  size: 1,
  sha256: Buffer.alloc(32),
  dataSetOffset: 0,
  deflated: false,
};

function memorySpool(most = Number.POSITIVE_INFINITY): Spool & { closed: boolean } {
  let content = Buffer.alloc(0);
  return {
    closed: false,
    get size() {
      return content.length;
    },
    async append(chunk) {
      // A disk that is full takes a part.
      content = Buffer.concat([content, chunk.subarray(0, Math.max(most - content.length, 0))]);
      if (content.length >= most) throw new Error('ENOSPC');
    },
    async *read(offset, length) {
      yield content.subarray(offset, offset + length);
    },
    async close() {
      this.closed = true;
    },
  };
}

async function pixels(heldBack: Partial<HeldBack>, spool = memorySpool()) {
  const replaced = { lossMethod: undefined, attributes: {}, storedBytes: 8192 };
  async function* encode(numbers: Iterable<number>) {
    for (const number of numbers) yield frame(contents[number - 1]!);
  }
  const disk = createSharedBytes(1e6);
  const limits = { memoryBytes: 1e6, bytes: 1e6, ms: 1e6, disk, openSpool: async () => spool };
  const spliced = await encodedPixels(instance, jpegLs, replaced, encode, { ...limits, ...heldBack });
  return spliced.bytes();
}

/** The Basic Offset Table, where each item tag lies behind it, and what the items hold. */
async function read(bytes: AsyncIterable<Uint8Array>) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  const all = Buffer.concat(chunks);
  const items: { at: number; value: Buffer }[] = [];
  for (let at = 0; at < all.length; ) {
    expect(all.readUInt16LE(at)).toBe(0xfffe);
    expect(all.readUInt16LE(at + 2)).toBe(0xe000);
    const length = all.readUInt32LE(at + 4);
    expect(length % 2).toBe(0);
    items.push({ at, value: all.subarray(at + 8, at + 8 + length) });
    at += 8 + length;
  }
  const [table, ...fragments] = items;
  const first = fragments[0]!.at;
  return {
    table: Array.from({ length: table!.value.length / 4 }, (_, n) => table!.value.readUInt32LE(4 * n)),
    starts: fragments.map(({ at }) => at - first),
    values: fragments.map(({ value }) => value),
  };
}

const padded = contents.map((bytes) => (bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])));

describe('compressed pixels of several frames', () => {
  test.each([
    ['in memory', {}],
    ['on disk from the second frame on', { memoryBytes: 100 }],
    ['all on disk', { memoryBytes: 0 }],
  ])('have a Basic Offset Table that tells where each begins: held %s', async (_, heldBack) => {
    const spool = memorySpool();
    const { table, starts, values } = await read(await pixels(heldBack, spool));
    expect(table).toEqual(starts);
    expect(table).toHaveLength(contents.length);
    expect(values).toEqual(padded);
    expect(spool.closed).toBe(Object.keys(heldBack).length > 0);
  });

  test.each([
    ['more than is held back', { bytes: 3000 }],
    ['more than is held back, of which some is on disk', { bytes: 3000, memoryBytes: 50 }],
    ['longer than a reader waits', { ms: -1 }],
  ])('have an empty one, and all that they should have otherwise: %s', async (_, heldBack) => {
    const { table, values } = await read(await pixels(heldBack));
    expect(table).toEqual([]);
    expect(values).toEqual(padded);
  });

  test.each([0, 1, 5, 18, 2000, 2030])('lose nothing on a disk that is full after %i bytes', async (most) => {
    const spool = memorySpool(most);
    const { table, values } = await read(await pixels({ memoryBytes: 0 }, spool));
    expect(table).toEqual([]);
    expect(values).toEqual(padded);
    expect(spool.closed).toBe(true);
  });

  test('share the disk with all others: who finds it taken has an empty table, and what is left is there again', async () => {
    const disk = createSharedBytes(3000);
    const first = (await pixels({ memoryBytes: 0, disk }))[Symbol.asyncIterator]();
    // It has a frame of 2000 on disk, and found no place for that of 4000.
    expect((await first.next()).done).toBe(false);
    const second = await read(await pixels({ memoryBytes: 0, disk }));
    expect(second.table).toEqual([]);
    expect(second.values).toEqual(padded);
    await first.return?.();
    expect(disk.take(3000)).toBe(true);
  });

  test('leave nothing on disk when nobody reads on', async () => {
    const spool = memorySpool();
    for await (const _ of await pixels({ memoryBytes: 0 }, spool)) break;
    expect(spool.closed).toBe(true);
  });
});
