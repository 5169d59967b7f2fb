import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { grayGif } from '../../../src/imaging/worker/render/gray-gif.ts';

async function decoded(gif: Uint8Array): Promise<Buffer> {
  return sharp(gif).removeAlpha().toColourspace('srgb').extractChannel(0).raw().toBuffer();
}

describe('a gray GIF', () => {
  it.each([
    ['noise, which fills the table of codes many times', 300, 301, (n: number) => randomBytes(n)],
    ['one gray', 257, 129, (n: number) => Buffer.alloc(n, 77)],
    ['a ramp', 256, 64, (n: number) => Buffer.from(Array.from({ length: n }, (_, at) => at & 0xff))],
    ['a pixel', 1, 1, () => Buffer.from([200])],
    [
      'stripes of black and white',
      64,
      64,
      (n: number) => Buffer.from(Array.from({ length: n }, (_, at) => 255 * (at & 1))),
    ],
  ])('has every level of %s', async (_, width, height, make) => {
    const pixels = make(width * height);
    expect((await decoded(grayGif(pixels, width, height))).equals(pixels)).toBe(true);
  });

  it('ends well wherever the length of its codes changes', async () => {
    const noise = randomBytes(4000);
    for (const change of [254, 766, 1790, 3838]) {
      for (let length = change - 4; length < change + 5; length++) {
        const pixels = noise.subarray(0, length);
        expect((await decoded(grayGif(pixels, length, 1))).equals(pixels), `${length} pixels`).toBe(true);
      }
    }
  });
});
