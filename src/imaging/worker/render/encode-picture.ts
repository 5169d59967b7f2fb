import sharp, { type Sharp } from 'sharp';
import { CausewayError } from '../../../kernel/errors.ts';
import type { RenderParameters } from '../../imaging.ts';
import { grayGif } from './gray-gif.ts';

/** An 8-bit picture: gray, or red, green, blue for each pixel. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

// A worker renders one frame at a time: more threads would only compete with the other workers.
sharp.concurrency(1);
sharp.cache(false);

const defaultQuality = 90;

/** Half the time of what is a fifth smaller; level 1 is hardly quicker and a sixth larger. */
const quickPng = { compressionLevel: 2, adaptiveFiltering: false } as const;

/** A tenth of the time of what is hardly better. */
const quickGif = { effort: 3, dither: 0.5 } as const;

/** Twice as quick as with tables made for the picture, and a tenth larger. Full chroma: small coloured letters stay legible. */
const quickJpeg = { optimiseCoding: false, chromaSubsampling: '4:4:4' } as const;

/**
 * Cuts, flips, scales and encodes.
 *
 * Without a viewport a pixel of the picture is a pixel of the image, whatever its aspect. With one, the region is scaled to the largest size
 * that fits, by the true proportions of the patient: pixels that are not square become square.
 * @param pixelAspect height of a pixel divided by its width
 * @param drawOver each makes SVG that lies over the finished picture and has its size, the last on top
 * @throws CausewayError `bad-request` if the region lies outside of the image
 * @see PS3.18 §8.3.5.1.3
 */
export async function encodePicture(
  picture: Picture,
  { mediaType, quality = defaultQuality, viewport, region: shown }: RenderParameters,
  pixelAspect: number,
  drawOver: readonly ((view: PictureView) => string)[] = [],
): Promise<Uint8Array> {
  const { width, height, channels } = picture;
  let view: PictureView = { width, height, place: (x, y) => [x, y] };
  let pipeline = sharp(picture.bytes, { raw: { width, height, channels }, limitInputPixels: false });
  if (viewport !== undefined || shown !== undefined) {
    const source = shown === undefined ? viewport?.source : sourceOf(picture, shown);
    const { region, flipX, flipY } = regionOf(picture, source);
    pipeline = pipeline.extract(region);
    if (flipX) pipeline = pipeline.flop();
    if (flipY) pipeline = pipeline.flip();
    const target = viewport === undefined ? region : fitted(region.width, region.height * pixelAspect, viewport);
    if (target.width !== region.width || target.height !== region.height) {
      pipeline = pipeline.resize({ width: target.width, height: target.height, fit: 'fill' });
    }
    view = viewOf(region, target, flipX, flipY);
  }
  if (drawOver.length > 0) {
    pipeline = pipeline.composite(drawOver.map((draw) => ({ input: Buffer.from(draw(view)) }))).removeAlpha();
  }
  if (channels === 1) pipeline = pipeline.toColourspace('b-w');
  const encoded = await encode(pipeline, mediaType, quality);
  return encoded.byteLength === encoded.buffer.byteLength ? encoded : new Uint8Array(encoded);
}

async function encode(pipeline: Sharp, mediaType: RenderParameters['mediaType'], quality: number): Promise<Uint8Array> {
  if (mediaType === 'image/png') return pipeline.png(quickPng).toBuffer();
  if (mediaType === 'image/jpeg') return pipeline.jpeg({ ...quickJpeg, quality }).toBuffer();
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (mediaType === 'image/gif') {
    if (channels === 1) return grayGif(data, width, height);
    return sharp(data, { raw: { width, height, channels }, limitInputPixels: false }).gif(quickGif).toBuffer();
  }
  return Buffer.concat([Buffer.from(`P${channels === 1 ? 5 : 6}\n${width} ${height}\n255\n`), data]);
}

/** Where points of the picture come to lie when it is finished. */
export interface PictureView {
  readonly width: number;
  readonly height: number;
  place(x: number, y: number): readonly [x: number, y: number];
}

function viewOf(
  region: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  target: { readonly width: number; readonly height: number },
  flipX: boolean,
  flipY: boolean,
): PictureView {
  const [scaleX, scaleY] = [target.width / region.width, target.height / region.height];
  return {
    ...target,
    place(x, y) {
      const [toX, toY] = [(x - region.left) * scaleX, (y - region.top) * scaleY];
      return [flipX ? target.width - toX : toX, flipY ? target.height - toY : toY];
    },
  };
}

type Source = NonNullable<NonNullable<RenderParameters['viewport']>['source']>;

/** The pixels that a region of fractions covers, one at least. */
function sourceOf({ width, height }: Picture, region: NonNullable<RenderParameters['region']>): Source {
  const [x, columns] = spanOf(region.left, region.right, width);
  const [y, rows] = spanOf(region.top, region.bottom, height);
  return { x, y, width: columns, height: rows };
}

function spanOf(from: number, to: number, size: number): [first: number, count: number] {
  const first = Math.min(Math.round(from * size), size - 1);
  return [first, Math.max(Math.round(to * size) - first, 1)];
}

/** The part of the region that lies within the image, in whole pixels; a negative size flips. */
function regionOf({ width, height }: Picture, source: Source = { x: 0, y: 0, width, height }) {
  const left = Math.min(Math.max(Math.round(source.x), 0), width);
  const top = Math.min(Math.max(Math.round(source.y), 0), height);
  const right = Math.min(Math.max(Math.round(source.x + Math.abs(source.width)), 0), width);
  const bottom = Math.min(Math.max(Math.round(source.y + Math.abs(source.height)), 0), height);
  if (right <= left || bottom <= top) {
    throw new CausewayError(
      'bad-request',
      `The region of the viewport lies outside of the image of ${width} × ${height} pixels.`,
      {
        details: { parameter: 'viewport' },
      },
    );
  }
  const region = { left, top, width: right - left, height: bottom - top };
  return { region, flipX: source.width < 0, flipY: source.height < 0 };
}

function fitted(width: number, height: number, viewport: { readonly width: number; readonly height: number }) {
  const scale = Math.min(viewport.width / width, viewport.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
