import { explicitHeader, explicitText, itemHeader } from '../dicom/explicit-element.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import type { CompressedFrame } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { frameNumbers } from './frame-numbers.ts';
import { requireAlike, type SplicedPixels, unsignedShort } from './spliced-pixels.ts';

const item = 0xfffee000;
const sequenceDelimitation = 0xfffee0dd;
const undefinedLength = 0xffffffff;
/** Longest value of Pixel Data that is held back so that a Basic Offset Table can stand in front of it. */
const maxHeldBytes = 8_388_608;

interface EncodedSource {
  readonly attributes: DicomJson;
  encode(numbers: Iterable<number>): AsyncIterable<CompressedFrame>;
}

/**
 * Compressed pixels in place of the stored ones, one fragment a frame. Encodes the first frame to learn whether and how
 * the pixels can be had. Up to 8 MiB there is a Basic Offset Table; above it is empty, as what lies behind it is not yet known.
 * @throws CausewayError as `Imaging.encode`
 * @see PS3.5 §8.2, §A.4
 */
export async function encodedPixels(
  { frames }: Pick<IndexedInstance, 'frames'>,
  { attributes, encode }: EncodedSource,
): Promise<SplicedPixels> {
  let first: CompressedFrame | undefined;
  for await (const frame of encode([1])) first = frame;
  if (first === undefined) throw new CausewayError('frame-not-found', 'Frame 1 is not there.');
  const sameEach = first;

  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    yield padded(sameEach.bytes);
    for await (const frame of encode(frameNumbers(2, frames))) {
      requireAlike(frame, sameEach);
      yield padded(frame.bytes);
    }
  }

  return { edits: editsFor(sameEach, attributes), bytes: () => fragments(all()) };
}

function editsFor(frame: CompressedFrame, attributes: DicomJson): Map<number, readonly Piece[]> {
  const edits = new Map<number, readonly Piece[]>();
  if (attributes['00280004']?.Value?.[0] !== frame.photometricInterpretation) {
    edits.set(0x00280004, [explicitText(0x00280004, 'CS', frame.photometricInterpretation)]);
  }
  if (frame.samplesPerPixel > 1) edits.set(0x00280006, [unsignedShort(0x00280006, frame.planarConfiguration)]);
  if (attributes['00280100']?.Value?.[0] !== frame.bitsAllocated) {
    edits.set(0x00280100, [unsignedShort(0x00280100, frame.bitsAllocated)]);
  }
  if (attributes['00280101']?.Value?.[0] !== frame.bitsStored) {
    edits.set(0x00280101, [unsignedShort(0x00280101, frame.bitsStored)]);
    edits.set(0x00280102, [unsignedShort(0x00280102, frame.bitsStored - 1)]);
  }
  // Extended Offset Table, its lengths, and the length of the value told of other fragments.
  for (const tag of [0x7fe00001, 0x7fe00002, 0x7fe00003]) edits.set(tag, []);
  return edits.set(0x7fe00010, [
    explicitHeader(0x7fe00010, 'OB', undefinedLength),
    'splice',
    itemHeader(sequenceDelimitation, 0),
  ]);
}

/** Each frame in an item, behind the item of the Basic Offset Table. */
async function* fragments(frames: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const held: Uint8Array[] = [];
  const offsets: number[] = [];
  let heldBytes = 0;
  let isHolding = true;
  for await (const frame of frames) {
    if (isHolding && heldBytes + frame.length > maxHeldBytes && held.length > 0) {
      isHolding = false;
      yield itemHeader(item, 0);
      yield* held.splice(0);
    }
    const fragment = [itemHeader(item, frame.length), frame];
    if (!isHolding) {
      yield* fragment;
      continue;
    }
    offsets.push(heldBytes);
    held.push(...fragment);
    heldBytes += itemHeaderBytes + frame.length;
  }
  if (!isHolding) return;
  const table = Buffer.alloc(4 * offsets.length);
  for (const [index, offset] of offsets.entries()) table.writeUInt32LE(offset, 4 * index);
  yield itemHeader(item, table.length);
  yield table;
  yield* held;
}

const itemHeaderBytes = 8;

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
}
