import type { DicomJson } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';
import { inlineBytesOf, numberOf, numbersOf, stringOf } from './attribute-values.ts';
import type { FrameDescription } from './frame-description.ts';
import type { EncodedFrame } from './imaging.ts';
import type { Ink } from './presentation-state/ink.ts';

/** A bitmap that lies over an image. */
export interface BitmapPlane {
  readonly kind: 'bitmap';
  readonly rows: number;
  readonly columns: number;
  /** Pixel of the image under the first of the bitmap, from 0; may lie outside. */
  readonly top: number;
  readonly left: number;
  /** Least significant bit first; what is missing at the end is empty. */
  readonly bits: Uint8Array;
  /** Bits of the first byte that belong to the frame before. */
  readonly bitOffset: number;
}

/** Graphics to burn into a picture: a bitmap of its own, or a bit of the pixels that is no part of their value. White without ink. */
export type OverlayPlane = (BitmapPlane | { readonly kind: 'embedded'; readonly bit: number }) & { readonly ink?: Ink };

/** `graphics`: without regions of interest (type R), which mark pixels that count and are nothing to look at unless somebody says so. */
export type OverlayTypes = 'graphics' | 'any type';

/** Where the bitmap of one frame lies in Overlay Data. */
export interface OverlayDataRange {
  /** Of Overlay Data, `60023000`: as a BulkDataURI is spelled. */
  readonly path: string;
  readonly firstByte: number;
  readonly length: number;
}

interface Layout extends OverlayDataRange {
  readonly rows: number;
  readonly columns: number;
  readonly bitOffset: number;
}

/** Sixteen planes in the even groups 6000 to 601E. */
export const overlayGroups = Array.from({ length: 16 }, (_, index) => (0x6000 + 2 * index).toString(16).toUpperCase());
/** As many as a picture may have. */
const maxOverlayPixels = 64_000_000;

/**
 * Parts of Overlay Data that are bulk values and that a picture of the frame needs.
 * @throws CausewayError `cannot-render` for a bitmap beyond all bounds
 */
export function overlayBulkRanges(
  attributes: DicomJson,
  frameNumber: number,
  types: OverlayTypes = 'graphics',
): OverlayDataRange[] {
  return overlayGroups
    .map((group) => layoutOf(attributes, group, frameNumber, types))
    .filter((layout) => layout !== undefined)
    .filter(({ path }) => attributes[path]?.BulkDataURI !== undefined);
}

/**
 * The graphics of a frame, without regions of interest.
 * @throws CausewayError `cannot-render` for a bitmap beyond all bounds
 * @see PS3.3 §C.9.2, §C.9.3; of embedded planes PS3.3-2004
 */
export function describeOverlays(frame: EncodedFrame, description: FrameDescription): OverlayPlane[] {
  return overlayGroups
    .map((group) => describeOverlay(frame, group, description, 'graphics'))
    .filter((plane) => plane !== undefined);
}

/** The plane of one group, four hexadecimal digits; undefined where it has none for the frame. @throws as `describeOverlays` */
export function describeOverlay(
  frame: EncodedFrame,
  group: string,
  description: FrameDescription,
  types: OverlayTypes,
): OverlayPlane | undefined {
  if (frame.attributes[`${group}3000`] !== undefined) return describeBitmap(frame, group, types);
  return embeddedPlane(frame.attributes, group, description, types);
}

/** The same of groups that have a bitmap of their own. @throws as `describeOverlays` */
export function describeBitmap(
  frame: Pick<EncodedFrame, 'attributes' | 'frameNumber' | 'overlayData'>,
  group: string,
  types: OverlayTypes,
): BitmapPlane | undefined {
  const layout = layoutOf(frame.attributes, group, frame.frameNumber, types);
  const bits = layout && bitsOf(frame, layout);
  if (layout === undefined || bits === undefined) return undefined;
  const [row = 1, column = 1] = numbersOf(frame.attributes, `${group}0050`);
  const { rows, columns, bitOffset } = layout;
  return { kind: 'bitmap', rows, columns, top: row - 1, left: column - 1, bits, bitOffset };
}

/** @returns undefined where the group has no graphics of their own, or none for this frame */
function layoutOf(attributes: DicomJson, group: string, frameNumber: number, types: OverlayTypes): Layout | undefined {
  const path = `${group}3000`;
  if (attributes[path] === undefined || !isOfType(attributes, group, types)) return undefined;
  const [rows, columns] = [numberOf(attributes, `${group}0010`), numberOf(attributes, `${group}0011`)];
  if (!isSize(rows) || !isSize(columns)) return undefined;
  if (rows * columns > maxOverlayPixels) throw tooLarge(group, rows, columns);
  const index = indexOf(attributes, group, frameNumber);
  if (index === undefined) return undefined;
  const firstBit = index * rows * columns;
  const bitOffset = firstBit % 8;
  const length = Math.ceil((bitOffset + rows * columns) / 8);
  return { path, firstByte: (firstBit - bitOffset) / 8, length, rows, columns, bitOffset };
}

/** Without Number of Frames in Overlay the one bitmap belongs to all frames. */
function indexOf(attributes: DicomJson, group: string, frameNumber: number): number | undefined {
  const frames = numberOf(attributes, `${group}0015`);
  if (frames === undefined) return 0;
  const index = frameNumber - (numberOf(attributes, `${group}0051`) ?? 1);
  return index >= 0 && index < frames ? index : undefined;
}

function isOfType(attributes: DicomJson, group: string, types: OverlayTypes): boolean {
  return types === 'any type' || stringOf(attributes, `${group}0040`) !== 'R';
}

function isSize(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** A copy of its own: it crosses to a worker. */
function bitsOf(
  { attributes, overlayData }: Pick<EncodedFrame, 'attributes' | 'overlayData'>,
  layout: Layout,
): Uint8Array | undefined {
  const inline = inlineBytesOf(attributes[layout.path]);
  const bits = inline?.subarray(layout.firstByte, layout.firstByte + layout.length) ?? overlayData?.get(layout.path);
  return bits === undefined || bits.length === 0 ? undefined : new Uint8Array(bits);
}

/** Codecs keep nothing beside the value of a pixel: only where words lie as they were written can a bit beside it be graphics. */
const keepsAllBits: ReadonlySet<FrameDescription['codec']> = new Set(['native', 'rle', 'deflated-frame']);

function embeddedPlane(
  attributes: DicomJson,
  group: string,
  frame: FrameDescription,
  types: OverlayTypes,
): OverlayPlane | undefined {
  const bit = numberOf(attributes, `${group}0102`);
  const allocated = numberOf(attributes, `${group}0100`);
  if (bit === undefined || allocated !== frame.bitsAllocated || !isOfType(attributes, group, types)) {
    return undefined;
  }
  if (!keepsAllBits.has(frame.codec)) return undefined;
  if (frame.samplesPerPixel !== 1 || frame.isFloat || (allocated !== 8 && allocated !== 16)) return undefined;
  const isFree = bit >= 0 && bit < allocated && (bit > frame.highBit || bit <= frame.highBit - frame.bitsStored);
  return isFree ? { kind: 'embedded', bit } : undefined;
}

function tooLarge(group: string, rows: number, columns: number): CausewayError {
  const message = `The overlay of ${columns} × ${rows} pixels in group ${group} is larger than ${maxOverlayPixels} pixels.`;
  return new CausewayError('cannot-render', message, { details: { tag: `${group}3000` } });
}
