import { describe, expect, it } from 'vitest';
import { decodeNative } from '../../../src/imaging/worker/codecs/decode-native.ts';
import { frameDescription } from '../../support/pixel-frames.ts';

type Changes = Parameters<typeof frameDescription>[0];

function decoded(bytes: number[], changes: Changes): number[] {
  return [...decodeNative(Uint8Array.from(bytes), frameDescription({ rows: 1, columns: 2, ...changes })).bytes];
}

const eightBits = { bitsAllocated: 8, bitsStored: 8, highBit: 7 } as const;

describe('uncompressed pixels', () => {
  it('are taken as they are, without a pad byte', () => {
    expect(decoded([1, 2, 3, 4, 0], {})).toEqual([1, 2, 3, 4]);
  });

  it('are turned from big to little endian', () => {
    expect(decoded([1, 2, 3, 4], { byteOrder: 'big' })).toEqual([2, 1, 4, 3]);
    expect(decoded([1, 2, 3, 4, 5, 6, 7, 8], { byteOrder: 'big', bitsAllocated: 32 })).toEqual([
      4, 3, 2, 1, 8, 7, 6, 5,
    ]);
    const double = { byteOrder: 'big', bitsAllocated: 64, columns: 1 } as const;
    expect(decoded([1, 2, 3, 4, 5, 6, 7, 8], double)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('of 8 bits in big endian words change places', () => {
    expect(decoded([1, 2], { ...eightBits, byteOrder: 'word-swapped' })).toEqual([2, 1]);
    const odd = () => decoded([1, 2, 3], { ...eightBits, columns: 3, byteOrder: 'word-swapped' });
    expect(odd).toThrow('half of a big endian word');
  });

  it('in big endian words begin and end within one where they do', () => {
    const odd = { ...eightBits, columns: 3, byteOrder: 'word-swapped' } as const;
    expect(decoded([1, 2, 3, 4], odd)).toEqual([2, 1, 4]);
    expect(decoded([3, 4, 5, 6], { ...odd, bitOffset: 8 })).toEqual([3, 6, 5]);
    const bits = { bitsAllocated: 1, bitsStored: 1, highBit: 0, rows: 3, columns: 3 } as const;
    expect(decoded([0b1, 0b1010_1011], { ...bits, byteOrder: 'word-swapped' })).toEqual([0b1010_1011, 1]);
    const second = { ...bits, byteOrder: 'word-swapped', bitOffset: 9 } as const;
    expect(decoded([0b1010_1010, 0, 0b11, 0b11], second)).toEqual([0b1101_0101, 1]);
  });

  it('by plane become pixels', () => {
    const byPlane = {
      ...eightBits,
      samplesPerPixel: 3,
      planarConfiguration: 1,
      photometricInterpretation: 'RGB',
    } as const;
    expect(decoded([1, 2, 3, 4, 5, 6], byPlane)).toEqual([1, 3, 5, 2, 4, 6]);
    const wide = { ...byPlane, bitsAllocated: 16, columns: 1 };
    expect(decoded([1, 2, 3, 4, 5, 6], wide)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('of YBR_FULL_422 get their chroma repeated, unless it is all there', () => {
    const subsampled = { ...eightBits, samplesPerPixel: 3, photometricInterpretation: 'YBR_FULL_422' } as const;
    expect(decoded([10, 20, 30, 40], subsampled)).toEqual([10, 30, 40, 20, 30, 40]);
    expect(decoded([1, 2, 3, 4, 5, 6], subsampled)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(decodeNative(new Uint8Array(4), frameDescription({ rows: 1, columns: 2, ...subsampled }))).toMatchObject({
      photometricInterpretation: 'YBR_FULL',
    });
  });

  it('of one bit start on a byte, with nothing behind the last', () => {
    const bits = { bitsAllocated: 1, bitsStored: 1, highBit: 0, rows: 3, columns: 3 } as const;
    expect(decoded([0b1010_1011, 0b0000_0001], bits)).toEqual([0b1010_1011, 1]);
    expect(decoded([0b1010_1000, 0b1111_1101], { ...bits, bitOffset: 3 })).toEqual([0b1011_0101, 1]);
  });

  it('that are too few are refused, with the numbers', () => {
    expect(() => decoded([1, 2, 3], {})).toThrow('Frame 1 cannot be decoded: it has 3 bytes and needs 4.');
    const bits = { bitsAllocated: 1, bitsStored: 1, highBit: 0, rows: 3, columns: 3, bitOffset: 7 } as const;
    expect(() => decoded([1], bits)).toThrow('it has 1 bytes and needs 2');
  });
});
