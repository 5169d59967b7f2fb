import type { DicomJson } from '../dicom/json-model.ts';
import { swapped } from '../dicom/number-swap.ts';
import { type TransferSyntax, transferSyntax, transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import type { Imaging } from '../imaging/imaging.ts';
import { byPlane } from '../imaging/worker/planes.ts';
import { CausewayError } from '../kernel/errors.ts';
import { withoutBitOffset } from './little-endian.ts';
import type { StoredFrame } from './retrieve.ts';

/**
 * Turns a stored frame into native pixels as the attributes describe them: little endian, from the first bit on, no more
 * than the frame, by plane where Planar Configuration says so.
 * @param readAttributes asked only where the bytes cannot go out as they are
 * @throws CausewayError `decode-failed`, `timed-out`, `transfer-syntax-unsupported`
 */
export async function nativeFrame(
  frame: StoredFrame,
  readAttributes: () => Promise<DicomJson>,
  imaging: Pick<Imaging, 'decode'>,
): Promise<StoredFrame> {
  const syntax = transferSyntax(frame.transferSyntaxUid);
  refuseContradiction(frame);
  const native = {
    number: frame.number,
    bitOffset: 0,
    transferSyntaxUid: transferSyntaxUids.explicitVrLittleEndian,
    encapsulated: false,
  };
  if (syntax?.codec === 'native') return { ...native, bytes: await littleEndianBytes(frame, syntax, readAttributes) };
  const attributes = await readAttributes();
  const { bytes, samplesPerPixel, bitsAllocated } = await imaging.decode({
    bytes: frame.bytes,
    transferSyntaxUid: frame.transferSyntaxUid,
    bitOffset: frame.bitOffset,
    attributes,
    frameNumber: frame.number,
  });
  const isByPlane = samplesPerPixel > 1 && bitsAllocated >= 8 && attributes['00280006']?.Value?.[0] === 1;
  const described = isByPlane ? byPlane(bytes, samplesPerPixel, bitsAllocated / 8) : bytes;
  return { ...native, bytes: Buffer.from(described.buffer, described.byteOffset, described.byteLength) };
}

/** @throws CausewayError `decode-failed` if the frame is compressed and its transfer syntax says that it is not */
export function refuseContradiction({ encapsulated, transferSyntaxUid }: StoredFrame): void {
  const syntax = transferSyntax(transferSyntaxUid);
  if (encapsulated && syntax && !syntax.encapsulated) throw contradiction(syntax);
}

async function littleEndianBytes(
  frame: StoredFrame,
  { bigEndian }: TransferSyntax,
  readAttributes: () => Promise<DicomJson>,
): Promise<Buffer> {
  const { bytes, bitOffset, encapsulated } = frame;
  if (!bigEndian && bitOffset === 0 && !encapsulated) return bytes;
  const attributes = await readAttributes();
  const little = bigEndian ? swapped(bytes, cellBytes(attributes)) : bytes;
  const bits = frameBits(attributes, 8 * bytes.length - bitOffset);
  // A fragment has a byte that makes its length even, a word of big endian a part of the next frame.
  if (bits + bitOffset > 8 * bytes.length) throw tooShort(frame, bits);
  return withoutBitOffset(little, bitOffset, bits);
}

/** Bytes of what big endian turned round: a pixel cell, or the word in which two small ones came (PS3.5 §8.1.2, §A.3). */
export function cellBytes(attributes: DicomJson): 1 | 2 | 4 | 8 {
  if (attributes['7FE00009']) return 8;
  if (attributes['7FE00008']) return 4;
  const allocated = numberOf(attributes, '00280100');
  if (allocated === 16 || allocated === 32 || allocated === 64) return (allocated / 8) as 2 | 4 | 8;
  return attributes['7FE00010']?.vr === 'OW' ? 2 : 1;
}

/**
 * Bits of one frame as the attributes describe it.
 * @param storedBits of the frame: they tell whether it has chroma for every pixel
 */
export function frameBits(attributes: DicomJson, storedBits: number): number {
  const pixels = numberOf(attributes, '00280010') * numberOf(attributes, '00280011');
  const samplesPerPixel = numberOf(attributes, '00280002', 1);
  const bitsAllocated = numberOf(attributes, '00280100');
  const full = pixels * samplesPerPixel * bitsAllocated;
  const isSubsampled = /_422$/.test(String(attributes['00280004']?.Value?.[0])) && samplesPerPixel === 3;
  return isSubsampled && storedBits < full ? 2 * pixels * bitsAllocated : full;
}

function numberOf(attributes: DicomJson, tag: string, fallback?: number): number {
  const value = attributes[tag]?.Value?.[0] ?? fallback;
  if (typeof value === 'number') return value;
  throw new CausewayError(
    'decode-failed',
    `(${tag.slice(0, 4)},${tag.slice(4)}) is missing: the frame cannot be read.`,
    {
      details: { tag },
    },
  );
}

function tooShort({ number, bytes }: StoredFrame, bits: number): CausewayError {
  const message = `Frame ${number} has ${bytes.length} bytes and needs ${Math.ceil(bits / 8)}.`;
  return new CausewayError('decode-failed', message, { details: { tag: '7FE00010' } });
}

function contradiction({ name }: TransferSyntax): CausewayError {
  const message = `The pixels are encapsulated although the transfer syntax is ${name}: nothing tells how to decode them.`;
  return new CausewayError('decode-failed', message, { details: { tag: '7FE00010' } });
}
