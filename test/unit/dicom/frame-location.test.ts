import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFragments,
  decodeFrameStarts,
  encodeFragments,
  encodeFrameStarts,
} from '../../../src/dicom/fragment-table.ts';
import { locateFrame } from '../../../src/dicom/frame-location.ts';
import type { EncapsulatedPixelData, NativePixelData } from '../../../src/dicom/pixel-data.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

const native: NativePixelData = {
  kind: 'native',
  tag: '7FE00010',
  vr: 'OW',
  bigEndian: false,
  offset: 1000,
  length: 96,
  frames: 3,
  bitsPerFrame: 256,
};

const encapsulated: EncapsulatedPixelData = {
  kind: 'encapsulated',
  tag: '7FE00010',
  offset: 1000,
  length: 400,
  frames: 3,
  fragmentOffsets: Float64Array.of(1016, 1050, 1100, 1200),
  fragmentLengths: Float64Array.of(20, 30, 40, 50),
  frameStarts: 'one-to-one',
};

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CausewayError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('locateFrame', () => {
  test('counts native frames from 1, back to back', () => {
    expect(locateFrame(native, 1)).toEqual({ ranges: [{ offset: 1000, length: 32 }], bitOffset: 0 });
    expect(locateFrame(native, 3)).toEqual({ ranges: [{ offset: 1064, length: 32 }], bitOffset: 0 });
  });

  test('gives the bit at which a one-bit frame starts within its first byte', () => {
    const bits = { ...native, length: 4, bitsPerFrame: 9 };
    expect(locateFrame(bits, 1)).toEqual({ ranges: [{ offset: 1000, length: 2 }], bitOffset: 0 });
    expect(locateFrame(bits, 2)).toEqual({ ranges: [{ offset: 1001, length: 2 }], bitOffset: 1 });
    expect(locateFrame(bits, 3)).toEqual({ ranges: [{ offset: 1002, length: 2 }], bitOffset: 2 });
  });

  test('gives whole words of big endian, and the bit in the first at which a frame of small pixels starts', () => {
    const bytes = { ...native, bigEndian: true, length: 10, bitsPerFrame: 24 };
    expect(locateFrame(bytes, 1)).toEqual({ ranges: [{ offset: 1000, length: 4 }], bitOffset: 0 });
    expect(locateFrame(bytes, 2)).toEqual({ ranges: [{ offset: 1002, length: 4 }], bitOffset: 8 });
    expect(locateFrame({ ...bytes, bitsPerFrame: 9 }, 3)).toEqual({
      ranges: [{ offset: 1002, length: 2 }],
      bitOffset: 2,
    });
    expect(locateFrame({ ...bytes, bitsPerFrame: 32 }, 2)).toMatchObject({ bitOffset: 0 });
  });

  test('refuses a frame number below, above or between', () => {
    for (const number of [0, -1, 4, 1.5, Number.NaN]) {
      expect(codeOf(() => locateFrame(native, number))).toBe('frame-not-found');
      expect(codeOf(() => locateFrame(encapsulated, number))).toBe('frame-not-found');
    }
  });

  test('refuses a native frame that the file holds only in part', () => {
    expect(codeOf(() => locateFrame({ ...native, length: 95 }, 3))).toBe('frame-not-found');
    expect(locateFrame({ ...native, length: 95 }, 2).ranges).toHaveLength(1);
  });

  test('takes one fragment a frame, or the run from one frame start to the next', () => {
    expect(locateFrame(encapsulated, 2).ranges).toEqual([{ offset: 1050, length: 30 }]);
    const runs = { ...encapsulated, frameStarts: Uint32Array.of(0, 2, 3) };
    expect(locateFrame(runs, 1).ranges).toEqual([
      { offset: 1016, length: 20 },
      { offset: 1050, length: 30 },
    ]);
    expect(locateFrame(runs, 3).ranges).toEqual([{ offset: 1200, length: 50 }]);
  });

  test('says so when frame boundaries are unknown or fragments are missing', () => {
    expect(codeOf(() => locateFrame({ ...encapsulated, frameStarts: 'unknown' }, 1))).toBe('frame-boundary-unknown');
    expect(codeOf(() => locateFrame({ ...encapsulated, frames: 9 }, 9))).toBe('frame-not-found');
  });
});

describe('the encoded fragment table', () => {
  const size = fc.nat({ max: 2 ** 31 }).map((n) => n * 50_000);

  test('comes back as it went in, whole or one entry at a time', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(size, size)), (fragments) => {
        const offsets = Float64Array.from(fragments, ([offset]) => offset);
        const lengths = Float64Array.from(fragments, ([, length]) => length);
        const encoded = encodeFragments(offsets, lengths);
        expect(decodeFragments(encoded)).toEqual({ offsets, lengths });
        fragments.forEach(([offset, length], index) => {
          const entry = decodeFragments(encoded.subarray(index * 12, index * 12 + 12));
          expect([entry.offsets[0], entry.lengths[0]]).toEqual([offset, length]);
        });
      }),
    );
  });

  test('keeps frame starts as four bytes each', () => {
    fc.assert(
      fc.property(fc.uint32Array(), (starts) => {
        expect(decodeFrameStarts(encodeFrameStarts(starts))).toEqual(starts);
      }),
    );
  });

  test('refuses half an entry', () => {
    expect(codeOf(() => decodeFragments(new Uint8Array(13)))).toBe('internal');
    expect(codeOf(() => decodeFrameStarts(new Uint8Array(3)))).toBe('internal');
  });
});
