import { numberOf, numbersOf, stringOf } from '../attribute-values.ts';
import { type BitmapPlane, describeBitmap } from '../overlays.ts';
import { black, cielabInk, grayInk, type Ink } from './ink.ts';
import { levelOf } from './level.ts';
import type { StoredPresentationState } from './stored-presentation-state.ts';

/** Where pixels can be seen; rows and columns from 1, as in the Standard. */
export type Opening =
  | {
      readonly kind: 'rectangle';
      readonly left: number;
      readonly right: number;
      readonly upper: number;
      readonly lower: number;
    }
  | {
      readonly kind: 'circle';
      readonly row: number;
      readonly column: number;
      /** Along a row and along a column, pixels. */
      readonly radius: readonly [number, number];
    }
  | { readonly kind: 'polygon'; readonly vertices: readonly (readonly [row: number, column: number])[] };

/** What hides parts of an image: it shows only where all openings do, and where no bitmap covers it. */
export interface Shutter {
  readonly openings: readonly Opening[];
  readonly bitmap: BitmapPlane | undefined;
  readonly ink: Ink;
}

/**
 * Reads the Display Shutter and the Bitmap Display Shutter Module.
 * @param pixelAspect height of a pixel divided by its width: the radius of a circle is counted along a row
 * @throws CausewayError `cannot-render` for a bitmap beyond all bounds
 * @see PS3.3 §C.7.6.11, §C.7.6.15
 */
export function describeShutter(state: StoredPresentationState, pixelAspect: number): Shutter | undefined {
  const { attributes } = state;
  const shapes = new Set((attributes['00181600']?.Value ?? []).map((shape) => String(shape).trim()));
  const openings: Opening[] = [];
  if (shapes.has('RECTANGULAR')) {
    const edge = (tag: string, open: number) => numberOf(attributes, tag) ?? open;
    openings.push({
      kind: 'rectangle',
      left: edge('00181602', Number.NEGATIVE_INFINITY),
      right: edge('00181604', Number.POSITIVE_INFINITY),
      upper: edge('00181606', Number.NEGATIVE_INFINITY),
      lower: edge('00181608', Number.POSITIVE_INFINITY),
    });
  }
  const [row, column] = numbersOf(attributes, '00181610');
  const radius = numberOf(attributes, '00181612');
  if (shapes.has('CIRCULAR') && row !== undefined && column !== undefined && radius !== undefined) {
    openings.push({ kind: 'circle', row, column, radius: [radius, radius / pixelAspect] });
  }
  const corners = numbersOf(attributes, '00181620');
  if (shapes.has('POLYGONAL') && corners.length >= 6) {
    const vertices = Array.from({ length: corners.length >> 1 }, (_, index): [number, number] => [
      corners[2 * index] as number,
      corners[2 * index + 1] as number,
    ]);
    openings.push({ kind: 'polygon', vertices });
  }
  const bitmap = shapes.has('BITMAP') ? bitmapOf(state) : undefined;
  if (openings.length === 0 && bitmap === undefined) return undefined;
  const level = levelOf(attributes, '00181622');
  const ink = cielabInk(attributes, '00181624') ?? (level === undefined ? black : grayInk(level));
  return { openings, bitmap, ink };
}

/** The overlay of the state that Shutter Overlay Group names; its bits cover. */
function bitmapOf(state: StoredPresentationState): BitmapPlane | undefined {
  const group = numberOf(state.attributes, '00181623');
  const name = group === undefined ? stringOf(state.attributes, '00181623') : group.toString(16);
  if (name === undefined) return undefined;
  return describeBitmap({ ...state, frameNumber: 1 }, name.toUpperCase(), 'any type');
}
