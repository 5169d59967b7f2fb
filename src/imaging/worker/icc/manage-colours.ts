import sharp from 'sharp';
import { CausewayError } from '../../../kernel/errors.ts';
import type { RenderParameters } from '../../imaging.ts';
import { coloured } from '../render/coloured.ts';
import type { Picture } from '../render/encode-picture.ts';
import { type ColourSpace, colourSpaces, type Triple } from './colour-spaces.ts';
import { embedProfile } from './embed-profile.ts';
import { profileOf } from './profile-of.ts';

export interface ManagedPicture {
  readonly picture: Picture;
  /** Says what the colours of the picture are; to be embedded. */
  readonly profile: Uint8Array;
}

/**
 * The picture in the colours that are asked for, gray as three equal ones, with the profile that goes with them
 * (PS3.18 §8.3.5.1.5).
 * @param own ICC Profile of the image; without, its colours are taken for sRGB
 * @param wanted `yes`: as they are
 * @throws CausewayError `cannot-render` if the image's own profile is unusable
 */
export async function manageColours(
  decoded: Picture,
  own: Uint8Array | undefined,
  wanted: NonNullable<RenderParameters['iccProfile']>,
): Promise<ManagedPicture> {
  const isGray = decoded.channels === 1;
  const picture = coloured(decoded);
  const profile = isGray ? undefined : own;
  if (profile !== undefined) requireUsable(profile);
  if (wanted === 'yes') return { picture, profile: profile ?? profileOf(colourSpaces.srgb) };
  const srgb = profile === undefined ? picture : await toSrgb(picture, profile);
  const space = colourSpaces[wanted];
  return { picture: wanted === 'srgb' ? srgb : fromSrgb(srgb, space), profile: profileOf(space) };
}

/** What is no profile of RGB would be passed over without a word. */
function requireUsable(profile: Uint8Array): void {
  const bytes = Buffer.from(profile.buffer, profile.byteOffset, profile.length);
  const isProfile = bytes.length > 132 && bytes.toString('latin1', 36, 40) === 'acsp';
  if (isProfile && bytes.toString('latin1', 16, 20) === 'RGB ' && bytes.readUInt32BE(0) <= bytes.length) return;
  throw new CausewayError('cannot-render', 'The ICC Profile (0028,2000) of the image is no profile of RGB colours.', {
    details: { tag: '00282000' },
  });
}

/** By way of a PNG: of pixels alone sharp does not take a profile. */
async function toSrgb(picture: Picture, profile: Uint8Array): Promise<Picture> {
  const { bytes, width, height, channels } = picture;
  const png = await sharp(bytes, { raw: { width, height, channels }, limitInputPixels: false })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const converted = await sharp(embedProfile(png, profile), { limitInputPixels: false })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  return { ...picture, bytes: converted };
}

/** Out of gamut is nothing, as all of these spaces hold sRGB. */
function fromSrgb(picture: Picture, space: ColourSpace): Picture {
  const light = Float64Array.from({ length: 256 }, (_, level) => lightOf(level / 255, colourSpaces.srgb.curve));
  const levels = levelTable(space.curve);
  const [[m00, m01, m02], [m10, m11, m12], [m20, m21, m22]] = product(
    inverse(columns(space.colorants)),
    columns(colourSpaces.srgb.colorants),
  );
  const from = picture.bytes;
  const bytes = new Uint8Array(from.length);
  const level = (value: number) => levels[Math.round(steps * Math.min(Math.max(value, 0), 1))] as number;
  for (let at = 0; at + 2 < from.length; at += 3) {
    const red = light[from[at] as number] as number;
    const green = light[from[at + 1] as number] as number;
    const blue = light[from[at + 2] as number] as number;
    bytes[at] = level(m00 * red + m01 * green + m02 * blue);
    bytes[at + 1] = level(m10 * red + m11 * green + m12 * blue);
    bytes[at + 2] = level(m20 * red + m21 * green + m22 * blue);
  }
  return { ...picture, bytes };
}

type Curve = ColourSpace['curve'];

function lightOf(level: number, { g, a, b, c, d }: Curve): number {
  return level >= d ? (a * level + b) ** g : c * level;
}

/** Fine enough that dark levels, which lie closest together, are still told apart. */
const steps = 65_535;

function levelTable({ g, a, b, c, d }: Curve): Uint8Array {
  return Uint8Array.from({ length: steps + 1 }, (_, step) => {
    const light = step / steps;
    const level = light >= (a * d + b) ** g ? (light ** (1 / g) - b) / a : light / c;
    return Math.round(255 * Math.min(Math.max(level, 0), 1));
  });
}

type Matrix = readonly [Triple, Triple, Triple];

function columns([r, g, b]: ColourSpace['colorants']): Matrix {
  return [
    [r[0], g[0], b[0]],
    [r[1], g[1], b[1]],
    [r[2], g[2], b[2]],
  ];
}

function product(one: Matrix, other: Matrix): Matrix {
  const row = ([x, y, z]: Triple): Triple => [
    x * other[0][0] + y * other[1][0] + z * other[2][0],
    x * other[0][1] + y * other[1][1] + z * other[2][1],
    x * other[0][2] + y * other[1][2] + z * other[2][2],
  ];
  return [row(one[0]), row(one[1]), row(one[2])];
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const scaled = (x: number, y: number, z: number): Triple => [x / determinant, y / determinant, z / determinant];
  return [
    scaled(e * i - f * h, c * h - b * i, b * f - c * e),
    scaled(f * g - d * i, a * i - c * g, c * d - a * f),
    scaled(d * h - e * g, b * g - a * h, a * e - b * d),
  ];
}
