import { Buffer } from 'node:buffer';
import { startsCodestream } from './codestream-marks.ts';
import { markerSegments, syntaxOfCodestream } from './codestream-syntax.ts';

/** What a compressed frame says of its pixels (PS3.3 §C.7.6.3). */
export interface CodestreamImage {
  readonly transferSyntaxUid: string;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  /** Undefined where the codestream knows no sign: JPEG and JPEG-LS code two's complement as they code anything else. */
  readonly pixelRepresentation: 0 | 1 | undefined;
  /** What it can be, the likeliest first: codestreams do not tell all of them apart. */
  readonly photometricInterpretations: readonly [string, ...string[]];
  /** Something of the pixels was lost, as far as the codestream shows. */
  readonly lossy: boolean;
}

const syntaxRoot = '1.2.840.10008.1.2.4.';
const grays = ['MONOCHROME2', 'MONOCHROME1', 'PALETTE COLOR'] as const;
/** Components that the codec takes as they are, whatever they mean. */
const colors = ['RGB', 'YBR_FULL'] as const;

/**
 * Reads the header of a JPEG, JPEG-LS, JPEG 2000 or HTJ2K codestream.
 * @returns undefined if it is none of these, or breaks off within its header
 * @see PS3.18 §8.7.3.3, ISO 10918-1 Annex B, ISO 14495-1 Annex C, ISO 15444-1 Annex A
 */
export function codestreamImage(bytes: Uint8Array): CodestreamImage | undefined {
  if (startsCodestream('jpeg', bytes)) return jpegImage(bytes);
  return bytes[0] === 0xff && bytes[1] === 0x4f ? jpeg2000Image(bytes) : undefined;
}

/**
 * The codestream within a JP2 file (ISO 15444-1 Annex I): DICOM keeps it without the boxes around it. Anything else is
 * its own range.
 * @param head first bytes of the file
 * @param fileBytes all of them
 */
export function codestreamRange(head: Uint8Array, fileBytes: number): { offset: number; length: number } {
  const whole = { offset: 0, length: fileBytes };
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (view.length < 12 || view.toString('latin1', 4, 8) !== 'jP  ') return whole;
  for (let at = 0; at + 8 <= view.length; ) {
    const stated = view.readUInt32BE(at);
    const isWide = stated === 1 && at + 16 <= view.length;
    const length = isWide ? Number(view.readBigUInt64BE(at + 8)) : stated === 0 ? fileBytes - at : stated;
    const headerBytes = isWide ? 16 : 8;
    if (length < headerBytes) break;
    if (view.toString('latin1', at + 4, at + 8) === 'jp2c') {
      return { offset: at + headerBytes, length: Math.min(at + length, fileBytes) - at - headerBytes };
    }
    at += length;
  }
  return whole;
}

interface JpegFrame {
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** Component identifiers are the letters R, G, B. */
  readonly isNamedRgb: boolean;
  readonly isSubsampled: boolean;
}

function jpegImage(bytes: Uint8Array): CodestreamImage | undefined {
  const syntax = syntaxOfCodestream(bytes);
  let frame: JpegFrame | undefined;
  let isAdobeRgb = false;
  for (const { marker, at } of markerSegments(bytes)) {
    if ((marker >= 0xc0 && marker <= 0xc3) || marker === 0xf7) frame = jpegFrame(bytes, at);
    if (marker === 0xee && Buffer.from(bytes.subarray(at, at + 5)).toString('latin1') === 'Adobe') {
      isAdobeRgb = bytes[at + 11] === 0;
    }
    if (marker === 0xda) break;
  }
  if (syntax === undefined || frame === undefined || frame.rows === 0 || frame.columns === 0) return undefined;
  const isDct = syntax.lossy && syntax.codec === 'jpeg';
  // Without Adobe's segment every decoder takes it for YCbCr: who sends metadata with it and says RGB means that it has colours.
  const ybr = frame.isSubsampled ? 'YBR_FULL_422' : 'YBR_FULL';
  const dctColor = isAdobeRgb || frame.isNamedRgb ? 'RGB' : ybr;
  const color = isDct ? ([dctColor] as const) : colors;
  return described(syntax.uid, { ...frame, signed: undefined }, frame.components === 1 ? grays : color, syntax.lossy);
}

function jpegFrame(bytes: Uint8Array, at: number): JpegFrame | undefined {
  const components = bytes[at + 5] ?? 0;
  if (components === 0 || at + 6 + 3 * components > bytes.length) return undefined;
  const component = (index: number, byte: number) => bytes[at + 6 + 3 * index + byte]!;
  const ids = Array.from({ length: components }, (_, index) => String.fromCharCode(component(index, 0)));
  return {
    precision: bytes[at]!,
    rows: (bytes[at + 1]! << 8) | bytes[at + 2]!,
    columns: (bytes[at + 3]! << 8) | bytes[at + 4]!,
    components,
    isNamedRgb: ids.join('') === 'RGB',
    isSubsampled: ids.some((_, index) => component(index, 1) !== component(0, 1)),
  };
}

function jpeg2000Image(bytes: Uint8Array): CodestreamImage | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: { rows: number; columns: number; components: number; precision: number; signed: boolean } | undefined;
  let coding: { colorTransform: boolean; reversible: boolean } | undefined;
  for (const { marker, at } of markerSegments(bytes)) {
    if (marker === 0x51 && at + 37 <= view.length) {
      size = {
        columns: view.readUInt32BE(at + 2) - view.readUInt32BE(at + 10),
        rows: view.readUInt32BE(at + 6) - view.readUInt32BE(at + 14),
        components: view.readUInt16BE(at + 34),
        precision: (view[at + 36]! & 0x7f) + 1,
        signed: view[at + 36]! > 0x7f,
      };
    }
    if (marker === 0x52 && at + 10 <= view.length) {
      coding = { colorTransform: view[at + 4] === 1, reversible: view[at + 9] === 1 };
    }
    if (marker === 0x90) break;
  }
  if (size === undefined || coding === undefined || size.rows < 1 || size.columns < 1) return undefined;
  const isHighThroughput = syntaxOfCodestream(bytes)?.codec === 'htj2k';
  const syntax = isHighThroughput ? (coding.reversible ? '201' : '203') : coding.reversible ? '90' : '91';
  const transformed = coding.reversible ? 'YBR_RCT' : 'YBR_ICT';
  const color = coding.colorTransform ? ([transformed] as const) : colors;
  return described(syntaxRoot + syntax, size, size.components === 1 ? grays : color, !coding.reversible);
}

function described(
  transferSyntaxUid: string,
  size: { rows: number; columns: number; components: number; precision: number; signed: boolean | undefined },
  photometricInterpretations: CodestreamImage['photometricInterpretations'],
  lossy: boolean,
): CodestreamImage | undefined {
  const { rows, columns, components, precision, signed } = size;
  if (rows > 0xffff || columns > 0xffff || (components !== 1 && components !== 3) || precision > 32) return undefined;
  return {
    transferSyntaxUid,
    rows,
    columns,
    samplesPerPixel: components,
    bitsAllocated: precision <= 8 ? 8 : precision <= 16 ? 16 : 32,
    bitsStored: precision,
    pixelRepresentation: signed === undefined ? undefined : signed ? 1 : 0,
    photometricInterpretations,
    lossy,
  };
}
