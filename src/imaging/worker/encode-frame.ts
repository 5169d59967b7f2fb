import { deflateRawSync } from 'node:zlib';
import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { type EncoderName, encodingOf } from '../encodings.ts';
import type { FrameDescription } from '../frame-description.ts';
import type { CompressedFrame } from '../imaging.ts';
import { encodeRle } from './codecs/encode-rle.ts';
import { decodeFrame } from './decode-frame.ts';
import type { Samples } from './samples.ts';

/** A codestream, and what it holds where that is not what went in. */
export interface Codestream {
  readonly bytes: Uint8Array;
  /** What the decoder has to give back, in the layout of the samples that went in. */
  readonly samples: Samples;
  /** As the data set around the codestream has to say it. */
  readonly photometricInterpretation: string;
}

/** Throws an Error whose message completes "Frame 3 cannot be encoded in …: ". */
type Encoder = (samples: Samples) => Codestream | Promise<Codestream>;

const encoders: Readonly<Record<EncoderName, Encoder>> = {
  rle: encodeSamplesRle,
  // As when decoding, a codec is loaded when its first frame comes.
  'jpeg-ls': async (samples) => (await import('./codecs/encode-jpeg-ls.ts')).encodeJpegLs(samples),
  'jpeg-2000': async (samples) => (await import('./codecs/encode-jpeg-2000.ts')).encodeJpeg2000(samples),
  htj2k: async (samples) => (await import('./codecs/encode-htj2k.ts')).encodeHtj2k(samples),
  'jpeg-lossless': async (samples) => (await import('./codecs/encode-jpeg.ts')).encodeJpegLossless(samples),
  deflate: deflateSamples,
  'jpeg-baseline': async (samples) => (await import('./codecs/encode-jpeg-baseline.ts')).encodeJpegBaseline(samples),
};

/** What may go into every one of them (PS3.5 Tables 8.2.1-1 to 8.2.4-1). */
const photometrics: ReadonlySet<string> = new Set(['MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR', 'RGB', 'YBR_FULL']);

/**
 * Compresses one frame. Of a lossless transfer syntax the codestream is decoded again and compared: what would not come
 * back to the bit is refused.
 * @throws CausewayError `transfer-syntax-unsupported` with the reason why these pixels cannot be had in it
 */
export async function encodeFrame(
  samples: Samples,
  frame: FrameDescription,
  transferSyntaxUid: string,
): Promise<CompressedFrame> {
  const encoding = encodingOf(transferSyntaxUid);
  const syntax = transferSyntax(transferSyntaxUid);
  if (encoding === undefined || syntax === undefined)
    throw cannotEncode(frame, transferSyntaxUid, 'nothing encodes it');
  let codestream: Codestream;
  try {
    if (samples.isFloat) throw new Error('its pixels are floating point numbers');
    if (encoding.encoder !== 'deflate') requirePicture(samples);
    codestream = await encoders[encoding.encoder](samples);
    if (!syntax.lossy) await requireSameSamples(codestream, { ...frame, ...described(codestream, transferSyntaxUid) });
  } catch (thrown) {
    throw cannotEncode(frame, transferSyntaxUid, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
  const { isFloat: _, bytes, ...layout } = codestream.samples;
  return {
    ...layout,
    bytes: codestream.bytes,
    nativeBytes: bytes.length,
    photometricInterpretation: codestream.photometricInterpretation,
  };
}

/** Codecs for pictures take no others; deflate takes any bytes (PS3.5 §8.2.16). */
function requirePicture({ photometricInterpretation, bitsAllocated }: Samples): void {
  if (!photometrics.has(photometricInterpretation)) {
    throw new Error(`its Photometric Interpretation is ${photometricInterpretation}`);
  }
  if (bitsAllocated === 1) throw new Error('its pixels have one bit each');
}

/** What a decoder is told of the codestream. */
function described(
  { samples, photometricInterpretation }: Codestream,
  transferSyntaxUid: string,
): Partial<FrameDescription> {
  const { bytes: _, ...layout } = samples;
  return {
    ...layout,
    transferSyntaxUid,
    codec: transferSyntax(transferSyntaxUid)?.codec ?? 'native',
    byteOrder: 'little',
    bitOffset: 0,
    photometricInterpretation,
  };
}

async function requireSameSamples({ bytes, samples }: Codestream, frame: FrameDescription): Promise<void> {
  const back = await decodeFrame(bytes, frame);
  const isSame =
    back.photometricInterpretation === samples.photometricInterpretation &&
    back.bitsStored === samples.bitsStored &&
    Buffer.compare(back.bytes, samples.bytes) === 0;
  if (!isSame) throw new Error('its pixels would not come back to the bit');
}

function encodeSamplesRle(samples: Samples): Codestream {
  const { bytes, rows, samplesPerPixel, bitsAllocated, photometricInterpretation } = samples;
  const sampleBytes = bitsAllocated / 8;
  return {
    bytes: encodeRle(bytes, rows, samplesPerPixel * sampleBytes, sampleBytes),
    samples,
    photometricInterpretation,
  };
}

/** A raw deflate stream of the frame, one-bit pixels from the first bit on (PS3.5 §A.4.13). */
function deflateSamples(samples: Samples): Codestream {
  const { photometricInterpretation } = samples;
  return { bytes: deflateRawSync(samples.bytes), samples, photometricInterpretation };
}

function cannotEncode(
  { frameNumber }: FrameDescription,
  transferSyntaxUid: string,
  why: string,
  cause?: unknown,
): CausewayError {
  const name = transferSyntax(transferSyntaxUid)?.name ?? transferSyntaxUid;
  return new CausewayError(
    'transfer-syntax-unsupported',
    `Frame ${frameNumber} cannot be encoded in ${name}: ${why}.`,
    { cause, details: { frameNumber, transferSyntaxUid } },
  );
}
