import { type Layout, laidOut, laidOutSize } from '../../presentation-state/displayed-area.ts';
import type { Picture } from './encode-picture.ts';

/** The displayed area of a picture, turned and flipped, pixel for pixel; black where it reaches beyond the picture. */
export function layOut(picture: Picture, layout: Layout): Picture {
  const { channels } = picture;
  const size = laidOutSize(layout);
  const bytes = new Uint8Array(size.width * size.height * channels);
  const firstRow = Math.max(layout.top, 0);
  const endRow = Math.min(layout.top + layout.height, picture.height);
  const firstColumn = Math.max(layout.left, 0);
  const endColumn = Math.min(layout.left + layout.width, picture.width);
  // Where the middle of the first pixel comes to lie, and how far one step along a row takes it.
  const [x0, y0] = laidOut(layout, firstColumn + 0.5, firstRow + 0.5);
  const [x1, y1] = laidOut(layout, firstColumn + 1.5, firstRow + 0.5);
  const [x2, y2] = laidOut(layout, firstColumn + 0.5, firstRow + 1.5);
  const start = Math.floor(y0) * size.width + Math.floor(x0);
  const alongRow = (y1 - y0) * size.width + (x1 - x0);
  const downColumn = (y2 - y0) * size.width + (x2 - x0);
  for (let row = firstRow; row < endRow; row++) {
    let to = (start + (row - firstRow) * downColumn) * channels;
    let from = (row * picture.width + firstColumn) * channels;
    for (let column = firstColumn; column < endColumn; column++, to += alongRow * channels, from += channels) {
      for (let channel = 0; channel < channels; channel++)
        bytes[to + channel] = picture.bytes[from + channel] as number;
    }
  }
  return { ...size, channels, bytes };
}
