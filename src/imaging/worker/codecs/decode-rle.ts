import { decodedFrameBytes, type FrameDescription } from '../../frame-description.ts';
import { decodeFailed, type Samples, samplesAsDescribed, withWholeChroma } from '../samples.ts';

const headerBytes = 64;

/**
 * RLE Lossless: one PackBits segment for each byte of each sample, most significant byte first.
 * @throws CausewayError `decode-failed` naming the segment that is short
 * @see PS3.5 Annex G
 */
export function decodeRle(bytes: Uint8Array, frame: FrameDescription): Samples {
  if (frame.bitsAllocated === 1) throw decodeFailed(frame, 'RLE of one-bit pixels is not defined');
  const sampleBytes = frame.bitsAllocated / 8;
  const expected = frame.samplesPerPixel * sampleBytes;
  if (bytes.length < headerBytes) throw decodeFailed(frame, 'it ends within the RLE header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== expected)
    throw decodeFailed(frame, `it has ${segments} RLE segments where the attributes need ${expected}`);
  const pixels = new Uint8Array(decodedFrameBytes(frame));
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : bytes.length;
    if (start < headerBytes || end > bytes.length || start > end) {
      throw decodeFailed(frame, `its RLE segment ${segment + 1} lies outside of the frame`);
    }
    const sample = Math.floor(segment / sampleBytes);
    const byteOfSample = sampleBytes - 1 - (segment % sampleBytes);
    const filled = unpack(bytes.subarray(start, end), pixels, sample * sampleBytes + byteOfSample, expected);
    if (filled < pixels.length) {
      const got = Math.ceil((filled - sample * sampleBytes - byteOfSample) / expected);
      throw decodeFailed(frame, `its RLE segment ${segment + 1} gives ${got} of ${frame.rows * frame.columns} bytes`);
    }
  }
  return samplesAsDescribed(frame, pixels, withWholeChroma(frame.photometricInterpretation));
}

/** Writes every `stride`th byte from `offset`; returns the offset that it would write next. */
function unpack(packed: Uint8Array, target: Uint8Array, offset: number, stride: number): number {
  let to = offset;
  let from = 0;
  while (from < packed.length && to < target.length) {
    const control = packed[from++] as number;
    if (control < 128) {
      const literalEnd = Math.min(from + control + 1, packed.length);
      for (; from < literalEnd && to < target.length; to += stride) target[to] = packed[from++] as number;
    } else if (control > 128) {
      if (from === packed.length) break;
      const value = packed[from++] as number;
      const runEnd = Math.min(to + (257 - control) * stride, target.length + stride - 1);
      if (stride === 1) {
        target.fill(value, to, runEnd);
        to = Math.min(runEnd, target.length);
      } else {
        for (; to < runEnd && to < target.length; to += stride) target[to] = value;
      }
    }
  }
  return to;
}
