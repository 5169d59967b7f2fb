import type { Ink } from '../../presentation-state/ink.ts';
import type { Picture } from './encode-picture.ts';

/** Gives one pixel a colour; a gray picture takes its red, which is as good as any in a gray ink. */
export function paint({ bytes, channels }: Picture, pixel: number, [red, green, blue]: Ink): void {
  if (channels === 1) {
    bytes[pixel] = red;
    return;
  }
  bytes[3 * pixel] = red;
  bytes[3 * pixel + 1] = green;
  bytes[3 * pixel + 2] = blue;
}
