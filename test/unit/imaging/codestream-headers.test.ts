import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJpeg2000Header, requireWholeTileParts } from '../../../src/imaging/worker/codestreams/jpeg-2000-header.ts';
import { hasEndMarker, readJpegHeader } from '../../../src/imaging/worker/codestreams/jpeg-header.ts';
import { readJpegXlSize } from '../../../src/imaging/worker/codestreams/jpeg-xl-header.ts';

const soi = [0xff, 0xd8];
const sos = [0xff, 0xda, 0, 2];
const baseline = [0xff, 0xc0, 0, 17, 8, 0, 3, 0, 5, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
const adobe = [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0];

const bytes = (...parts: number[][]) => Uint8Array.from(parts.flat());

describe('a JPEG header', () => {
  it('says size, depth and components', () => {
    expect(readJpegHeader(bytes(soi, baseline, sos))).toEqual({
      process: 'dct',
      precision: 8,
      rows: 3,
      columns: 5,
      componentIds: [1, 2, 3],
      adobeTransform: undefined,
      scanOffset: 21,
    });
  });

  it("says Adobe's colour transform, where it is Adobe's", () => {
    expect(readJpegHeader(bytes(soi, adobe, baseline, sos)).adobeTransform).toBe(0);
    const others = adobe.with(4, 0x20);
    expect(readJpegHeader(bytes(soi, others, baseline, sos)).adobeTransform).toBeUndefined();
  });

  it('may have fill bytes before a marker', () => {
    expect(readJpegHeader(bytes(soi, [0xff, 0xff], baseline, sos)).rows).toBe(3);
  });

  it.each([
    [0xc3, 'lossless'],
    [0xc9, 'arithmetic'],
    [0xc5, 'hierarchical'],
    [0xf7, 'jpeg-ls'],
  ])('of marker ff%s is %s', (marker, process) => {
    expect(readJpegHeader(bytes(soi, baseline.with(1, marker), sos)).process).toBe(process);
  });

  it.each([
    ['does not begin with a JPEG SOI', bytes([1, 2, 3])],
    ['ends within its header', bytes(soi, baseline)],
    ['ends within its header', bytes(soi, baseline.slice(0, 9))],
    ['no marker at byte 2', bytes(soi, [0, 0, 0, 0])],
    ['scan comes before the frame header', bytes(soi, sos)],
    ['frame header is too short', bytes(soi, baseline.with(9, 9), sos)],
  ])('is refused: it %s', (message, codestream) => {
    expect(() => readJpegHeader(codestream)).toThrow(message);
  });
});

describe('the end marker', () => {
  it('may be followed by scraps of an earlier frame', () => {
    expect(hasEndMarker(bytes([1, 0xff, 0xd9, 0, 7, 8]), 0)).toBe(true);
  });

  it('does not count before the scan', () => {
    expect(hasEndMarker(bytes([0xff, 0xd9, 0, 0]), 1)).toBe(false);
    expect(hasEndMarker(bytes([]), 0)).toBe(false);
  });
});

/** SIZ for 5 × 3 pixels at an offset of 1, 12 signed bits. */
const siz = [
  0xff, 0x51, 0, 41, 0, 0, 0, 0, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 1, 0x8b, 1, 1,
];
const cod = [0xff, 0x52, 0, 12, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
const soc = [0xff, 0x4f];
const tilePart = (length: number) => [0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, length, 0, 1, 0xff, 0x93, 7, 7];
const eoc = [0xff, 0xd9];

describe('a JPEG 2000 header', () => {
  it('says size, depth, sign and colour transform', () => {
    expect(readJpeg2000Header(bytes(soc, siz, cod, tilePart(16), eoc))).toMatchObject({
      rows: 3,
      columns: 5,
      components: 1,
      precision: 12,
      signed: true,
      mixed: false,
      colorTransform: true,
      tileOffset: 59,
    });
  });

  it('is found in a JP2 file', () => {
    const signature = [0, 0, 0, 12, ...Buffer.from('jP  '), 0x0d, 0x0a, 0x87, 0x0a];
    const codestream = [...soc, ...siz, ...tilePart(16), ...eoc];
    const box = [0, 0, 0, 8 + codestream.length, ...Buffer.from('jp2c'), ...codestream];
    expect(readJpeg2000Header(bytes(signature, box))).toMatchObject({ rows: 3, columns: 5 });
    expect(() => readJpeg2000Header(bytes(signature))).toThrow('without a codestream');
  });

  it('sees subsampled components', () => {
    expect(readJpeg2000Header(bytes(soc, siz.with(-1, 2), tilePart(16), eoc)).mixed).toBe(true);
  });

  it.each([
    ['whole', [...tilePart(16), ...tilePart(16), ...eoc]],
    ['open to the end', [...tilePart(0), ...eoc]],
  ])('with tile parts that are %s is complete', (_, tiles) => {
    expect(() => requireWholeTileParts(readJpeg2000Header(bytes(soc, siz, tiles)))).not.toThrow();
  });

  it.each([
    ['tile part 1 is cut off', tilePart(17)],
    ['tile part 2 is cut off', [...tilePart(16), ...tilePart(90)]],
    ['no marker behind tile part 1', [...tilePart(16), 0, 0, 0]],
    ['ends without an EOC marker', tilePart(0)],
  ])('is refused: %s', (message, tiles) => {
    expect(() => requireWholeTileParts(readJpeg2000Header(bytes(soc, siz, tiles)))).toThrow(message);
  });
});

describe('a JPEG XL header', () => {
  it('says a small size in eighths', () => {
    // small 1, rows/8 - 1 = 31, ratio 1 (square): bits 1 11111 100, least significant first.
    expect(readJpegXlSize(bytes([0xff, 0x0a, 0b0111_1111, 0b0000_0000]))).toEqual({ rows: 256, columns: 256 });
  });

  it('says any size, by ratio or in full', () => {
    // small 0, 9 bits of rows - 1 = 239, ratio 3 (4:3).
    const value = (0 << 0) | (0 << 1) | (239 << 3) | (3 << 12);
    expect(readJpegXlSize(bytes([0xff, 0x0a, value & 0xff, value >> 8, 0]))).toEqual({ rows: 240, columns: 320 });
  });

  it('is refused where it ends or is none', () => {
    expect(() => readJpegXlSize(bytes([0xff, 0x0a]))).toThrow('ends within its header');
    expect(() => readJpegXlSize(bytes([1, 2, 3]))).toThrow('does not begin as a JPEG XL');
  });
});

describe('whatever the bytes', () => {
  const readers = [readJpegHeader, readCompleteJpeg2000, readJpegXlSize];

  function readCompleteJpeg2000(codestream: Uint8Array): void {
    requireWholeTileParts(readJpeg2000Header(codestream));
  }
  const starts = [
    [],
    soi,
    [...soi, ...baseline],
    [...soc, ...siz],
    [0xff, 0x0a],
    [0, 0, 0, 12, ...Buffer.from('JXL ')],
  ];

  it('a header is read or refused in words, in a moment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...readers),
        fc.constantFrom(...starts),
        fc.uint8Array({ maxLength: 300 }),
        (read, start, rest) => {
          try {
            read(bytes(start, [...rest]));
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Error);
            expect(thrown).not.toBeInstanceOf(RangeError);
            expect(thrown).not.toBeInstanceOf(TypeError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
