import type { Picture } from './encode-picture.ts';

/** A gray picture as one of three equal colours. */
export function coloured({ bytes, width, height, channels }: Picture): Picture {
  if (channels === 3) return { bytes, width, height, channels };
  const colours = new Uint8Array(3 * bytes.length);
  for (let pixel = 0; pixel < bytes.length; pixel++) colours.fill(bytes[pixel] as number, 3 * pixel, 3 * pixel + 3);
  return { bytes: colours, width, height, channels: 3 };
}
