import type { FragmentCollector, FrameOffsets } from './fragment-collector.ts';
import type { DicomJson } from './json-model.ts';
import type { ByteRange, EncapsulatedPixelData, NativePixelData, PixelDataTag } from './pixel-data.ts';
import type { ScanWarnings } from './scan-warnings.ts';
import type { CodecFamily } from './transfer-syntaxes.ts';

/** The layout of native pixels; warns if there are fewer than the image attributes promise. */
export function nativeLayout(
  tag: PixelDataTag,
  vr: NativePixelData['vr'],
  range: ByteRange,
  bigEndian: boolean,
  attributes: DicomJson,
  warnings: ScanWarnings,
): NativePixelData {
  const frames = numberOfFrames(attributes, warnings);
  const described = describedBitsPerFrame(attributes, range.length / frames, warnings);
  const bitsPerFrame = described ?? Math.floor((range.length * 8) / frames);
  const neededBytes = Math.ceil((bitsPerFrame * frames) / 8);
  if (neededBytes > range.length) {
    warnings.add({
      kind: 'pixel-data-short',
      tag,
      offset: range.offset,
      message: `Pixel Data at byte ${range.offset} has ${range.length} bytes; ${frames} frames of this size need ${neededBytes}.`,
    });
  }
  return { kind: 'native', tag, vr, bigEndian, frames, bitsPerFrame, offset: range.offset, length: range.length };
}

/** The layout of compressed pixels; warns of offset tables that are wrong and of frames that are not there. */
export function encapsulatedLayout(
  tag: PixelDataTag,
  range: ByteRange,
  collector: FragmentCollector,
  syntax: { readonly codec: CodecFamily; readonly video: boolean },
  extendedOffsets: FrameOffsets | undefined,
  attributes: DicomJson,
  warnings: ScanWarnings,
): EncapsulatedPixelData {
  const frames = numberOfFrames(attributes, warnings);
  const { tableIsWrong, ...fragments } = collector.finish({ frames, video: syntax.video, extendedOffsets });
  if (tableIsWrong) {
    warnings.add({
      kind: 'length-repaired',
      tag,
      offset: range.offset,
      message: `The offset table of the Pixel Data at byte ${range.offset} does not agree with its fragments and is not used.`,
    });
  }
  if (!syntax.video && fragments.fragmentOffsets.length < frames) {
    warnings.add({
      kind: 'pixel-data-short',
      tag,
      offset: range.offset,
      message: `Pixel Data at byte ${range.offset} has ${fragments.fragmentOffsets.length} fragments for ${frames} frames.`,
    });
  }
  return { kind: 'encapsulated', tag, frames, offset: range.offset, length: range.length, ...fragments };
}

/** Largest value of an IS (PS3.5 §6.2). */
const maxInteger = 2 ** 31 - 1;

/** Number of Frames (0028,0008); 1 where it is absent or says nothing sensible. */
function numberOfFrames(attributes: DicomJson, warnings: ScanWarnings): number {
  const value = attributes['00280008']?.Value?.[0];
  if (value === undefined) return 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxInteger) return value;
  warnings.add({
    kind: 'value-not-valid',
    tag: '00280008',
    message: 'Number of Frames (0028,0008) is not a positive integer and is taken as 1.',
  });
  return 1;
}

/** @param storedBytes of one frame */
function describedBitsPerFrame(attributes: DicomJson, storedBytes: number, warnings: ScanWarnings): number | undefined {
  const number = (tag: string) => {
    const value = attributes[tag]?.Value?.[0];
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const [rows, columns, bitsAllocated] = [number('00280010'), number('00280011'), number('00280100')];
  if (rows === undefined || columns === undefined || bitsAllocated === undefined) return undefined;
  const full = rows * columns * (number('00280002') ?? 1) * bitsAllocated;
  const photometricInterpretation = attributes['00280004']?.Value?.[0];
  if (photometricInterpretation !== 'YBR_FULL_422' && photometricInterpretation !== 'YBR_PARTIAL_422') return full;
  const halved = rows * columns * 2 * bitsAllocated;
  if (full <= halved || storedBytes * 8 < full) return halved;
  // Some writers name the chroma of the JPEG that it was once, and store all of it.
  warnings.add({
    kind: 'value-not-valid',
    tag: '00280004',
    message: `Photometric Interpretation (0028,0004) is ${photometricInterpretation}, and Pixel Data has chroma for every pixel.`,
  });
  return full;
}
