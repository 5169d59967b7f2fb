import type { DicomJson } from '../../dicom/json-model.ts';
import { numbersOf } from '../attribute-values.ts';

/** Red, green and blue, 0 to 255. */
export type Ink = readonly [red: number, green: number, blue: number];

export const white: Ink = [255, 255, 255];
export const black: Ink = [0, 0, 0];

export function grayInk(level: number): Ink {
  return [level, level, level];
}

export function isGray([red, green, blue]: Ink): boolean {
  return red === green && green === blue;
}

/**
 * A colour in PCS-Values: CIELab of 16 bits (PS3.3 §C.10.7.1.1), as sRGB.
 * @returns undefined if the attribute is not there or incomplete
 */
export function cielabInk(attributes: DicomJson | undefined, tag: string): Ink | undefined {
  const [l, a, b] = numbersOf(attributes, tag);
  if (l === undefined || a === undefined || b === undefined) return undefined;
  const fy = ((l * 100) / 65_535 + 16) / 116;
  const fx = fy + ((a * 255) / 65_535 - 128) / 500;
  const fz = fy - ((b * 255) / 65_535 - 128) / 200;
  // CIE 15: white of D50, as in ICC profiles; the matrix takes it to sRGB, whose white is D65 (Bradford).
  const [x, y, z] = [0.964_22 * uncompressed(fx), uncompressed(fy), 0.825_21 * uncompressed(fz)];
  return [
    srgbByte(3.133_856_1 * x - 1.616_866_7 * y - 0.490_614_6 * z),
    srgbByte(-0.978_768_4 * x + 1.916_141_5 * y + 0.033_454 * z),
    srgbByte(0.071_945_3 * x - 0.228_991_4 * y + 1.405_242_7 * z),
  ];
}

function uncompressed(f: number): number {
  return f > 6 / 29 ? f ** 3 : (3 * 6 ** 2 * (f - 4 / 29)) / 29 ** 2;
}

function srgbByte(linear: number): number {
  const level = linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(Math.max(level, 0), 1));
}
