import { explicitHeader } from '../dicom/explicit-element.ts';
import type { DecodedFrame } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { createBitPacker } from './bit-packer.ts';
import { frameNumbers } from './frame-numbers.ts';
import { pixelEdits, type ReplacedPixels, requireAlike, type SplicedPixels } from './spliced-pixels.ts';

/** Longest value that a length of 32 bits can say, and even. */
const maxValueBytes = 0xfffffffe;

/**
 * Native pixels in place of compressed ones. Decodes the first frame to learn what all of them are like.
 * @throws CausewayError `decode-failed`, `timed-out`; `transfer-syntax-unsupported` if the frames are no native value
 * @see PS3.5 §8.1
 */
export async function decodedPixels(
  { frames }: Pick<IndexedInstance, 'frames'>,
  replaced: ReplacedPixels,
  decode: (numbers: Iterable<number>) => AsyncIterable<DecodedFrame>,
): Promise<SplicedPixels> {
  let first: DecodedFrame | undefined;
  for await (const frame of decode([1])) first = frame;
  if (first === undefined) throw new CausewayError('frame-not-found', 'Frame 1 is not there.');
  const bits = first.rows * first.columns * first.samplesPerPixel * first.bitsAllocated;
  const valueBytes = bits % 8 === 0 ? first.bytes.length * frames : Math.ceil((bits * frames) / 8);
  if (valueBytes > maxValueBytes) throw notNative(`its ${valueBytes} bytes of pixels are more than a value can have`);
  const sameEach = first;
  const vr = first.bitsAllocated > 8 ? 'OW' : 'OB';
  const header = explicitHeader(0x7fe00010, vr, valueBytes + (valueBytes % 2));

  return {
    edits: pixelEdits(first, replaced, valueBytes).set(0x7fe00010, [header, 'splice']),
    async *bytes() {
      const packed = bits % 8 === 0 ? undefined : createBitPacker(bits);
      yield packed?.push(sameEach.bytes) ?? sameEach.bytes;
      for await (const frame of decode(frameNumbers(2, frames))) {
        requireAlike(frame, sameEach);
        yield packed?.push(frame.bytes) ?? frame.bytes;
      }
      if (packed) yield packed.rest();
      if (valueBytes % 2 !== 0) yield Buffer.alloc(1);
    },
  };
}

function notNative(reason: string): CausewayError {
  return new CausewayError(
    'transfer-syntax-unsupported',
    `The instance cannot be had uncompressed: ${reason}. Ask for it with transfer-syntax=*.`,
    { details: { tag: '7FE00010' } },
  );
}
