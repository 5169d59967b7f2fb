import type { Opening, Shutter } from '../../presentation-state/shutter.ts';
import { burnIn } from './burn-in.ts';
import type { Picture } from './encode-picture.ts';
import { paint } from './paint.ts';

/** Hides what lies outside of any opening, and what the bitmap covers. Pixels on an edge can be seen (PS3.3 §C.7.6.11). */
export function closeShutter(picture: Picture, { openings, bitmap, ink }: Shutter): void {
  const { width, height } = picture;
  for (let row = 1; row <= height; row++) {
    const spans = openings.map((opening) => visibleSpans(opening, row, width));
    for (let column = 1; column <= width; column++) {
      const open = spans.every((one) => one.some(([first, last]) => column >= first && column <= last));
      if (!open) paint(picture, (row - 1) * width + column - 1, ink);
    }
  }
  if (bitmap !== undefined) burnIn(picture, [{ ...bitmap, ink }]);
}

type Span = readonly [first: number, last: number];

/** What of a row an opening shows. */
function visibleSpans(opening: Opening, row: number, width: number): Span[] {
  switch (opening.kind) {
    case 'rectangle':
      return row >= opening.upper && row <= opening.lower ? [[opening.left, opening.right]] : [];
    case 'circle': {
      const [along, across] = opening.radius;
      const height = (row - opening.row) / across;
      if (!(Math.abs(height) <= 1)) return [];
      const half = along * Math.sqrt(1 - height ** 2);
      return [[opening.column - half, opening.column + half]];
    }
    case 'polygon':
      return polygonSpans(opening.vertices, row, width);
  }
}

/** Even-odd; an edge that lies along the row is visible too. */
function polygonSpans(vertices: readonly (readonly [number, number])[], row: number, width: number): Span[] {
  const crossings: number[] = [];
  const spans: Span[] = [];
  vertices.forEach(([row1, column1], index) => {
    const [row2, column2] = vertices[(index + 1) % vertices.length] as readonly [number, number];
    if (row1 === row && row2 === row) spans.push([Math.min(column1, column2), Math.max(column1, column2)]);
    // A corner belongs to the edge that goes down from it.
    if (row1 <= row !== row2 <= row) crossings.push(column1 + ((row - row1) / (row2 - row1)) * (column2 - column1));
    if (row1 === row) spans.push([column1, column1]);
  });
  crossings.sort((a, b) => a - b);
  for (let index = 0; index < crossings.length; index += 2) {
    spans.push([crossings[index] as number, crossings[index + 1] ?? width]);
  }
  return spans;
}
