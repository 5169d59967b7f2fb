import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { RenderParameters } from '../../../src/imaging/imaging.ts';
import { encodePicture, type Picture } from '../../../src/imaging/worker/render/encode-picture.ts';

const gray: Picture = { bytes: Uint8Array.of(0, 50, 100, 150, 200, 250), width: 3, height: 2, channels: 1 };
const blocks: Picture = {
  bytes: Uint8Array.from({ length: 3 * 40 * 20 }, (_, index) => (index % 3 === 0 ? 200 : 30)),
  width: 40,
  height: 20,
  channels: 3,
};

async function encoded(picture: Picture, parameters: Partial<RenderParameters> = {}, pixelAspect = 1) {
  const bytes = await encodePicture(picture, { mediaType: 'image/png', ...parameters }, pixelAspect);
  const { format, width, height, channels } = await sharp(bytes).metadata();
  const pixels = await sharp(bytes)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
  return { bytes, format, width, height, channels, pixels: [...pixels] };
}

const viewport = (width: number, height: number, x: number, y: number, sourceWidth: number, sourceHeight: number) => ({
  viewport: { width, height, source: { x, y, width: sourceWidth, height: sourceHeight } },
});

describe('a picture', () => {
  it('is as large as the image, gray as gray', async () => {
    expect(await encoded(gray)).toMatchObject({
      format: 'png',
      width: 3,
      height: 2,
      channels: 1,
      pixels: [...gray.bytes],
    });
  });

  it('can be a JPEG of the quality asked for, with full chroma', async () => {
    const fine = await encoded(blocks, { mediaType: 'image/jpeg', quality: 100 });
    const coarse = await encoded(blocks, { mediaType: 'image/jpeg', quality: 5 });
    expect(fine).toMatchObject({ format: 'jpeg', width: 40, height: 20, channels: 3 });
    expect(fine.bytes.length).toBeGreaterThan(coarse.bytes.length);
    expect((await sharp(fine.bytes).metadata()).chromaSubsampling).toBe('4:4:4');
  });

  it('fits into the viewport with its proportions', async () => {
    expect(await encoded(blocks, { viewport: { width: 100, height: 100 } })).toMatchObject({ width: 100, height: 50 });
    expect(await encoded(blocks, { viewport: { width: 100, height: 10 } })).toMatchObject({ width: 20, height: 10 });
  });

  it('shows pixels that are not square as they are without a viewport, and in true proportion with one', async () => {
    expect(await encoded(blocks, {}, 2)).toMatchObject({ width: 40, height: 20 });
    expect(await encoded(blocks, { viewport: { width: 80, height: 80 } }, 2)).toMatchObject({ width: 80, height: 80 });
  });

  it('shows a region of the source, turned round where its size is negative', async () => {
    expect((await encoded(gray, viewport(2, 1, 1, 1, 2, 1))).pixels).toEqual([200, 250]);
    expect((await encoded(gray, viewport(3, 2, 0, 0, -3, 2))).pixels).toEqual([100, 50, 0, 250, 200, 150]);
    expect((await encoded(gray, viewport(3, 2, 0, 0, 3, -2))).pixels).toEqual([150, 200, 250, 0, 50, 100]);
  });

  it('shows what there is of a region that leaves the image', async () => {
    expect(await encoded(gray, viewport(1, 2, 2, 0, 50, 50))).toMatchObject({
      width: 1,
      height: 2,
      pixels: [100, 250],
    });
  });

  it('shows a part given in fractions of the image, in its own size or scaled', async () => {
    const right = { left: 1 / 3, top: 0, right: 1, bottom: 1 };
    expect((await encoded(gray, { region: right })).pixels).toEqual([50, 100, 200, 250]);
    expect((await encoded(gray, { region: { left: 0, top: 0.5, right: 1, bottom: 1 } })).pixels).toEqual([
      150, 200, 250,
    ]);
    expect(await encoded(blocks, { region: right, viewport: { width: 54, height: 40 } })).toMatchObject({
      width: 54,
      height: 40,
    });
  });

  it('shows at least a pixel of a part, however small', async () => {
    const corner = { left: 0.999, top: 0.999, right: 1, bottom: 1 };
    expect(await encoded(gray, { region: corner })).toMatchObject({ width: 1, height: 1, pixels: [250] });
    const sliver = { left: 0.34, top: 0.01, right: 0.35, bottom: 0.02 };
    expect(await encoded(gray, { region: sliver })).toMatchObject({ width: 1, height: 1, pixels: [50] });
  });

  it('refuses a region outside of the image', async () => {
    await expect(encoded(gray, viewport(3, 2, 3, 0, 5, 5))).rejects.toMatchObject({
      code: 'bad-request',
      details: { parameter: 'viewport' },
    });
  });
});
