import { randomBytes } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { createImaging } from '../../src/imaging/create-imaging.ts';
import type { Imaging } from '../../src/imaging/imaging.ts';
import { encodeRle } from '../../src/imaging/worker/codecs/encode-rle.ts';
import type { IndexedInstance } from '../../src/index/instance-record.ts';
import { silentLog } from '../../src/kernel/log.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  inTagOrder,
  pixelElements,
  sequence,
} from '../support/dicom-builder.ts';
import { losslessCodecs, losslessFrame } from '../support/pixel-frames.ts';
import { createTestServices, send, type TestServices } from '../support/services.ts';

const explicitLittle = '1.2.840.10008.1.2.1';
const deflated = '1.2.840.10008.1.2.1.99';
const deflatedFrames = '1.2.840.10008.1.2.8.1';
const rle = '1.2.840.10008.1.2.5';
const encapsulatedUncompressed = '1.2.840.10008.1.2.1.98';
let services: TestServices;
let count = 0;
let encodedCount = 0;

beforeAll(async () => {
  const imaging = createImaging({ log: silentLog, workers: 1 });
  const counting: Imaging = {
    ...imaging,
    encode(frame, uid) {
      encodedCount += 1;
      return imaging.encode(frame, uid);
    },
  };
  services = await createTestServices(counting);
});
afterAll(() => services.close());

async function store(
  transferSyntaxUid: string,
  elements: readonly BuiltElement[],
  meta: readonly BuiltElement[] = [],
): Promise<IndexedInstance> {
  count += 1;
  const uids = { study: `2.25.1.${count}`, instance: `2.25.3.${count}` };
  const file = buildPart10({ elements: ctElements(uids, ...elements), transferSyntaxUid, meta });
  const outcome = await send(services.ingest, file);
  if (outcome.status === 'refused') throw new Error(outcome.message);
  for await (const instance of services.retrieve.instances(outcome)) return instance;
  throw new Error('It was not stored.');
}

async function converted(
  instance: IndexedInstance,
  uid = explicitLittle,
): Promise<{ file: Buffer; scanned: ScannedInstance }> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await services.retrieve.converted(instance, uid)) chunks.push(chunk);
  const file = Buffer.concat(chunks);
  const scanner = createPart10Scanner();
  scanner.push(file);
  return { file, scanned: scanner.end() };
}

function pixelsOf({ file, scanned }: { file: Buffer; scanned: ScannedInstance }): Buffer {
  const { offset, length } = scanned.pixelData!;
  return file.subarray(offset, offset + length);
}

async function framesOf(instance: IndexedInstance, numbers: readonly number[]): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  for await (const { bytes } of services.retrieve.nativeFrames(instance, numbers)) frames.push(bytes);
  return frames;
}

async function bulkOf(instance: IndexedInstance, range?: { first: number; last: number }): Promise<Buffer> {
  return buffer((await services.retrieve.bulk(instance, '7FE00010', range)).body);
}

/** Native frames under a transfer syntax that wraps each in a fragment. */
function wrapped(frames: readonly Uint8Array[], more: Partial<Parameters<typeof pixelElements>[0]> = {}) {
  const image = { rows: 3, columns: 3, bitsAllocated: 8 as const, frames: frames.length, ...more };
  return pixelElements({ ...image, pixelData: encapsulated(frames) });
}

describe('an instance in Explicit VR Little Endian', () => {
  test.each(losslessCodecs)('that was $name has the pixels that were encoded, to the bit', async (codec) => {
    for (const [samplesPerPixel, bits] of [
      [1, 12],
      [3, 8],
    ] as const) {
      const shape = { rows: 37, columns: 53, samplesPerPixel, bits };
      const { frame, original } = await losslessFrame(codec, shape);
      const described = Object.entries(frame.attributes).map(([tag, { vr, Value }]) =>
        element(tag, vr, typeof Value?.[0] === 'number' && vr !== 'IS' ? (Value as number[]) : String(Value?.[0])),
      );
      const elements = inTagOrder([
        ...described.filter(({ tag }) => tag !== '00280008'),
        element('00280008', 'IS', '2'),
        element('7FE00001', 'OV', [0n, 0n]),
        encapsulated([frame.bytes, frame.bytes]),
      ]);
      const result = await converted(await store(frame.transferSyntaxUid, elements));
      expect(result.scanned.warnings).toEqual([]);
      expect(result.scanned.pixelData).toMatchObject({ kind: 'native', frames: 2 });
      const both = Buffer.concat([original, original]);
      expect(pixelsOf(result).subarray(0, both.length).equals(both)).toBe(true);
      expect(result.scanned.attributes['00280004']?.Value).toEqual([samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2']);
      expect(result.scanned.attributes['7FE00001']).toBeUndefined();
      if (samplesPerPixel === 3) expect(result.scanned.attributes['00280006']?.Value).toEqual([0]);
    }
  });

  test('says how many bits its codestream turned out to have', async () => {
    const codec = losslessCodecs.find(({ encode }) => encode === 'encodeJpegLs')!;
    const { frame, original } = await losslessFrame(codec, { rows: 16, columns: 16, samplesPerPixel: 1, bits: 12 });
    const elements = inTagOrder([
      ...pixelElements({ rows: 16, columns: 16, pixelData: encapsulated([frame.bytes]) }).filter(
        ({ tag }) => tag !== '00280101' && tag !== '00280102',
      ),
      element('00280101', 'US', [10]),
      element('00280102', 'US', [9]),
    ]);
    const result = await converted(await store(codec.transferSyntaxUid, elements));
    expect(pixelsOf(result).equals(original)).toBe(true);
    expect(result.scanned.attributes).toMatchObject({ '00280101': { Value: [16] }, '00280102': { Value: [15] } });
  });

  test('says where the bits of a codestream come to lie', async () => {
    const codec = losslessCodecs.find(({ encode }) => encode === 'encodeJpegLs')!;
    const { frame } = await losslessFrame(codec, { rows: 16, columns: 16, samplesPerPixel: 1, bits: 12 });
    const elements = inTagOrder([
      ...pixelElements({ rows: 16, columns: 16, pixelData: encapsulated([frame.bytes]) }).filter(
        ({ tag }) => tag !== '00280101',
      ),
      element('00280101', 'US', [12]),
    ]);
    const { scanned } = await converted(await store(codec.transferSyntaxUid, elements));
    expect(scanned.attributes).toMatchObject({ '00280101': { Value: [12] }, '00280102': { Value: [11] } });
  });

  test('has a byte behind pixels of an odd number of bytes', async () => {
    const frames = [1, 2, 3].map((value) => Buffer.alloc(9, value));
    const result = await converted(await store(encapsulatedUncompressed, wrapped(frames)));
    expect(pixelsOf(result)).toEqual(Buffer.concat([...frames, Buffer.alloc(1)]));
  });

  test('has frames of an odd number of bytes without what makes their fragments even, wherever they are asked for', async () => {
    const frames = [1, 2, 3].map((value) => Buffer.alloc(9, value));
    const instance = await store(encapsulatedUncompressed, wrapped(frames));
    expect((await framesOf(instance, [2, 3])).map(Buffer.from)).toEqual(frames.slice(1));
    expect(await bulkOf(instance)).toEqual(Buffer.concat(frames));
    expect(await bulkOf(instance, { first: 8, last: 18 })).toEqual(Buffer.concat(frames).subarray(8, 19));
  });

  test('has one-bit frames one behind the other, wherever in a byte they end', async () => {
    // Nine pixels each.
    const frames = [
      [0b11111111, 0b1],
      [0b00000000, 0b0],
      [0b10101010, 0b1],
    ];
    const deflatedEach = frames.map((frame) => deflateRawSync(Buffer.from(frame)));
    const stored = await store(deflatedFrames, wrapped(deflatedEach, { bitsAllocated: 1 }));
    const native = await converted(stored);
    expect([...pixelsOf(native)]).toEqual([0b11111111, 0b00000001, 0b10101000, 0b00000110]);
    expect(native.scanned.warnings).toEqual([]);
    const packed = [0b11111111, 0b00000001, 0b10101000, 0b00000110];
    expect([...(await bulkOf(stored))]).toEqual(packed);
    for (let first = 0; first < 4; first++) {
      for (let last = first; last < 4; last++) {
        expect([...(await bulkOf(stored, { first, last }))]).toEqual(packed.slice(first, last + 1));
      }
    }
  });

  test('has colours by plane where frames and bulk data are asked for and that is how they are described', async () => {
    const [red, green, blue] = [7, 8, 9].map((value) => Buffer.alloc(9, value));
    const pixels = Buffer.from(Array.from({ length: 27 }, (_, at) => 7 + (at % 3)));
    const colors = wrapped([encodeRle(pixels, 3, 3, 1)], { samplesPerPixel: 3 });
    const instance = await store(rle, inTagOrder([...colors, element('00280006', 'US', [1])]));
    const planes = Buffer.concat([red!, green!, blue!]);
    expect((await framesOf(instance, [1])).map(Buffer.from)).toEqual([planes]);
    expect(await bulkOf(instance)).toEqual(planes);
    const native = await converted(instance);
    expect(native.scanned.attributes['00280006']?.Value).toEqual([0]);
    expect(pixelsOf(native).subarray(0, 27)).toEqual(pixels);
  });

  test('that was deflated is the data set that was deflated', async () => {
    const pixelData = randomBytes(64 * 64 * 2);
    const result = await converted(await store(deflated, pixelElements({ rows: 64, columns: 64, pixelData })));
    expect(result.scanned).toMatchObject({ transferSyntaxUid: explicitLittle, deflated: false, warnings: [] });
    expect(pixelsOf(result).equals(pixelData)).toBe(true);
  });

  test('keeps what its File Meta Information said, but for the transfer syntax and the writer', async () => {
    const meta = [
      element('00020012', 'UI', '1.2.3'),
      element('00020013', 'SH', 'OLD'),
      element('00020016', 'AE', 'CT1'),
    ];
    const { scanned } = await converted(await store('1.2.840.10008.1.2', [], meta));
    expect(scanned.fileMeta).toMatchObject({
      '00020010': { Value: [explicitLittle] },
      '00020013': { Value: [expect.stringMatching(/^CAUSEWAY/)] },
      '00020016': { Value: ['CT1'] },
    });
    expect(scanned.warnings).toEqual([]);
  });

  const grays = Uint8Array.of(0, 32, 64, 96, 128, 160, 192, 224, 255);
  const iconOf = (pixelData: BuiltElement | Uint8Array) =>
    sequence('00880200', [pixelElements({ rows: 3, columns: 3, bitsAllocated: 8, pixelData })]);

  test.each([
    ['Explicit VR Little Endian', explicitLittle],
    ['another transfer syntax for compressed pixels', '1.2.840.10008.1.2.4.80'],
  ])('shows its compressed icon uncompressed, in %s', async (_what, uid) => {
    const icon = iconOf(encapsulated([encodeRle(grays, 3, 1, 1)]));
    const image = wrapped([encodeRle(grays.toReversed(), 3, 1, 1)]);
    const result = await converted(await store(rle, inTagOrder([icon, ...image])), uid);
    expect(result.scanned.warnings).toEqual([]);
    expect(result.scanned.attributes['00880200']).toMatchObject({
      Value: [
        {
          '00280010': { Value: [3] },
          '00280100': { Value: [8] },
          '7FE00010': { vr: 'OB', InlineBinary: Buffer.from([...grays, 0]).toString('base64') },
        },
      ],
    });
  });

  test('keeps an icon that is not compressed, and none that cannot be decoded', async () => {
    const image = wrapped([encodeRle(grays, 3, 1, 1)]);
    const kept = await converted(await store(rle, inTagOrder([iconOf(grays), ...image])));
    expect(kept.scanned.attributes['00880200']?.Value).toHaveLength(1);
    const broken = iconOf(encapsulated([Buffer.alloc(70, 1)]));
    const gone = await converted(await store(rle, inTagOrder([broken, ...image])));
    expect([gone.scanned.warnings, gone.scanned.attributes['00880200']]).toEqual([[], undefined]);
  });

  test('shows its compressed icon uncompressed where that is all it shows', async () => {
    const result = await converted(await store(rle, [iconOf(encapsulated([encodeRle(grays, 3, 1, 1)]))]));
    expect(result.file.includes(Buffer.from(grays))).toBe(true);
  });

  test('without pixels, stored in a transfer syntax for compressed ones, keeps its attributes', async () => {
    const { scanned } = await converted(await store(rle, [element('00204000', 'LT', 'No pixels')]));
    expect(scanned.attributes['00204000']?.Value).toEqual(['No pixels']);
  });
});

describe('an instance that is compressed', () => {
  const shape = { rows: 64, columns: 64, frames: 3 };
  const pixelData = randomBytes(3 * 64 * 64 * 2);
  const frameOf = (number: number) => pixelData.subarray((number - 1) * 8192, number * 8192);

  /** A file in RLE as it is in Explicit VR Little Endian again. */
  async function again({ file }: { file: Buffer }): Promise<Buffer> {
    const outcome = await send(services.ingest, file);
    if (outcome.status === 'refused') throw new Error(outcome.message);
    for await (const instance of services.retrieve.instances(outcome)) return pixelsOf(await converted(instance));
    throw new Error('It was not stored.');
  }

  test.each([explicitLittle, '1.2.840.10008.1.2', deflated])('of %s has a fragment for each frame', async (uid) => {
    const result = await converted(await store(uid, pixelElements({ ...shape, pixelData })), rle);
    expect(result.scanned.warnings).toEqual([]);
    expect(result.scanned).toMatchObject({ transferSyntaxUid: rle, deflated: false });
    const { pixelData: layout } = result.scanned;
    if (layout?.kind !== 'encapsulated') throw new Error('It is not encapsulated.');
    expect(layout.fragmentOffsets).toHaveLength(3);
    const table = result.file.subarray(layout.offset, layout.offset + 20);
    expect(table.readUInt32LE(4)).toBe(12);
    const first = layout.fragmentOffsets[0]!;
    expect([0, 1, 2].map((index) => table.readUInt32LE(8 + 4 * index))).toEqual(
      [...layout.fragmentOffsets].map((offset) => offset - first),
    );
    await services.erase.erase({ studyInstanceUid: `2.25.1.${count}` });
    expect((await again(result)).equals(pixelData)).toBe(true);
  });

  test('has an offset table, too, where more has to be held back for it than memory takes', async () => {
    const large = randomBytes(3 * 2048 * 1024 * 2);
    const result = await converted(
      await store(explicitLittle, pixelElements({ rows: 2048, columns: 1024, frames: 3, pixelData: large })),
      rle,
    );
    const { pixelData: layout, warnings } = result.scanned;
    if (layout?.kind !== 'encapsulated') throw new Error('It is not encapsulated.');
    expect(warnings).toEqual([]);
    const [first = 0, ...others] = layout.fragmentOffsets;
    const table = [0, 1, 2].map((index) => result.file.readUInt32LE(layout.offset + 8 + 4 * index));
    expect(result.file.readUInt32LE(layout.offset + 4)).toBe(12);
    expect(table).toEqual([0, ...others.map((offset) => offset - first)]);
  });

  test('is encoded once for two who ask for the same frame at the same time, and for who asks after them', async () => {
    const instance = await store(explicitLittle, pixelElements({ ...shape, pixelData }));
    const before = encodedCount;
    const ask = async () => {
      const frames: Buffer[] = [];
      for await (const { bytes } of services.retrieve.encodedFrames(instance, [2, 1], rle)) frames.push(bytes);
      return frames;
    };
    const [one, other] = await Promise.all([ask(), ask()]);
    expect(one).toEqual(other);
    expect(await ask()).toEqual(one);
    expect(encodedCount - before).toBe(2);
    expect(one[0]!.length).toBeGreaterThan(frameOf(2).length);
  });

  test.each([
    ['JPEG-LS', 'ISO_14495_1'],
    ['JPEG 2000', 'ISO_15444_1'],
    ['HTJ2K', 'ISO_15444_15'],
  ])('of a lossy %s that does not say so says so now, and of a lossless one does not', async (name, method) => {
    const codec = losslessCodecs.find((one) => one.name === name)!;
    for (const lossy of [true, false]) {
      const { frame } = await losslessFrame(codec, { rows: 64, columns: 64, samplesPerPixel: 1, bits: 8, lossy });
      const image = { rows: 64, columns: 64, bitsAllocated: 8, pixelData: encapsulated([frame.bytes]) } as const;
      const instance = await store(codec.transferSyntaxUid, pixelElements(image));
      for (const uid of [explicitLittle, rle]) {
        const { attributes } = (await converted(instance, uid)).scanned;
        expect(attributes['00282114']?.Value).toEqual(lossy ? [method] : undefined);
        expect(attributes['00282110']?.Value).toEqual(lossy ? ['01'] : undefined);
      }
    }
  });

  test('of YBR_FULL_422 with chroma for every pixel keeps it, and is YBR_FULL', async () => {
    const pixelData = randomBytes(2 * 3 * 4 * 2);
    const full = { rows: 2, columns: 4, frames: 2, bitsAllocated: 8, samplesPerPixel: 3, pixelData } as const;
    const instance = await store(explicitLittle, pixelElements({ ...full, photometricInterpretation: 'YBR_FULL_422' }));
    expect(await framesOf(instance, [2])).toEqual([pixelData.subarray(24)]);
    const compressed = await converted(instance, rle);
    expect(compressed.scanned.attributes['00280004']?.Value).toEqual(['YBR_FULL']);
    await services.erase.erase(instance);
    expect((await again(compressed)).equals(pixelData)).toBe(true);
  });

  test('of pixels that are not compressed although its transfer syntax says so is made from them', async () => {
    const instance = await store('1.2.840.10008.1.2.4.80', pixelElements({ ...shape, pixelData }));
    const compressed = await converted(instance, rle);
    await services.erase.erase(instance);
    expect((await again(compressed)).equals(pixelData)).toBe(true);
  });

  test('of a lossy JPEG that does not say so says so now, in a lossless transfer syntax', async () => {
    const grays = Uint8Array.from({ length: 16 * 16 }, (_, index) => index);
    const jpeg = await sharp(grays, { raw: { width: 16, height: 16, channels: 1 } })
      .toColourspace('b-w')
      .jpeg()
      .toBuffer();
    const image = pixelElements({ rows: 16, columns: 16, bitsAllocated: 8, pixelData: encapsulated([jpeg]) });
    const { scanned } = await converted(await store('1.2.840.10008.1.2.4.50', image), rle);
    expect(scanned.attributes).toMatchObject({
      '00282110': { Value: ['01'] },
      '00282112': { Value: [expect.any(Number)] },
      '00282114': { Value: ['ISO_10918_1'] },
    });
  });

  test('as deflated frames has its one-bit pixels in them, each from its first bit on', async () => {
    const pixelData = Buffer.from([0b11111111, 0b00000001, 0b10101000, 0b00000110]);
    const segmentation = pixelElements({ rows: 3, columns: 3, frames: 3, bitsAllocated: 1, pixelData });
    const instance = await store(explicitLittle, segmentation);
    const compressed = await converted(instance, deflatedFrames);
    expect(compressed.scanned.warnings).toEqual([]);
    expect(compressed.scanned.attributes['00280100']?.Value).toEqual([1]);
    const inflated: number[][] = [];
    for await (const { bytes } of services.retrieve.encodedFrames(instance, [3, 1, 2], deflatedFrames)) {
      inflated.push([...inflateRawSync(bytes)]);
    }
    expect(inflated).toEqual([
      [0b10101010, 0b1],
      [0b11111111, 0b1],
      [0, 0],
    ]);
    // The table item, then one item a frame, each a stream of its own.
    const value = pixelsOf(compressed);
    const items: number[][] = [];
    for (let at = 8 + value.readUInt32LE(4); at + 8 <= value.length && items.length < 3; ) {
      const length = value.readUInt32LE(at + 4);
      items.push([...inflateRawSync(value.subarray(at + 8, at + 8 + length))]);
      at += 8 + length;
    }
    expect(items).toEqual([inflated[1], inflated[2], inflated[0]]);
  });

  test('without pixels is refused', async () => {
    const instance = await store(explicitLittle, []);
    await expect(services.retrieve.converted(instance, rle)).rejects.toMatchObject({
      code: 'transfer-syntax-unsupported',
      message: expect.stringContaining('no pixels'),
    });
  });
});

describe('an instance that is compressed with loss', () => {
  const baseline = '1.2.840.10008.1.2.4.50';
  const ramp = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));
  const shape = { rows: 32, columns: 32, bitsAllocated: 8, frames: 2 } as const;

  test('is another one, and says of which, by what and how much', async () => {
    const instance = await store(
      explicitLittle,
      inTagOrder([
        element('00080008', 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
        element('00280106', 'US', [0]),
        ...pixelElements({ ...shape, pixelData: ramp(2048) }),
      ]),
    );
    const { scanned, file } = await converted(instance, baseline);
    expect(scanned.warnings).toEqual([]);
    const uid = scanned.attributes['00080018']?.Value?.[0];
    expect(uid).toMatch(/^2\.25\.\d{30,39}$/);
    expect(scanned.fileMeta['00020003']?.Value).toEqual([uid]);
    expect(scanned.attributes).toMatchObject({
      '00080008': { Value: ['DERIVED', 'PRIMARY', 'AXIAL'] },
      '00082111': { Value: [expect.stringContaining('JPEG Baseline')] },
      '00082112': { Value: [{ '00081155': { Value: [instance.sopInstanceUid] } }] },
      '00089215': { Value: [{ '00080100': { Value: ['113040'] } }] },
      '00282110': { Value: ['01'] },
      '00282112': { Value: [expect.any(Number)] },
      '00282114': { Value: ['ISO_10918_1'] },
      '0020000D': { Value: [instance.studyInstanceUid] },
    });
    expect(scanned.attributes['00280106']).toBeUndefined();
    expect((await converted(instance, baseline)).file.equals(file)).toBe(true);
  });

  test('has about the pixels that it had, in gray and in colour', async () => {
    for (const samplesPerPixel of [1, 3] as const) {
      const smooth = Buffer.alloc(32 * 32 * samplesPerPixel * 2);
      for (let at = 0; at < smooth.length; at++) smooth[at] = 4 * (Math.floor(at / samplesPerPixel) % 32) + 60;
      const stored = await store(explicitLittle, pixelElements({ ...shape, samplesPerPixel, pixelData: smooth }));
      const { file, scanned } = await converted(stored, baseline);
      expect(scanned.attributes['00280004']?.Value).toEqual([samplesPerPixel === 3 ? 'YBR_FULL' : 'MONOCHROME2']);
      const outcome = await send(services.ingest, file);
      if (outcome.status === 'refused') throw new Error(outcome.message);
      for await (const instance of services.retrieve.instances(outcome)) {
        if (instance.transferSyntaxUid !== baseline) continue;
        const pixels = pixelsOf(await converted(instance));
        expect(pixels.length).toBe(smooth.length);
        const differences = pixels.map((value, at) => Math.abs(value - smooth[at]!));
        expect(Math.max(...differences)).toBeLessThan(6);
      }
    }
  });

  test.each([
    ['of more than eight bits', pixelElements({ rows: 8, columns: 8 })],
    ['whose frames have types of their own', [sequence('52009230', [[]]), ...pixelElements(shape)]],
    ['of a palette', pixelElements({ ...shape, photometricInterpretation: 'PALETTE COLOR' })],
  ])('is refused: %s', async (_what, elements) => {
    const instance = await store(explicitLittle, inTagOrder(elements));
    await expect(services.retrieve.converted(instance, baseline)).rejects.toMatchObject({
      code: 'transfer-syntax-unsupported',
    });
  });
});

describe('an instance that says to have a thousand million frames and has one', () => {
  const lying = async (uid: string, pixelData?: BuiltElement) => {
    const image = pixelElements({ rows: 3, columns: 3, bitsAllocated: 8, ...(pixelData && { pixelData }) });
    return store(uid, inTagOrder([...image, element('00280008', 'IS', '1000000000')]));
  };

  test.each([explicitLittle, '1.2.840.10008.1.2.4.80'])('is refused in %s, without counting them', async (uid) => {
    const instance = await lying(rle, encapsulated([encodeRle(new Uint8Array(9), 3, 1, 1)]));
    await expect(services.retrieve.converted(instance, uid)).rejects.toMatchObject({ code: 'frame-not-found' });
  });

  test('is refused where they would have to be compressed', async () => {
    await expect(services.retrieve.converted(await lying(explicitLittle), rle)).rejects.toMatchObject({
      code: 'frame-not-found',
    });
  });

  test('has the bulk data that are stored', async () => {
    const fragment = encodeRle(new Uint8Array(9), 3, 1, 1);
    const { size, body } = await services.retrieve.bulk(await lying(rle, encapsulated([fragment])), '7FE00010');
    body.destroy();
    expect(size).toBe(fragment.length);
  });
});

describe('an instance that cannot be had in Explicit VR Little Endian says why', () => {
  const refusal = async (instance: IndexedInstance) =>
    services.retrieve.converted(instance, explicitLittle).then(
      () => undefined,
      (error: unknown) => error,
    );

  test('whose codestream is broken', async () => {
    const instance = await store(rle, wrapped([Buffer.alloc(80, 0xff)]));
    expect(await refusal(instance)).toMatchObject({ code: 'decode-failed' });
  });

  test('and breaks off where that shows only behind the first frame', async () => {
    const instance = await store(deflatedFrames, wrapped([deflateRawSync(Buffer.alloc(9)), Buffer.alloc(10, 0xff)]));
    await expect(converted(instance)).rejects.toMatchObject({ code: 'decode-failed' });
    // Who asks again is told before anything has come, and may be given something else.
    expect(await refusal(instance)).toMatchObject({
      code: 'decode-failed',
      message: expect.stringContaining('Frame 2'),
    });
    await expect(services.retrieve.converted(instance, rle)).resolves.toBeDefined();
  });

  test('whose pixels are a video, or compressed although nothing says how', async () => {
    const video = await store('1.2.840.10008.1.2.4.102', wrapped([Buffer.alloc(8)]));
    expect(services.retrieve.producible(video)).toEqual([]);
    expect(await refusal(video)).toMatchObject({ code: 'transfer-syntax-unsupported' });
    const contradictory = await store('1.2.840.10008.1.2', wrapped([Buffer.alloc(8)]));
    expect(await refusal(contradictory)).toMatchObject({ code: 'transfer-syntax-unsupported' });
  });

  test('but for one whose stored file got shorter: that is damaged, whenever it is asked for', async () => {
    const pixels = pixelElements({ rows: 64, columns: 64 });
    for (const [stored, wanted] of [
      ['1.2.840.10008.1.2', explicitLittle],
      [explicitLittle, '1.2.840.10008.1.2'],
    ] as const) {
      const instance = await store(stored, pixels);
      await truncate(join(services.blobsDir, instance.blobKey), instance.size - 1000);
      for (const _time of ['once', 'twice']) {
        await expect(converted(instance, wanted)).rejects.toMatchObject({ code: 'stored-file-damaged' });
      }
    }
  });

  test('that would be asked for in a transfer syntax which nothing here writes', async () => {
    const instance = await store('1.2.840.10008.1.2', []);
    await expect(services.retrieve.converted(instance, '1.2.840.10008.1.2.4.81')).rejects.toMatchObject({
      code: 'transfer-syntax-unsupported',
    });
  });
});
