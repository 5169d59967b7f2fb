import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createDataSetBytes } from '../../../src/retrieve/data-set-bytes.ts';

const dataSet = Buffer.concat([randomBytes(300_000), Buffer.alloc(2_000_000, 7), randomBytes(300_000)]);
const file = Buffer.concat([Buffer.alloc(200), deflateRawSync(dataSet)]);
const instance = { blobKey: 'blob', size: file.length, dataSetOffset: 200, deflated: true };

/** Counts the bytes that are read of the one blob. */
function countingBlobs() {
  const counter = { bytes: 0, open: 0 };
  function* chunks(offset: number, length: number) {
    for (let at = offset; at < offset + length; at += 16_384) {
      const chunk = file.subarray(at, Math.min(at + 16_384, offset + length));
      counter.bytes += chunk.length;
      yield chunk;
    }
  }
  const read = (_key: string, range = { offset: 0, length: file.length }) => {
    counter.open += 1;
    return Readable.from(chunks(range.offset, range.length)).on('close', () => {
      counter.open -= 1;
    });
  };
  const readRange = async (_key: string, offset: number, length: number) => file.subarray(offset, offset + length);
  return { counter, bytes: createDataSetBytes({ read, readRange }) };
}

test('a part of a deflated data set is inflated, no further than it has to be', async () => {
  const { bytes, counter } = countingBlobs();
  expect((await bytes.read(instance, 1000, 500)).equals(dataSet.subarray(1000, 1500))).toBe(true);
  expect(counter.bytes).toBeLessThan(200_000);
  const late = await bytes.read(instance, 2_299_990, 1000);
  expect(late.equals(dataSet.subarray(2_299_990, 2_300_990))).toBe(true);
  const end = await buffer(bytes.stream(instance, 2_500_000, 100_000));
  expect(end.equals(dataSet.subarray(2_500_000))).toBe(true);
  expect(await bytes.read(instance, 5, 0)).toHaveLength(0);
});

test('a part that goes past the end of a deflated data set is truncated', async () => {
  const { bytes } = countingBlobs();
  await expect(bytes.read(instance, 2_500_000, 100_001)).rejects.toMatchObject({ code: 'truncated' });
});

test('who stops reading closes the blob', async () => {
  const { bytes, counter } = countingBlobs();
  const stream = bytes.stream(instance, 0, dataSet.length);
  for await (const chunk of stream) {
    expect(chunk).toBeInstanceOf(Buffer);
    break;
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.destroyed).toBe(true);
  expect(counter.open).toBe(0);
});
