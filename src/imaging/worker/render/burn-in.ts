import type { BitmapPlane, OverlayPlane } from '../../overlays.ts';
import { type Ink, white } from '../../presentation-state/ink.ts';
import { alignedBuffer } from '../codecs/codestream-samples.ts';
import type { Samples } from '../samples.ts';
import type { Picture } from './encode-picture.ts';
import { paint } from './paint.ts';

/**
 * Draws overlays over the picture, white where they have no ink: how bright they are to be is left open (PS3.3 §C.9.2).
 * What lies outside of the picture is cut off.
 * @param samples needed for planes that are embedded in them
 */
export function burnIn(picture: Picture, overlays: readonly OverlayPlane[], samples?: Samples): void {
  for (const overlay of overlays) {
    if (overlay.kind === 'bitmap') burnBitmap(picture, overlay, overlay.ink ?? white);
    else if (samples !== undefined) burnEmbedded(picture, overlay.bit, samples, overlay.ink ?? white);
  }
}

function burnBitmap(picture: Picture, overlay: BitmapPlane, ink: Ink): void {
  const { rows, columns, top, left, bits, bitOffset } = overlay;
  const [firstRow, endRow] = [Math.max(0, -top), Math.min(rows, picture.height - top)];
  const [firstColumn, endColumn] = [Math.max(0, -left), Math.min(columns, picture.width - left)];
  for (let row = firstRow; row < endRow; row++) {
    const pixel = (row + top) * picture.width + left;
    for (let column = firstColumn; column < endColumn; column++) {
      const bit = bitOffset + row * columns + column;
      if (((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) paint(picture, pixel + column, ink);
    }
  }
}

function burnEmbedded(picture: Picture, bit: number, { bytes, bitsAllocated }: Samples, ink: Ink): void {
  const pixels = picture.width * picture.height;
  const words = bitsAllocated === 16 ? new Uint16Array(alignedBuffer(bytes), 0, pixels) : bytes;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (((words[pixel] as number) >> bit) & 1) paint(picture, pixel, ink);
  }
}
