import type { ByteRange } from '../dicom/pixel-data.ts';
import { transferSyntax, transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import type { IndexedFrame } from '../index/instance-index.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { DataSetBytes, StoredBytes } from './data-set-bytes.ts';
import type { StoredFrame } from './retrieve.ts';

/** Frames that lie next to each other are read at once up to this size. */
const readTogetherBytes = 4_194_304;
/** Fragments of a frame are read at once if no more than this lies between them: their item headers, usually. */
const maxGapBytes = 4096;

/**
 * Reads frames by their ranges, in the order given, at most a few megabytes (or one frame) ahead.
 * @param maxFrameBytes a longer frame is refused
 * @throws CausewayError `limit-exceeded`, and as `DataSetBytes`
 */
export async function* readFrames(
  bytes: DataSetBytes,
  instance: StoredBytes & { readonly transferSyntaxUid: string },
  frames: readonly IndexedFrame[],
  maxFrameBytes: number,
): AsyncGenerator<StoredFrame, void, void> {
  for (let first = 0; first < frames.length; ) {
    const run = runFrom(frames, first);
    if (run.frames === 1 && run.length > maxFrameBytes) throw frameTooLong(frames[first]!.number, maxFrameBytes);
    const block = await bytes.read(instance, run.offset, run.length);
    for (const { number, ranges, bitOffset, encapsulated } of frames.slice(first, first + run.frames)) {
      const parts = ranges.map(({ offset, length }) =>
        block.subarray(offset - run.offset, offset - run.offset + length),
      );
      yield {
        number,
        bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts),
        bitOffset,
        transferSyntaxUid: syntaxOfFrame(instance.transferSyntaxUid, encapsulated),
        encapsulated,
      };
    }
    first += run.frames;
  }
}

/** Native pixels under a transfer syntax for compressed ones are what they are. */
function syntaxOfFrame(transferSyntaxUid: string, encapsulated: boolean): string {
  const isContradiction = !encapsulated && transferSyntax(transferSyntaxUid)?.encapsulated;
  return isContradiction ? transferSyntaxUids.explicitVrLittleEndian : transferSyntaxUid;
}

interface Run extends ByteRange {
  /** How many of the frames lie within. */
  readonly frames: number;
}

/** The longest row of frames from `first` on that one read can serve. */
function runFrom(frames: readonly IndexedFrame[], first: number): Run {
  const { offset, end: firstEnd } = extentOf(frames[first]!);
  let end = firstEnd;
  let count = 1;
  for (const frame of frames.slice(first + 1)) {
    const next = extentOf(frame);
    // Frames of one-bit pixels may share a byte, those in big endian words a word.
    const adjacent = next.offset >= end - 2 && next.offset <= end + maxGapBytes;
    if (!adjacent || next.end - offset > readTogetherBytes) break;
    end = next.end;
    count += 1;
  }
  return { offset, length: end - offset, frames: count };
}

function extentOf({ ranges }: IndexedFrame): { offset: number; end: number } {
  const last = ranges.at(-1)!;
  return { offset: ranges[0]!.offset, end: last.offset + last.length };
}

function frameTooLong(number: number, maxFrameBytes: number): CausewayError {
  return new CausewayError('limit-exceeded', `Frame ${number} is longer than ${maxFrameBytes} bytes.`, {
    details: { limit: 'maxFrameBytes' },
  });
}
