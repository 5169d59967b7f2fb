import { randomBytes } from 'node:crypto';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { swapped } from '../../src/dicom/number-swap.ts';
import type { EncodedFrame, Imaging } from '../../src/imaging/imaging.ts';
import type { StoredFrame } from '../../src/retrieve/retrieve.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  pixelElements,
  sequence,
} from '../support/dicom-builder.ts';
import { createTestServices, send, type TestServices } from '../support/services.ts';

let services: TestServices;
let count = 0;

/** Answers what it was asked for, so that tests see what reaches the decoder. */
const imaging: Imaging & { readonly frames: EncodedFrame[] } = {
  frames: [],
  async decode(frame) {
    this.frames.push(frame);
    return {
      bytes: Buffer.from(`decoded ${Buffer.from(frame.bytes).toString('latin1')}`),
      rows: 1,
      columns: 1,
      samplesPerPixel: 1,
      bitsAllocated: 8,
      bitsStored: 8,
      highBit: 7,
      pixelRepresentation: 0,
      photometricInterpretation: 'MONOCHROME2',
      planarConfiguration: 0,
    };
  },
  encode: () => Promise.reject(new Error('Nothing is encoded here.')),
  async render(frame, parameters) {
    this.frames.push(frame);
    return Buffer.from(`${parameters.mediaType} ${frame.frameNumber}`);
  },
  readPicture: () => Promise.reject(new Error('This test reads no pictures.')),
  close: async () => {},
};

beforeAll(async () => {
  services = await createTestServices(imaging);
});
afterAll(() => services.close());

interface Stored {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
}

async function store(
  elements: readonly BuiltElement[],
  transferSyntaxUid?: string,
  uids: object = {},
): Promise<Stored> {
  count += 1;
  const file = buildPart10({
    elements: ctElements({ study: `2.25.1.${count}`, instance: `2.25.3.${count}`, ...uids }, ...elements),
    ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }),
  });
  const outcome = await send(services.ingest, file);
  if (outcome.status === 'refused') throw new Error(outcome.message);
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = outcome;
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const numbersOf = (frames: readonly StoredFrame[]) => frames.map(({ number }) => number);
const explicitBig = '1.2.840.10008.1.2.2';
const deflated = '1.2.840.10008.1.2.1.99';
const jpegBaseline = '1.2.840.10008.1.2.4.50';
const mpeg4 = '1.2.840.10008.1.2.4.102';

describe('native frames', () => {
  test('are byte ranges of the file, in the order asked, and no more of it is read', async () => {
    const pixelData = randomBytes(100 * 64 * 64 * 2);
    const target = await store(pixelElements({ rows: 64, columns: 64, frames: 100, pixelData }));
    const read = vi.spyOn(services.blobs, 'readRange');
    const frames = await all(services.retrieve.frames(target, [7, 8, 9, 3, 100, 3]));
    const bytesRead = read.mock.calls.reduce((sum, [, , length]) => sum + length, 0);
    expect(read.mock.calls.length).toBe(4);
    expect(bytesRead).toBe(6 * 8192);
    read.mockRestore();
    expect(numbersOf(frames)).toEqual([7, 8, 9, 3, 100, 3]);
    for (const { number, bytes, bitOffset, encapsulated: isEncapsulated } of frames) {
      expect(bytes.equals(pixelData.subarray((number - 1) * 8192, number * 8192))).toBe(true);
      expect([bitOffset, isEncapsulated]).toEqual([0, false]);
    }
  });

  test('of a deflated data set are found in what it inflates to', async () => {
    const pixelData = randomBytes(10 * 64 * 64 * 2);
    const target = await store(pixelElements({ rows: 64, columns: 64, frames: 10, pixelData }), deflated);
    for (const number of [1, 10, 4]) {
      const [frame] = await all(services.retrieve.frames(target, [number]));
      expect(frame!.bytes.equals(pixelData.subarray((number - 1) * 8192, number * 8192))).toBe(true);
    }
  });

  test('of one bit a pixel start within a byte where they do, and at its first bit when they are native', async () => {
    // Three frames of 3 × 3: 9 bits each.
    const pixelData = Buffer.from([0b11111111, 0b00000001, 0b11111100, 0b00000111]);
    const target = await store(pixelElements({ rows: 3, columns: 3, frames: 3, bitsAllocated: 1, pixelData }));
    const stored = await all(services.retrieve.frames(target, [1, 2, 3]));
    expect(stored.map(({ bitOffset }) => bitOffset)).toEqual([0, 1, 2]);
    expect(stored[1]!.bytes).toEqual(pixelData.subarray(1, 3));
    const native = await all(services.retrieve.nativeFrames(target, [2, 3]));
    expect(native.map(({ bitOffset }) => bitOffset)).toEqual([0, 0]);
    expect(native[0]!.bytes).toEqual(Buffer.from([0b00000000, 0b0]));
    expect(native[1]!.bytes).toEqual(Buffer.from([0b11111111, 0b1]));
  });

  test('that came big endian are little endian when they are native', async () => {
    const pixelData = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const target = await store(pixelElements({ rows: 2, columns: 1, frames: 2, pixelData }), explicitBig);
    const [stored] = await all(services.retrieve.frames(target, [2]));
    const [native] = await all(services.retrieve.nativeFrames(target, [2]));
    expect(stored!.bytes).toEqual(Buffer.from([5, 6, 7, 8]));
    expect(native!.bytes).toEqual(Buffer.from([6, 5, 8, 7]));
    expect(native!.transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
  });

  test.each([
    // Three frames of 3 × 1 bytes, of 3 × 3 bits.
    [
      8,
      { rows: 1, columns: 3 },
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 0],
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    ],
    [
      1,
      { rows: 3, columns: 3 },
      [0xff, 0b1, 0b11111100, 0b111],
      [
        [0xff, 1],
        [0, 0],
        [0xff, 1],
      ],
    ],
  ] as const)(
    'of %i bits that came in big endian words are taken from whole words',
    async (bits, size, bytes, frames) => {
      const words = element('7FE00010', 'OW', swapped(Uint8Array.from(bytes), 2));
      const image = pixelElements({ ...size, frames: 3, bitsAllocated: bits, pixelData: words });
      const target = await store(image, explicitBig);
      const native = await all(services.retrieve.nativeFrames(target, [1, 2, 3]));
      expect(native.map((frame) => [...frame.bytes])).toEqual(frames);
      const value = await services.retrieve.bulk(target, '7FE00010');
      expect([...(await buffer(value.body))]).toEqual(bytes);
    },
  );

  test('under a transfer syntax for compressed ones are what they are', async () => {
    const pixelData = randomBytes(8);
    const target = await store(pixelElements({ rows: 1, columns: 2, frames: 2, pixelData }), jpegBaseline);
    const [second] = await all(services.retrieve.nativeFrames(target, [2]));
    expect(second!.bytes).toEqual(pixelData.subarray(4));
    const [stored] = await all(services.retrieve.frames(target, [1]));
    expect(stored).toMatchObject({ encapsulated: false, transferSyntaxUid: '1.2.840.10008.1.2.1' });
    const value = await services.retrieve.bulk(target, '7FE00010');
    expect(value).toMatchObject({ mediaType: 'application/octet-stream', size: 8 });
    expect(await buffer(value.body)).toEqual(pixelData);
    await services.retrieve.rendered(target, 2, { mediaType: 'image/png' });
    expect(imaging.frames.at(-1)!.transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
  });

  test.each([[[0]], [[3]], [[1, 3]], [[-1]], [[1.5]]])('that are not there are not found: %j', async (numbers) => {
    const target = await store(pixelElements({ rows: 2, columns: 2, frames: 2 }));
    await expect(all(services.retrieve.frames(target, numbers))).rejects.toMatchObject({ code: 'frame-not-found' });
  });

  test('of an instance without pixels: it has none', async () => {
    const target = await store([]);
    await expect(all(services.retrieve.frames(target, [1]))).rejects.toMatchObject({ code: 'no-pixel-data' });
  });
});

describe('compressed frames', () => {
  const pixels = (frames: number, built: BuiltElement) =>
    pixelElements({ rows: 1, columns: 1, bitsAllocated: 8, frames, pixelData: built });
  const text = (...values: string[]) => values.map((value) => Buffer.from(value));

  test('come as they are stored, the fragments of each joined', async () => {
    const target = await store(
      pixels(2, encapsulated(text('one-', 'and-', 'two '), { basicOffsets: [0, 24] })),
      jpegBaseline,
    );
    const frames = await all(services.retrieve.frames(target, [2, 1]));
    expect(frames.map(({ bytes }) => bytes.toString())).toEqual(['two ', 'one-and-']);
    expect(frames.every((frame) => frame.encapsulated && frame.transferSyntaxUid === jpegBaseline)).toBe(true);
  });

  test('are decoded when they are to be native, with the attributes that the decoder needs', async () => {
    const target = await store(pixels(2, encapsulated(text('ab', 'cd'))), jpegBaseline);
    const frames = await all(services.retrieve.nativeFrames(target, [1, 2]));
    expect(frames.map(({ bytes }) => bytes.toString())).toEqual(['decoded ab', 'decoded cd']);
    expect(imaging.frames.at(-1)).toMatchObject({ frameNumber: 2, transferSyntaxUid: jpegBaseline });
    expect(imaging.frames.at(-1)!.attributes['00280010']?.Value).toEqual([1]);
  });

  test('under a transfer syntax without compression cannot be decoded, and are still there as stored', async () => {
    const target = await store(pixels(1, encapsulated(text('ab'))));
    const [stored] = await all(services.retrieve.frames(target, [1]));
    expect(stored!.bytes.toString()).toBe('ab');
    await expect(all(services.retrieve.nativeFrames(target, [1]))).rejects.toMatchObject({ code: 'decode-failed' });
  });

  test('as one bulk value are decoded one after the other, or a part of them', async () => {
    const target = await store(pixels(3, encapsulated(text('ab', 'cd', 'ef'))), jpegBaseline);
    const whole = await services.retrieve.bulk(target, '7FE00010');
    expect(whole).toMatchObject({ mediaType: 'application/octet-stream', size: 30 });
    expect((await buffer(whole.body)).toString()).toBe('decoded abdecoded cddecoded ef');
    const part = await services.retrieve.bulk(target, '7FE00010', { first: 8, last: 20 });
    expect((await buffer(part.body)).toString()).toBe('abdecoded cdd');
  });

  test('of a video are one stream, of which a range can be had', async () => {
    const target = await store(pixels(500, encapsulated(text('0123', '456789', 'AB'))), mpeg4);
    const whole = await services.retrieve.bulk(target, '7FE00010');
    expect(whole).toMatchObject({ mediaType: 'video/mp4', size: 12 });
    expect((await buffer(whole.body)).toString()).toBe('0123456789AB');
    const part = await services.retrieve.bulk(target, '7FE00010', { first: 3, last: 10 });
    expect((await buffer(part.body)).toString()).toBe('3456789A');
    await expect(services.retrieve.bulk(target, '7FE00010', { first: 12 })).rejects.toMatchObject({
      code: 'range-not-satisfiable',
    });
  });
});

describe('bulk values', () => {
  const words = Array.from({ length: 2000 }, (_, index) => index);
  const little = Buffer.from(Uint16Array.from(words).buffer);

  test.each([undefined, explicitBig, deflated])('within sequences are little endian, from %s', async (syntax) => {
    const target = await store(
      [sequence('54000100', [[element('54001010', 'OW', words)], [element('54001010', 'OW', words.slice(1))]])],
      syntax,
    );
    const [{ json } = { json: Buffer.alloc(0) }] = await all(services.retrieve.metadata(target));
    const attributes = JSON.parse(json.toString()) as DicomJson;
    const items = attributes['54000100']?.Value as DicomJson[];
    expect(items.map((item) => item['54001010']?.BulkDataURI)).toEqual(['54000100/0/54001010', '54000100/1/54001010']);
    const first = await services.retrieve.bulk(target, '54000100/0/54001010');
    expect((await buffer(first.body)).equals(little)).toBe(true);
    const second = await services.retrieve.bulk(target, '54000100/1/54001010', { first: 3, last: 10 });
    expect(second.size).toBe(3998);
    expect((await buffer(second.body)).equals(little.subarray(5, 13))).toBe(true);
  });

  test('of documents are what they are, without the byte that pads them', async () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.4'), randomBytes(2001)]);
    const target = await store([
      element('00420011', 'OB', pdf),
      element('00420012', 'LO', 'application/pdf'),
      element('00420015', 'UL', [pdf.length]),
    ]);
    const value = await services.retrieve.bulk(target, '00420011');
    expect(value).toMatchObject({ mediaType: 'application/pdf', size: pdf.length });
    expect((await buffer(value.body)).equals(pdf)).toBe(true);
  });

  test('that are not there are not found', async () => {
    const target = await store([]);
    await expect(services.retrieve.bulk(target, '00420011')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a stored file', () => {
  test.each([
    ['that is lost', (path: string) => rm(path), /is lost/],
    ['that is cut off', (path: string) => truncate(path, 200), /is damaged/],
  ])('%s is our fault, not that of who asks, and the rest of the instance is served', async (_, harm, words) => {
    const target = await store(pixelElements({ rows: 64, columns: 64 }));
    const [instance] = await all(services.retrieve.instances(target));
    await harm(join(services.blobsDir, instance!.blobKey));
    const damaged = { code: 'stored-file-damaged', message: expect.stringMatching(words) };
    await expect(all(services.retrieve.frames(target, [1]))).rejects.toMatchObject(damaged);
    const value = await services.retrieve.bulk(target, '7FE00010');
    await expect(buffer(value.body)).rejects.toMatchObject(damaged);
    expect(await all(services.retrieve.metadata(target))).toHaveLength(1);
  });

  test('that goes with its instance while somebody begins to read is not found', async () => {
    const target = await store(pixelElements({ rows: 64, columns: 64 }));
    const [instance] = await all(services.retrieve.instances(target));
    await services.erase.erase(target);
    await expect(buffer(services.retrieve.file(instance!))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('metadata', () => {
  test('of a series come in the order of instance numbers, and their validator follows the content', async () => {
    const series = { study: '2.25.500', series: '2.25.501' };
    await store([element('00200013', 'IS', '2')], undefined, { ...series, instance: '2.25.502' });
    const target = { studyInstanceUid: '2.25.500', seriesInstanceUid: '2.25.501' };
    const before = await services.retrieve.metadataEtag(target);
    expect(await services.retrieve.metadataEtag(target)).toBe(before);
    await store([element('00200013', 'IS', '1')], undefined, { ...series, instance: '2.25.503' });
    expect(await services.retrieve.metadataEtag(target)).not.toBe(before);
    const found = await all(services.retrieve.metadata(target));
    expect(found.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['2.25.503', '2.25.502']);
  });

  test('of a target that is not there: the level that is unknown is named', async () => {
    const known = await store([]);
    const cases = [
      [{ studyInstanceUid: '2.25.404' }, 'study'],
      [{ ...known, seriesInstanceUid: '2.25.404' }, 'series'],
      [{ ...known, sopInstanceUid: '2.25.404' }, 'instance'],
    ] as const;
    for (const [target, level] of cases) {
      const absent = { code: 'not-found', details: { level } };
      await expect(all(services.retrieve.metadata(target))).rejects.toMatchObject(absent);
      await expect(all(services.retrieve.instances(target))).rejects.toMatchObject(absent);
      await expect(services.retrieve.metadataEtag(target)).rejects.toMatchObject(absent);
    }
  });
});

describe('rendered pictures', () => {
  const jpeg = { mediaType: 'image/jpeg' } as const;

  test('are made once for all who ask at the same time or soon after', async () => {
    const target = await store(pixelElements({ rows: 2, columns: 2, frames: 3 }));
    const before = imaging.frames.length;
    const render = (frame?: number) => services.retrieve.rendered(target, frame, jpeg);
    const pictures = await Promise.all([render(2), render(2), render(2), render(1), render()]);
    expect(pictures.map(String)).toEqual([...Array<string>(3).fill('image/jpeg 2'), 'image/jpeg 1', 'image/jpeg 1']);
    await render(2);
    expect(imaging.frames.length - before).toBe(2);
    await services.retrieve.rendered(target, 2, { ...jpeg, quality: 50 });
    expect(imaging.frames.length - before).toBe(3);
  });

  test('of a study show the middle instance', async () => {
    const study = '2.25.600';
    for (const number of ['1', '2', '3']) {
      const elements = [element('00200013', 'IS', number), ...pixelElements({ rows: 2, columns: 2 })];
      await store(elements, undefined, { study, instance: `2.25.600.${number}` });
    }
    await services.retrieve.rendered({ studyInstanceUid: study }, undefined, jpeg);
    expect(imaging.frames.at(-1)!.attributes['00080018']?.Value).toEqual(['2.25.600.2']);
  });

  test('of an instance without pixels: it has none', async () => {
    const target = await store([]);
    await expect(services.retrieve.rendered(target, undefined, jpeg)).rejects.toMatchObject({ code: 'no-pixel-data' });
  });

  test.each([undefined, explicitBig, deflated])('come with the overlay of their frame, from %s', async (syntax) => {
    const words = Array.from({ length: 3 * 1024 }, (_, index) => index);
    const overlay = [
      element('60000010', 'US', [128]),
      element('60000011', 'US', [128]),
      element('60000015', 'IS', '3'),
      element('60003000', 'OW', words),
    ];
    const target = await store([...pixelElements({ rows: 2, columns: 2, frames: 4 }), ...overlay], syntax);
    await services.retrieve.rendered(target, 2, jpeg);
    const second = Buffer.from(Uint16Array.from(words.slice(1024, 2048)).buffer);
    expect(imaging.frames.at(-1)!.overlayData?.get('60003000')).toEqual(second);
    await services.retrieve.rendered(target, 4, jpeg);
    expect(imaging.frames.at(-1)!.overlayData?.size).toBe(0);
  });
});

describe('an instance that is replaced while it is read', () => {
  /** Reads whose first look at the index is followed by another version, with more frames in the same order of bytes. */
  async function replacedMeanwhile() {
    const uids = { study: '2.25.7', series: '2.25.7.1', instance: `2.25.7.1.${++count}` };
    const [before, after] = [randomBytes(2 * 32), randomBytes(3 * 32)];
    const version = (pixelData: Buffer, more: readonly BuiltElement[] = []) =>
      buildPart10({
        elements: ctElements(
          uids,
          ...more,
          ...pixelElements({ rows: 4, columns: 4, frames: pixelData.length / 32, pixelData }),
        ),
      });
    expect(await send(services.ingest, version(before))).toMatchObject({ status: 'stored' });
    let replaced = false;
    const replace = async () => {
      if (replaced) return;
      replaced = true;
      const newer = services.ingestWith({ onDifferentContent: 'replace' });
      // What lies before the pixels is longer, too.
      const file = version(after, [element('00204000', 'LT', 'A comment that moves all that follows')]);
      expect(await send(newer, file)).toMatchObject({ status: 'replaced' });
    };
    const retrieve = services.retrieveWith({
      index: {
        ...services.index,
        async instance(target) {
          const found = await services.index.instance(target);
          await replace();
          return found;
        },
      },
    });
    const target = { studyInstanceUid: uids.study, seriesInstanceUid: uids.series, sopInstanceUid: uids.instance };
    return { retrieve, target, after };
  }

  test('is read as what it is then, never by where things lay in the other version', async () => {
    const frames = await replacedMeanwhile();
    const [second] = await all(frames.retrieve.frames(frames.target, [2]));
    expect(second!.bytes.equals(frames.after.subarray(32, 64))).toBe(true);
    const pixels = await replacedMeanwhile();
    const value = await pixels.retrieve.bulk(pixels.target, '7FE00010');
    expect((await buffer(value.body)).equals(pixels.after)).toBe(true);
  });

  test('is rendered with its own attributes', async () => {
    const { retrieve, target } = await replacedMeanwhile();
    imaging.frames.length = 0;
    await retrieve.rendered(target, 1, { mediaType: 'image/png' });
    expect(imaging.frames.at(-1)?.attributes).toMatchObject({
      '00280008': { Value: [3] },
      '00204000': { Value: ['A comment that moves all that follows'] },
    });
  });
});
