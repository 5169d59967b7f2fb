import { explicitHeader, explicitText } from '../dicom/explicit-element.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { frameNumbers } from './frame-numbers.ts';
import { type SplicedPixels, unlike, unsignedShort } from './spliced-pixels.ts';

export interface PixelSource {
  readonly attributes: DicomJson;
  /** Bytes of the compressed value. */
  readonly compressedBytes: number;
  decode(numbers: Iterable<number>): AsyncIterable<DecodedFrame>;
}

/** Longest value that a length of 32 bits can say, and even. */
const maxValueBytes = 0xfffffffe;

/**
 * Native pixels in place of compressed ones. Decodes the first frame to learn what all of them are like.
 * @throws CausewayError `decode-failed`, `timed-out`; `transfer-syntax-unsupported` if the frames are no native value
 * @see PS3.5 §8.1, §8.2, PS3.3 §C.7.6.1.1.5
 */
export async function decodedPixels(instance: IndexedInstance, source: PixelSource): Promise<SplicedPixels> {
  let first: DecodedFrame | undefined;
  for await (const frame of source.decode([1])) first = frame;
  if (first === undefined) throw new CausewayError('frame-not-found', 'Frame 1 is not there.');
  const frameBytes = first.bytes.length;
  const bits = first.rows * first.columns * first.samplesPerPixel * first.bitsAllocated;
  if (bits % 8 !== 0 && instance.frames > 1) throw notNative('its frames of one-bit pixels do not end on a byte');
  const valueBytes = frameBytes * instance.frames;
  if (valueBytes > maxValueBytes) throw notNative(`its ${valueBytes} bytes of pixels are more than a value can have`);
  const sameEach = first;

  return {
    edits: editsFor(instance, sameEach, valueBytes, source),
    async *bytes() {
      yield sameEach.bytes;
      for await (const frame of source.decode(frameNumbers(2, instance.frames))) {
        if (!isAlike(frame, sameEach)) throw unlike();
        yield frame.bytes;
      }
      if (valueBytes % 2 !== 0) yield Buffer.alloc(1);
    },
  };
}

function editsFor(
  instance: IndexedInstance,
  frame: DecodedFrame,
  valueBytes: number,
  { attributes, compressedBytes }: PixelSource,
): ReadonlyMap<number, readonly Piece[]> {
  const edits = new Map<number, readonly Piece[]>();
  if (attributes['00280004']?.Value?.[0] !== frame.photometricInterpretation) {
    edits.set(0x00280004, [explicitText(0x00280004, 'CS', frame.photometricInterpretation)]);
  }
  if (frame.samplesPerPixel > 1) edits.set(0x00280006, [unsignedShort(0x00280006, frame.planarConfiguration)]);
  if (attributes['00280100']?.Value?.[0] !== frame.bitsAllocated) {
    edits.set(0x00280100, [unsignedShort(0x00280100, frame.bitsAllocated)]);
  }
  if (saysTooLittleOfLoss(instance, attributes)) {
    const ratio = (valueBytes / Math.max(compressedBytes, 1)).toFixed(2);
    edits.set(0x00282110, [explicitText(0x00282110, 'CS', '01')]);
    edits.set(0x00282112, [explicitText(0x00282112, 'DS', ratio)]);
    edits.set(0x00282114, [explicitText(0x00282114, 'CS', 'ISO_10918_1')]);
  }
  // Extended Offset Table, its lengths, and the length of the encapsulated value: native pixels have none.
  for (const tag of [0x7fe00001, 0x7fe00002, 0x7fe00003]) edits.set(tag, []);
  const vr = frame.bitsAllocated > 8 ? 'OW' : 'OB';
  return edits.set(0x7fe00010, [explicitHeader(0x7fe00010, vr, valueBytes + (valueBytes % 2)), 'splice']);
}

/** Lossy JPEG that does not say so would pass for the original once it is native. Other codecs may have lost nothing. */
export function saysTooLittleOfLoss({ transferSyntaxUid }: IndexedInstance, attributes: DicomJson): boolean {
  const syntax = transferSyntax(transferSyntaxUid);
  return syntax?.codec === 'jpeg' && syntax.lossy && attributes['00282110']?.Value?.[0] !== '01';
}

function isAlike(frame: DecodedFrame, first: DecodedFrame): boolean {
  return (
    frame.bytes.length === first.bytes.length && frame.photometricInterpretation === first.photometricInterpretation
  );
}

function notNative(reason: string): CausewayError {
  return new CausewayError(
    'transfer-syntax-unsupported',
    `The instance cannot be had uncompressed: ${reason}. Ask for it with transfer-syntax=*.`,
    { details: { tag: '7FE00010' } },
  );
}
