import { explicitHeader, itemHeader } from '../dicom/explicit-element.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { CompressedFrame } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { SharedBytes } from '../kernel/shared-bytes.ts';
import type { Spool } from '../kernel/spool-file.ts';
import { frameNumbers } from './frame-numbers.ts';
import { derivationEdits } from './lossy-derivation.ts';
import { pixelEdits, type ReplacedPixels, requireAlike, type SplicedPixels } from './spliced-pixels.ts';

const item = 0xfffee000;
const sequenceDelimitation = 0xfffee0dd;
const undefinedLength = 0xffffffff;
/** How much is held back so that a Basic Offset Table, which needs the lengths of all frames, can stand in front of it. */
export interface HeldBack {
  /** In memory; more goes to disk. */
  readonly memoryBytes: number;
  /** Altogether. */
  readonly bytes: number;
  /** How long whoever reads may wait for the table. */
  readonly ms: number;
  /** The disk that all conversions have together. */
  readonly disk: SharedBytes;
  openSpool(): Promise<Spool>;
}

/**
 * Compressed pixels in place of the stored ones, one fragment a frame. Encodes the first frame to learn whether and how
 * the pixels can be had; with loss they are another instance's.
 *
 * The Basic Offset Table tells where each frame begins. Past the limits of what is held back for it, it is empty: a table is
 * optional, and frames of one fragment each are found without. There is no Extended Offset Table, as nothing that is held back
 * is longer than the offsets of the basic one reach (4 GiB), and viewers do not know its VR.
 * @throws CausewayError as `Imaging.encode`
 * @see PS3.5 §8.2, §A.4, PS3.3 §C.7.6.3.1.8
 */
export async function encodedPixels(
  instance: IndexedInstance,
  transferSyntaxUid: string,
  replaced: ReplacedPixels,
  encode: (numbers: Iterable<number>) => AsyncIterable<CompressedFrame>,
  heldBack: HeldBack,
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
    bytes: () => fragments(all(), heldBack),
  };
}

/** Each frame in an item, behind the item of the Basic Offset Table. */
async function* fragments(
  frames: AsyncIterable<Uint8Array>,
  { memoryBytes, bytes, ms, disk, openSpool }: HeldBack,
): AsyncGenerator<Uint8Array, void, void> {
  const inMemory: Uint8Array[] = [];
  let spool: Spool | undefined;
  let spooledBytes = 0;
  let diskBytes = 0;
  async function* held(): AsyncGenerator<Uint8Array, void, void> {
    if (spool !== undefined) yield* spool.read(0, spooledBytes);
    yield* inMemory.splice(0);
  }
  /** @returns false if the disk takes no more, or others have all of it: what it did not take is still in memory */
  async function toDisk(): Promise<boolean> {
    try {
      spool ??= await openSpool();
      for (let piece = inMemory[0]; piece !== undefined; piece = inMemory[0]) {
        if (!disk.take(piece.length)) return false;
        diskBytes += piece.length;
        await spool.append(piece);
        spooledBytes += piece.length;
        inMemory.shift();
      }
      return true;
    } catch {
      return false;
    }
  }
  const offsets: number[] = [];
  const until = performance.now() + ms;
  let heldBytes = 0;
  let isHolding = true;
  try {
    for await (const frame of frames) {
      const fragment = [itemHeader(item, frame.length), frame];
      if (isHolding && (heldBytes + frame.length > bytes || performance.now() > until)) {
        isHolding = false;
        yield itemHeader(item, 0);
        yield* held();
      }
      if (!isHolding) {
        yield* fragment;
        continue;
      }
      offsets.push(heldBytes);
      heldBytes += itemHeaderBytes + frame.length;
      inMemory.push(...fragment);
      if (heldBytes - spooledBytes <= memoryBytes || (await toDisk())) continue;
      isHolding = false;
      yield itemHeader(item, 0);
      yield* held();
    }
    if (!isHolding) return;
    const table = Buffer.alloc(4 * offsets.length);
    for (const [index, offset] of offsets.entries()) table.writeUInt32LE(offset, 4 * index);
    yield itemHeader(item, table.length);
    yield table;
    yield* held();
  } finally {
    await spool?.close();
    disk.giveBack(diskBytes);
  }
}

const itemHeaderBytes = 8;

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
}
