/** A well-known RGB space (PS3.3 §C.11.15.1.2), as far as its profile and a conversion need it. */
export interface ColourSpace {
  readonly name: string;
  /** X, Y and Z of red, green and blue, seen by D50 as profiles have it (ICC.1 §6.3.1). */
  readonly colorants: readonly [Triple, Triple, Triple];
  /** From a level to light, both 0 to 1: `(a x + b) ^ g` from `d` on, below it `c x` (ICC.1 §10.18, function type 3). */
  readonly curve: {
    readonly g: number;
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly d: number;
  };
}

export type Triple = readonly [number, number, number];

const srgbCurve = { g: 2.4, a: 1 / 1.055, b: 0.055 / 1.055, c: 1 / 12.92, d: 0.040_45 };

export const colourSpaces = {
  // IEC 61966-2-1
  srgb: {
    name: 'sRGB',
    colorants: [
      [0.436_07, 0.222_49, 0.013_92],
      [0.385_15, 0.716_87, 0.097_08],
      [0.143_07, 0.060_61, 0.7141],
    ],
    curve: srgbCurve,
  },
  // Adobe RGB (1998), §4.3
  adobergb: {
    name: 'Adobe RGB (1998) compatible',
    colorants: [
      [0.609_74, 0.311_11, 0.019_47],
      [0.205_28, 0.625_67, 0.060_87],
      [0.149_19, 0.063_22, 0.744_57],
    ],
    curve: { g: 563 / 256, a: 1, b: 0, c: 0, d: 0 },
  },
  // ISO 22028-2
  rommrgb: {
    name: 'ROMM RGB',
    colorants: [
      [0.797_67, 0.288_04, 0],
      [0.135_19, 0.711_88, 0],
      [0.031_34, 0.000_09, 0.824_91],
    ],
    curve: { g: 1.8, a: 1, b: 0, c: 1 / 16, d: 16 / 512 },
  },
  // SMPTE EG 432-1 primaries with the white and the curve of sRGB
  displayp3: {
    name: 'Display P3',
    colorants: [
      [0.515_12, 0.2412, -0.001_05],
      [0.291_98, 0.692_25, 0.041_89],
      [0.1571, 0.066_57, 0.784_07],
    ],
    curve: srgbCurve,
  },
} as const satisfies Record<string, ColourSpace>;
