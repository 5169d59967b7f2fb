import type { DicomJson } from '../../dicom/json-model.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { numberOf, numbersOf, stringOf } from '../attribute-values.ts';
import type { FrameDescription } from '../frame-description.ts';
import { type ImageFrame, itemsFor } from './referenced-images.ts';

/** What of an image is shown, and which way up. */
export interface Layout {
  /** Of the image as it is stored, in pixels, from 0; the area may reach beyond the image, where there is nothing to see. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Clockwise, degrees. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Left and right change places, after the rotation. */
  readonly flip: boolean;
  /** Pixels of the picture for each of the image, where no viewport is asked for. */
  readonly magnification: number;
  /** Height of a pixel of the image as it is stored divided by its width. */
  readonly pixelAspect: number;
}

/** Pixels of one side. */
const maxSide = 65_535;

/**
 * Reads the Spatial Transformation and the Displayed Area of a frame. Magnification by MAGNIFY is as said; TRUE SIZE cannot be, as nobody
 * knows how large a pixel of the picture will be: it is shown as SCALE TO FIT is, one to one unless a viewport is asked for.
 * @throws CausewayError `cannot-render` if the area is impossible or, magnified, has more pixels than `maxPixels`
 * @see PS3.3 §C.10.4, §C.10.6
 */
export function describeLayout(
  state: DicomJson,
  image: ImageFrame,
  of: { readonly description: FrameDescription; readonly attributes: DicomJson; readonly maxPixels: number },
): Layout {
  const { rows, columns } = of.description;
  const [item] = itemsFor(state, '0070005A', image);
  // After a rotation the corner at the top left may be any of the four: what is between the two is shown.
  const [firstX = 1, firstY = 1] = numbersOf(item, '00700052');
  const [lastX = columns, lastY = rows] = numbersOf(item, '00700053');
  const left = Math.min(firstX, lastX) - 1;
  const top = Math.min(firstY, lastY) - 1;
  const width = Math.abs(lastX - firstX) + 1;
  const height = Math.abs(lastY - firstY) + 1;
  const magnification = stringOf(item, '00700100') === 'MAGNIFY' ? (numberOf(item, '00700103') ?? 1) : 1;
  const [wide, high] = [width * magnification, height * magnification];
  const fits = wide <= maxSide && high <= maxSide && width * height <= of.maxPixels && wide * high <= of.maxPixels;
  if (!(magnification > 0) || !fits) throw impossibleArea(width, height, magnification, of.maxPixels);
  const rotation = rotationOf(numberOf(state, '00700042') ?? 0);
  const flip = stringOf(state, '00700041') === 'Y';
  return { left, top, width, height, rotation, flip, magnification, pixelAspect: aspectOf(item) };
}

function rotationOf(degrees: number): Layout['rotation'] {
  const turned = ((degrees % 360) + 360) % 360;
  if (turned === 0 || turned === 90 || turned === 180 || turned === 270) return turned;
  throw new CausewayError('cannot-render', `Image Rotation (0070,0042) is ${degrees}, which is no quarter turn.`, {
    details: { tag: '00700042' },
  });
}

/** Presentation Pixel Spacing or Aspect Ratio: vertical, horizontal. */
function aspectOf(item: DicomJson | undefined): number {
  for (const tag of ['00700101', '00700102']) {
    const [vertical, horizontal] = numbersOf(item, tag);
    const aspect = (vertical ?? 0) / (horizontal ?? 0);
    if (aspect > 0.1 && aspect < 10) return aspect;
  }
  return 1;
}

function impossibleArea(width: number, height: number, magnification: number, maxPixels: number): CausewayError {
  const message = `The displayed area of ${width} × ${height} pixels, magnified ${magnification} times, is impossible or larger than ${maxPixels} pixels (maxViewportPixels).`;
  return new CausewayError('cannot-render', message, { details: { tag: '0070005A', limit: 'maxViewportPixels' } });
}

/** Width and height after the rotation. */
export function laidOutSize({ width, height, rotation }: Layout): { readonly width: number; readonly height: number } {
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** Where a point of the image (0\0 is its outer corner) comes to lie in the displayed area, after rotation and flip. */
export function laidOut(layout: Layout, imageX: number, imageY: number): [x: number, y: number] {
  const { width, height, rotation, flip } = layout;
  const [x, y] = [imageX - layout.left, imageY - layout.top];
  const turned: Record<Layout['rotation'], [number, number]> = {
    0: [x, y],
    90: [height - y, x],
    180: [width - x, height - y],
    270: [y, width - x],
  };
  const [toX, toY] = turned[rotation];
  return [flip ? laidOutSize(layout).width - toX : toX, toY];
}
