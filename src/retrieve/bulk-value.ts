import { Readable } from 'node:stream';
import type { DicomJson } from '../dicom/json-model.ts';
import type { ByteRange } from '../dicom/pixel-data.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { asCausewayError } from '../kernel/errors.ts';
import { createBitPacker } from './bit-packer.ts';
import type { DataSetBytes } from './data-set-bytes.ts';
import { documentLength, documentMediaType, encapsulatedDocument } from './encapsulated-document.ts';
import { encapsulatedFragments, isFragmented } from './encapsulated-fragments.ts';
import { frameNumbers } from './frame-numbers.ts';
import { bytesPerNumber, createSwapStream } from './little-endian.ts';
import { cellBytes, frameBits } from './native-frames.ts';
import { cut, type RequestedRange } from './requested-range.ts';
import type { BulkValue, StoredFrame } from './retrieve.ts';

export interface BulkParts {
  readonly bytes: DataSetBytes;
  readonly instance: IndexedInstance;
  readonly range: RequestedRange | undefined;
  readAttributes(): Promise<DicomJson>;
  /** Frames from 1 on as native pixels. */
  nativeFrames(numbers: Iterable<number>): AsyncIterable<StoredFrame>;
  /** @throws CausewayError `frame-not-found`, `frame-boundary-unknown` */
  requireAllFrames(): Promise<void>;
}

const octetStream = 'application/octet-stream';

/**
 * The value behind a BulkDataURI as the web wants it: numbers little endian, documents and video as what they are,
 * compressed pictures decoded (PS3.18 §8.7.3.3), or as stored where they cannot be.
 * @throws CausewayError `range-not-satisfiable`, and for pixels as `nativeFrames`
 */
export async function bulkValue(value: BulkRange, parts: BulkParts): Promise<BulkValue> {
  const syntax = transferSyntax(parts.instance.transferSyntaxUid);
  if (value.path === '7FE00010' && syntax?.encapsulated && (await isFragmented(parts.bytes, parts.instance, value))) {
    if (!syntax.video) {
      const decoded = await decodedPixels(parts).catch(undefinedIfNotDecodable);
      if (decoded) return decoded;
    }
    const fragments = await encapsulatedFragments(parts.bytes, parts.instance, value);
    return storedBytes(fragments, syntax.frameMediaType, parts);
  }
  if (value.path === encapsulatedDocument) return document(value, parts);
  const width = value.bigEndian ? await turnedBytes(value, parts) : 1;
  if (width === 1) return storedBytes([value], octetStream, parts);
  return swappedBytes(value, width, parts);
}

/** Bytes of what big endian turned round. */
async function turnedBytes({ path, vr }: BulkRange, parts: BulkParts): Promise<1 | 2 | 4 | 8> {
  return path === '7FE00010' ? cellBytes(await parts.readAttributes()) : bytesPerNumber(vr);
}

/** Bytes as they lie in the file, of one or several pieces. */
function storedBytes(
  pieces: readonly ByteRange[],
  mediaType: string,
  { bytes, instance, range }: BulkParts,
): BulkValue {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const { first, length } = cut(range, size);
  const wanted = within(pieces, first, length);
  const [only] = wanted;
  const body =
    wanted.length === 1 && only
      ? bytes.stream(instance, only.offset, only.length)
      : Readable.from(joined(bytes, instance, wanted), { objectMode: false });
  return { mediaType, size, body };
}

async function* joined(
  bytes: DataSetBytes,
  instance: IndexedInstance,
  pieces: readonly ByteRange[],
): AsyncGenerator<Buffer, void, void> {
  for (const { offset, length } of pieces) yield* bytes.stream(instance, offset, length) as AsyncIterable<Buffer>;
}

/** The document without the byte that made its length even. */
async function document({ offset, length }: BulkRange, parts: BulkParts): Promise<BulkValue> {
  const attributes = await parts.readAttributes();
  return storedBytes(
    [{ offset, length: documentLength(attributes, length) }],
    documentMediaType(attributes, parts.instance.sopClassUid),
    parts,
  );
}

function swappedBytes(value: BulkRange, width: 2 | 4 | 8, { bytes, instance, range }: BulkParts): BulkValue {
  const { first, length } = cut(range, value.length);
  const start = first - (first % width);
  const end = Math.min(Math.ceil((first + length) / width) * width, value.length);
  const swap = createSwapStream(width);
  const source = bytes.stream(instance, value.offset + start, end - start);
  source.on('error', (error) => swap.destroy(error));
  swap.on('close', () => source.destroy());
  // Who reads learns of a failure; where nobody does, it must not end the process.
  swap.on('error', () => {});
  source.pipe(swap);
  if (first === start && end === first + length) return { mediaType: octetStream, size: value.length, body: swap };
  const words = swap as AsyncIterable<Buffer>;
  const body = Readable.from(slice(words, first - start, length), { objectMode: false });
  // A generator that was never started closes nothing.
  body.on('close', () => swap.destroy());
  return { mediaType: octetStream, size: value.length, body };
}

/** All frames decoded, one after the other. Their size is known when the first is: all have the same. */
async function decodedPixels(parts: BulkParts): Promise<BulkValue> {
  const { instance, range, nativeFrames, requireAllFrames, readAttributes } = parts;
  await requireAllFrames();
  let frameBytes = 0;
  for await (const frame of nativeFrames([1])) frameBytes = frame.bytes.length;
  const attributes = await readAttributes();
  const isOneBit = attributes['00280100']?.Value?.[0] === 1;
  const bitsAFrame = isOneBit ? frameBits(attributes, 8 * frameBytes) : 8 * frameBytes;
  const size = Math.ceil((bitsAFrame * instance.frames) / 8);
  const { first, length } = cut(range, size);
  const firstFrame = Math.floor((8 * first) / bitsAFrame);
  const endFrame = Math.min(Math.ceil((8 * (first + length)) / bitsAFrame), instance.frames);
  const frames = nativeFrames(frameNumbers(firstFrame + 1, endFrame));
  const firstBit = firstFrame * bitsAFrame;
  const bytes = bitsAFrame % 8 === 0 ? bytesOf(frames) : packedBits(frames, bitsAFrame, firstBit % 8);
  const body = Readable.from(slice(bytes, first - Math.floor(firstBit / 8), length), { objectMode: false });
  return { mediaType: octetStream, size, body };
}

/** Frames as they lie in native Pixel Data, where they need not begin on a byte. */
async function* packedBits(
  frames: AsyncIterable<StoredFrame>,
  bitsAFrame: number,
  bitOffset: number,
): AsyncGenerator<Buffer, void, void> {
  const packer = createBitPacker(bitsAFrame, bitOffset);
  for await (const { bytes } of frames) yield Buffer.from(packer.push(bytes));
  yield Buffer.from(packer.rest());
}

/** Pixels that nobody can decode are still somebody's, who may know better. */
function undefinedIfNotDecodable(thrown: unknown): undefined {
  const { code } = asCausewayError(thrown);
  if (code !== 'decode-failed' && code !== 'frame-not-found' && code !== 'frame-boundary-unknown') throw thrown;
}

async function* bytesOf(frames: AsyncIterable<StoredFrame>): AsyncGenerator<Buffer, void, void> {
  for await (const { bytes } of frames) yield bytes;
}

async function* slice(chunks: AsyncIterable<Buffer>, skip: number, length: number): AsyncGenerator<Buffer, void, void> {
  let before = skip;
  let left = length;
  for await (const chunk of chunks) {
    const piece = chunk.subarray(Math.min(before, chunk.length)).subarray(0, left);
    before -= Math.min(before, chunk.length);
    left -= piece.length;
    if (piece.length > 0) yield piece;
    if (left === 0) return;
  }
}

/** What of the pieces, put together, lies in a range. */
function within(pieces: readonly ByteRange[], first: number, length: number): ByteRange[] {
  const found: ByteRange[] = [];
  let start = 0;
  for (const piece of pieces) {
    const from = Math.max(first - start, 0);
    const to = Math.min(first + length - start, piece.length);
    if (to > from) found.push({ offset: piece.offset + from, length: to - from });
    start += piece.length;
  }
  return found;
}
