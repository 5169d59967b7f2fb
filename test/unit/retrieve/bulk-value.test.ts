import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { IndexedInstance } from '../../../src/index/instance-record.ts';
import { type BulkParts, bulkValue } from '../../../src/retrieve/bulk-value.ts';

const value = { path: '7FE00010', vr: 'OW', offset: 0, length: 8, bigEndian: true } as const;

/** Big-endian words that are read from `source`. */
function partsOf(source: Readable, range: BulkParts['range'], bitsAllocated = 16): BulkParts {
  return {
    bytes: { stream: () => source, read: async () => Buffer.alloc(0) },
    instance: { transferSyntaxUid: '1.2.840.10008.1.2.2' } as IndexedInstance,
    range,
    readAttributes: async () => ({
      '00280100': { vr: 'US', Value: [bitsAllocated] },
      '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' },
    }),
    nativeFrames: () => Readable.from([]),
    requireAllFrames: async () => {},
  };
}

describe('a big-endian value', () => {
  it.each([
    ['whole', undefined, [1, 0, 3, 2, 5, 4, 7, 6]],
    ['from the middle of a word', { first: 1, last: 4 }, [0, 3, 2, 5]],
  ])('goes out little endian, %s', async (_what, range, expected) => {
    const { body } = await bulkValue(
      value,
      partsOf(Readable.from([Buffer.from(range ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 3, 4, 5, 6, 7])]), range),
    );
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
    expect([...Buffer.concat(chunks)]).toEqual(expected);
  });

  it('of pixel cells of 32 bits is turned round cell by cell, as their frames are', async () => {
    const { body } = await bulkValue(
      value,
      partsOf(Readable.from([Buffer.from([0, 1, 2, 3, 4, 5, 6, 7])]), undefined, 32),
    );
    expect([...Buffer.concat(await body.toArray())]).toEqual([3, 2, 1, 0, 7, 6, 5, 4]);
  });

  it.each([
    ['whole', undefined],
    ['from the middle of a word', { first: 1, last: 4 }],
  ])('is closed when its reader gives up before it began, %s', async (_what, range) => {
    const source = new Readable({ read() {} });
    const { body } = await bulkValue(value, partsOf(source, range));
    body.destroy();
    await turn();
    await turn();
    expect(source.destroyed).toBe(true);
  });

  it('that cannot be read harms nobody who does not read it', async () => {
    const source = new Readable({ read() {} });
    const { body } = await bulkValue(value, partsOf(source, { first: 1, last: 4 }));
    source.destroy(new Error('gone'));
    await new Promise((resolve) => source.once('close', resolve));
    await turn();
    await expect(body.toArray()).rejects.toThrow('gone');
  });
});
