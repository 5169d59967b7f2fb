import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRle } from '../../../src/imaging/worker/codecs/decode-rle.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { frameDescription } from '../../support/pixel-frames.ts';

/** A frame of PackBits segments behind their header. */
function rleFrame(...segments: number[][]): Uint8Array {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(segments.length, 0);
  let offset = 64;
  for (const [index, segment] of segments.entries()) {
    header.writeUInt32LE(offset, 4 + 4 * index);
    offset += segment.length;
  }
  return Buffer.concat([header, ...segments.map((segment) => Uint8Array.from(segment))]);
}

const literal = (...bytes: number[]) => [bytes.length - 1, ...bytes];
const run = (count: number, byte: number) => [257 - count, byte];

const gray = frameDescription({ rows: 1, columns: 4, bitsAllocated: 8, bitsStored: 8, highBit: 7, codec: 'rle' });

describe('RLE', () => {
  it('joins literals and runs, and passes over 128', () => {
    const frame = rleFrame([...literal(1, 2), 128, ...run(2, 9)]);
    expect([...decodeRle(frame, gray).bytes]).toEqual([1, 2, 9, 9]);
  });

  it('puts the most significant byte first segment, little endian', () => {
    const words = { ...gray, bitsAllocated: 16 };
    expect([...decodeRle(rleFrame(run(4, 1), literal(5, 6, 7, 8)), words).bytes]).toEqual([5, 1, 6, 1, 7, 1, 8, 1]);
  });

  it('puts samples side by side', () => {
    const color = { ...gray, samplesPerPixel: 3 };
    const frame = rleFrame(run(4, 1), run(4, 2), literal(3, 4, 5, 6));
    expect([...decodeRle(frame, color).bytes]).toEqual([1, 2, 3, 1, 2, 4, 1, 2, 5, 1, 2, 6]);
  });

  it('has chroma for every pixel, whatever is said of it', () => {
    const color = { ...gray, samplesPerPixel: 3, photometricInterpretation: 'YBR_FULL_422' };
    const frame = rleFrame(run(4, 1), run(4, 2), run(4, 3));
    expect(decodeRle(frame, color)).toMatchObject({ photometricInterpretation: 'YBR_FULL' });
  });

  it('does not write past the frame', () => {
    expect([...decodeRle(rleFrame(run(100, 7)), gray).bytes]).toEqual([7, 7, 7, 7]);
  });

  it('names the segment that is short', () => {
    expect(() => decodeRle(rleFrame(literal(1, 2, 3)), gray)).toThrow('its RLE segment 1 gives 3 of 4 bytes');
    const words = { ...gray, bitsAllocated: 16 };
    expect(() => decodeRle(rleFrame(run(4, 1), run(2, 1)), words)).toThrow('its RLE segment 2 gives 2 of 4 bytes');
  });

  it('refuses a wrong number of segments and segments outside of the frame', () => {
    expect(() => decodeRle(rleFrame(run(4, 1), run(4, 1)), gray)).toThrow('2 RLE segments where the attributes need 1');
    const frame = Buffer.from(rleFrame(run(4, 1)));
    frame.writeUInt32LE(5000, 4);
    expect(() => decodeRle(frame, gray)).toThrow('segment 1 lies outside of the frame');
    expect(() => decodeRle(frame.subarray(0, 63), gray)).toThrow('ends within the RLE header');
  });

  it('either fills the frame or says why not, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, plausible) => {
        const frame = plausible ? Buffer.concat([rleFrame([]), bytes]) : bytes;
        try {
          expect(decodeRle(frame, gray).bytes).toHaveLength(4);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CausewayError);
        }
      }),
    );
  });
});
