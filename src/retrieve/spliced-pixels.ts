import { explicitElement, explicitText } from '../dicom/explicit-element.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import type { DecodedFrame } from '../imaging/imaging.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Pixels that take the place of those of a whole instance, and what the attributes have to say then. */
export interface SplicedPixels {
  /** For a `DataSetConverter`; `splice` stands where `bytes` belong. */
  readonly edits: ReadonlyMap<number, readonly Piece[]>;
  /** What `splice` stands for. */
  bytes(): AsyncIterable<Uint8Array>;
}

/** Pixels as they are stored, which others take the place of. */
export interface ReplacedPixels {
  /** By what something is lost of them, as far as it shows. */
  readonly lossMethod: string | undefined;
  /** Of the whole instance. */
  readonly attributes: DicomJson;
  /** Of the value of Pixel Data. */
  readonly storedBytes: number;
}

/**
 * What the attributes have to say of frames that have another form than the stored ones, all but Pixel Data itself.
 * @param nativeBytes of all frames, uncompressed
 * @returns whole attributes; `DataSetConverter` writes them in place of the stored ones
 * @see PS3.5 §8.1, §8.2, PS3.3 §C.7.6.1.1.5, §C.7.6.3
 */
export function pixelEdits(
  frame: DecodedFrame,
  { lossMethod, attributes, storedBytes }: ReplacedPixels,
  nativeBytes: number,
): Map<number, readonly Piece[]> {
  const edits = new Map<number, readonly Piece[]>();
  const is = (tag: string, value: unknown) => attributes[tag]?.Value?.[0] === value;
  if (!is('00280004', frame.photometricInterpretation)) {
    edits.set(0x00280004, [explicitText(0x00280004, 'CS', frame.photometricInterpretation)]);
  }
  if (frame.samplesPerPixel > 1) edits.set(0x00280006, [unsignedShort(0x00280006, frame.planarConfiguration)]);
  if (!is('00280100', frame.bitsAllocated)) edits.set(0x00280100, [unsignedShort(0x00280100, frame.bitsAllocated)]);
  if (!is('00280101', frame.bitsStored)) edits.set(0x00280101, [unsignedShort(0x00280101, frame.bitsStored)]);
  if (!is('00280102', frame.highBit)) edits.set(0x00280102, [unsignedShort(0x00280102, frame.highBit)]);
  // What does not say that it is lossy would pass for the original.
  if (lossMethod !== undefined && !is('00282110', '01')) {
    const ratio = (nativeBytes / Math.max(storedBytes, 1)).toFixed(2);
    edits.set(0x00282110, [explicitText(0x00282110, 'CS', '01')]);
    edits.set(0x00282112, [explicitText(0x00282112, 'DS', ratio)]);
    edits.set(0x00282114, [explicitText(0x00282114, 'CS', lossMethod)]);
  }
  // Extended Offset Table, its lengths, and the length of the value told of other fragments.
  for (const tag of [0x7fe00001, 0x7fe00002, 0x7fe00003]) edits.set(tag, []);
  return edits;
}

function unsignedShort(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return explicitElement(tag, 'US', bytes);
}

/** All frames have one description. @throws CausewayError `decode-failed` */
export function requireAlike(frame: DecodedFrame, first: DecodedFrame): void {
  const isAlike =
    frame.bitsAllocated === first.bitsAllocated &&
    frame.bitsStored === first.bitsStored &&
    frame.highBit === first.highBit &&
    frame.photometricInterpretation === first.photometricInterpretation;
  if (isAlike) return;
  throw new CausewayError('decode-failed', 'The frames of the instance differ in size or colour space.', {
    details: { tag: '7FE00010' },
  });
}
