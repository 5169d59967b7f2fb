import type { DicomJson } from '../dicom/json-model.ts';
import { type CodecFamily, transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../kernel/errors.ts';
import { numberOf, stringOf } from './attribute-values.ts';
import type { EncodedFrame } from './imaging.ts';

/** What a decoder has to know of a frame: small enough to cross to a worker thread for every job. */
export interface FrameDescription {
  readonly frameNumber: number;
  readonly transferSyntaxUid: string;
  readonly codec: CodecFamily;
  /** Native samples are big endian; `wordSwapped` 8-bit ones were written as OW words, first pixel in the low byte. */
  readonly byteOrder: 'little' | 'big' | 'word-swapped';
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly pixelRepresentation: 0 | 1;
  readonly isFloat: boolean;
  /** The frame is a tile of a larger pixel matrix. */
  readonly isTile: boolean;
  readonly photometricInterpretation: string;
  readonly planarConfiguration: 0 | 1;
  /** Bits of the first byte, or the first big endian word, that belong to the frame before: 0 to 15. */
  readonly bitOffset: number;
}

/**
 * Reads the Image Pixel Module (PS3.3 §C.7.6.3, floating point: §C.7.6.24) for one frame.
 * @throws CausewayError `decode-failed` naming the attribute that is missing or impossible, `transfer-syntax-unsupported`
 */
export function describeFrame(frame: EncodedFrame): FrameDescription {
  const { attributes, transferSyntaxUid } = frame;
  const syntax = transferSyntax(transferSyntaxUid);
  if (syntax === undefined) {
    throw new CausewayError(
      'transfer-syntax-unsupported',
      `Nothing here decodes frames in transfer syntax ${transferSyntaxUid}.`,
    );
  }
  const floatBits = '7FE00008' in attributes ? 32 : '7FE00009' in attributes ? 64 : undefined;
  const bitsAllocated = floatBits ?? required(attributes, '00280100', 'Bits Allocated', (n) => allocations.has(n));
  const bitsStored = floatBits ?? storedBits(attributes, bitsAllocated);
  const highBit = numberOf(attributes, '00280102') ?? bitsStored - 1;
  return {
    frameNumber: frame.frameNumber,
    transferSyntaxUid,
    codec: syntax.codec,
    byteOrder: byteOrderOf(syntax.bigEndian, bitsAllocated, attributes['7FE00010']?.vr),
    rows: required(attributes, '00280010', 'Rows', isDimension),
    columns: required(attributes, '00280011', 'Columns', isDimension),
    samplesPerPixel: optional(attributes, '00280002', 'Samples per Pixel', 1, (n) => n >= 1 && n <= 4),
    bitsAllocated,
    bitsStored,
    highBit: highBit >= bitsStored - 1 && highBit < bitsAllocated ? highBit : bitsStored - 1,
    pixelRepresentation: floatBits === undefined && numberOf(attributes, '00280103') === 1 ? 1 : 0,
    isFloat: floatBits !== undefined,
    isTile: numberOf(attributes, '00480006') !== undefined,
    photometricInterpretation: stringOf(attributes, '00280004') ?? guessedPhotometric(attributes),
    planarConfiguration: numberOf(attributes, '00280006') === 1 ? 1 : 0,
    bitOffset: frame.bitOffset,
  };
}

/** Bytes of a decoded frame. */
export function decodedFrameBytes(frame: FrameDescription): number {
  return Math.ceil((frame.rows * frame.columns * frame.samplesPerPixel * frame.bitsAllocated) / 8);
}

const allocations: ReadonlySet<number> = new Set([1, 8, 16, 32]);

function isDimension(value: number): boolean {
  return value >= 1 && value <= 65_535;
}

function storedBits(attributes: DicomJson, bitsAllocated: number): number {
  return optional(attributes, '00280101', 'Bits Stored', bitsAllocated, (n) => n >= 1 && n <= bitsAllocated);
}

function byteOrderOf(bigEndian: boolean, bitsAllocated: number, vr: string | undefined): FrameDescription['byteOrder'] {
  if (!bigEndian) return 'little';
  if (bitsAllocated > 8) return 'big';
  return vr === 'OW' ? 'word-swapped' : 'little';
}

function guessedPhotometric(attributes: DicomJson): string {
  return (numberOf(attributes, '00280002') ?? 1) === 1 ? 'MONOCHROME2' : 'RGB';
}

function required(attributes: DicomJson, tag: string, name: string, allowed: (value: number) => boolean): number {
  const value = numberOf(attributes, tag);
  if (value === undefined) throw impossible(tag, name, 'is missing');
  if (!Number.isInteger(value) || !allowed(value)) throw impossible(tag, name, `is ${value}`);
  return value;
}

function optional(
  attributes: DicomJson,
  tag: string,
  name: string,
  fallback: number,
  allowed: (value: number) => boolean,
): number {
  return numberOf(attributes, tag) === undefined ? fallback : required(attributes, tag, name, allowed);
}

function impossible(tag: string, name: string, what: string): CausewayError {
  const written = `${name} (${tag.slice(0, 4)},${tag.slice(4)})`;
  return new CausewayError('decode-failed', `${written} ${what}: the frame cannot be decoded.`, { details: { tag } });
}
