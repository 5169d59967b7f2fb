import type { OverlayPlane } from '../../overlays.ts';
import { alignedBuffer } from '../codecs/codestream-samples.ts';
import type { Samples } from '../samples.ts';
import type { Picture } from './encode-picture.ts';

/**
 * Draws overlays over the picture, white: how bright they are to be is left open (PS3.3 §C.9.2).
 * What lies outside of the picture is cut off.
 */
export function burnIn(picture: Picture, overlays: readonly OverlayPlane[], samples: Samples): void {
  for (const overlay of overlays) {
    if (overlay.kind === 'bitmap') burnBitmap(picture, overlay);
    else burnEmbedded(picture, overlay.bit, samples);
  }
}

function burnBitmap(picture: Picture, overlay: OverlayPlane & { kind: 'bitmap' }): void {
  const { rows, columns, top, left, bits, bitOffset } = overlay;
  const [firstRow, endRow] = [Math.max(0, -top), Math.min(rows, picture.height - top)];
  const [firstColumn, endColumn] = [Math.max(0, -left), Math.min(columns, picture.width - left)];
  for (let row = firstRow; row < endRow; row++) {
    const pixel = (row + top) * picture.width + left;
    for (let column = firstColumn; column < endColumn; column++) {
      const bit = bitOffset + row * columns + column;
      if (((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) whiten(picture, pixel + column);
    }
  }
}

function burnEmbedded(picture: Picture, bit: number, { bytes, bitsAllocated }: Samples): void {
  const pixels = picture.width * picture.height;
  const words = bitsAllocated === 16 ? new Uint16Array(alignedBuffer(bytes), 0, pixels) : bytes;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (((words[pixel] as number) >> bit) & 1) whiten(picture, pixel);
  }
}

function whiten({ bytes, channels }: Picture, pixel: number): void {
  bytes.fill(255, pixel * channels, (pixel + 1) * channels);
}
