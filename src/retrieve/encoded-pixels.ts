import { explicitHeader, itemHeader } from '../dicom/explicit-element.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { CompressedFrame } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { frameNumbers } from './frame-numbers.ts';
import { derivationEdits } from './lossy-derivation.ts';
import { pixelEdits, type ReplacedPixels, requireAlike, type SplicedPixels } from './spliced-pixels.ts';

const item = 0xfffee000;
const sequenceDelimitation = 0xfffee0dd;
const undefinedLength = 0xffffffff;
/** Longest value of Pixel Data that is held back so that a Basic Offset Table can stand in front of it. */
const maxHeldBytes = 8_388_608;

/**
 * Compressed pixels in place of the stored ones, one fragment a frame. Encodes the first frame to learn whether and how
 * the pixels can be had; with loss they are another instance's. Up to 8 MiB there is a Basic Offset Table; above it is empty, as what lies behind it is not yet known.
 * @throws CausewayError as `Imaging.encode`
 * @see PS3.5 §8.2, §A.4
 */
export async function encodedPixels(
  instance: IndexedInstance,
  transferSyntaxUid: string,
  replaced: ReplacedPixels,
  encode: (numbers: Iterable<number>) => AsyncIterable<CompressedFrame>,
): Promise<SplicedPixels> {
  const { frames } = instance;
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

  const edits = pixelEdits(first, replaced, first.nativeBytes * frames);
  if (transferSyntax(transferSyntaxUid)?.lossy) {
    // That of all frames is known when they have gone out: the first one speaks for them.
    const ratio = first.nativeBytes / first.bytes.length;
    for (const [tag, pieces] of derivationEdits(instance, replaced.attributes, transferSyntaxUid, ratio)) {
      edits.set(tag, pieces);
    }
  }
  return {
    edits: edits.set(0x7fe00010, [
      explicitHeader(0x7fe00010, 'OB', undefinedLength),
      'splice',
      itemHeader(sequenceDelimitation, 0),
    ]),
    bytes: () => fragments(all()),
  };
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
