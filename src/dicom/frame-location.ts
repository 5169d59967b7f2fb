import { CausewayError } from '../kernel/errors.ts';
import type { ByteRange, EncapsulatedPixelData, NativePixelData, PixelDataLayout } from './pixel-data.ts';

/** Where the bytes of one frame lie. */
export interface FrameLocation {
  /** In order; joined they are the frame. Offsets as in the layout. */
  readonly ranges: readonly ByteRange[];
  /**
   * Bits of the first byte that belong to the frame before, 0 to 7; of pixels of 1 or 8 bits in big endian words those of the
   * first word, 0 to 15.
   */
  readonly bitOffset: number;
}

/**
 * Locates one frame by arithmetic alone.
 * @param frameNumber from 1
 * @throws CausewayError `frame-not-found` if there is no such frame or the file ends before it does,
 * `frame-boundary-unknown` if nothing in the file tells where the frames of encapsulated Pixel Data begin
 * @see PS3.5 §8.1.1, §A.4
 */
export function locateFrame(layout: PixelDataLayout, frameNumber: number): FrameLocation {
  if (!Number.isInteger(frameNumber) || frameNumber < 1 || frameNumber > layout.frames) {
    throw new CausewayError('frame-not-found', `Frame ${frameNumber} is not there: ${countOfFrames(layout.frames)}.`);
  }
  if (layout.kind === 'native') return nativeFrame(layout, frameNumber);
  const [first, end] = fragmentsOfFrame(layout, frameNumber);
  const ranges: ByteRange[] = [];
  for (let index = first; index < end; index++) {
    const offset = layout.fragmentOffsets[index];
    const length = layout.fragmentLengths[index];
    if (offset === undefined || length === undefined) throw frameMissing(frameNumber);
    ranges.push({ offset, length });
  }
  if (ranges.length === 0) throw frameMissing(frameNumber);
  return { ranges, bitOffset: 0 };
}

/**
 * Index of the first fragment of a frame and of the first one behind it, from what the index keeps of a layout.
 * @param frameNumber from 1, already known to be within `frames`
 * @throws CausewayError `frame-boundary-unknown`
 */
export function fragmentsOfFrame(
  layout: Pick<EncapsulatedPixelData, 'frames' | 'frameStarts'> & {
    readonly fragmentLengths: { readonly length: number };
  },
  frameNumber: number,
): [first: number, end: number] {
  const { frameStarts } = layout;
  if (frameStarts === 'one-to-one') return [frameNumber - 1, frameNumber];
  if (frameStarts === 'unknown') {
    throw new CausewayError(
      'frame-boundary-unknown',
      `The Pixel Data has ${countOfFrames(layout.frames, '')} in ${layout.fragmentLengths.length} fragments and nothing that tells where a frame begins.`,
      { details: { tag: '7FE00010' } },
    );
  }
  const first = frameStarts[frameNumber - 1] ?? layout.fragmentLengths.length;
  return [first, frameStarts[frameNumber] ?? layout.fragmentLengths.length];
}

function nativeFrame(layout: NativePixelData, frameNumber: number): FrameLocation {
  const firstBit = (frameNumber - 1) * layout.bitsPerFrame;
  const endBit = firstBit + layout.bitsPerFrame;
  if (endBit > 8 * layout.length || endBit === firstBit) throw frameMissing(frameNumber);
  // Only in whole words can what big endian turned round be turned back.
  const unitBytes = layout.bigEndian && layout.vr === 'OW' ? 2 : 1;
  const firstByte = unitBytes * Math.floor(firstBit / 8 / unitBytes);
  const endByte = Math.min(unitBytes * Math.ceil(endBit / 8 / unitBytes), layout.length);
  return {
    ranges: [{ offset: layout.offset + firstByte, length: endByte - firstByte }],
    bitOffset: firstBit - 8 * firstByte,
  };
}

function frameMissing(frameNumber: number): CausewayError {
  return new CausewayError(
    'frame-not-found',
    `Frame ${frameNumber} is not there: the Pixel Data ends before it does.`,
    {
      details: { tag: '7FE00010' },
    },
  );
}

function countOfFrames(frames: number, subject = 'the instance has '): string {
  return `${subject}${frames} ${frames === 1 ? 'frame' : 'frames'}`;
}
