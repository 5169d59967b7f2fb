import { Buffer } from 'node:buffer';
import type { CharacterSet } from './character-set.ts';
import { decimalValue, isDecimalString } from './decimal-string.ts';
import type { DicomJsonElement, DicomJsonValue, Vr } from './json-model.ts';
import { parsePersonName } from './person-name.ts';
import { tagHex } from './tag-hex.ts';
import type { VrTraits } from './vr-traits.ts';

/** What reading a value depends on beside its bytes. */
export interface ValueContext {
  readonly bigEndian: boolean;
  readonly characterSet: CharacterSet;
  /** Told what a strict reader would object to; the message is a predicate: `has …`, `is …`. */
  objection(message: string): void;
}

/**
 * Reads the bytes from `start` to `end` as a value of the DICOM JSON Model (PS3.18 §F.2).
 * Padding is left out; an empty value field has no Value, an empty value between others is null. Numbers that are
 * not finite become the strings `NaN`, `Infinity` and `-Infinity`, as JSON has no numbers for them. Bytes that cannot
 * be what their VR says are kept as UN.
 */
export function decodeValue(
  traits: VrTraits,
  bytes: Buffer,
  start: number,
  end: number,
  context: ValueContext,
): DicomJsonElement {
  const { vr, kind } = traits;
  if (start === end) return { vr };
  switch (kind) {
    case 'plain':
      return split(vr, trimmed(plainText(bytes, start, end, context), vr), plainValue, context);
    case 'decimal':
      return split(vr, trimmed(plainText(bytes, start, end, context), vr), decimal, context);
    case 'text':
      return split(
        vr,
        trimmed(characters(bytes, start, end, context.characterSet, 'multi-value'), vr),
        plainValue,
        context,
      );
    case 'person-name':
      return split(
        vr,
        trimmed(characters(bytes, start, end, context.characterSet, 'person-name'), vr),
        personName,
        context,
      );
    case 'long-text':
      return single(vr, trimmed(characters(bytes, start, end, context.characterSet, 'text'), vr));
    case 'uri':
      return single(vr, trimmed(plainText(bytes, start, end, context), vr));
    case 'numbers':
    case 'tags':
      return numbers(traits, bytes, start, end, context);
    default:
      return { vr, InlineBinary: littleEndian(traits, bytes, start, end, context.bigEndian).toString('base64') };
  }
}

/** Text of the default repertoire; a wrong byte shows as the character of ISO 8859-1, so that none is lost. */
function plainText(bytes: Buffer, start: number, end: number, context: ValueContext): string {
  for (let at = start; at < end; at++) {
    if (bytes[at]! > 0x7e) {
      context.objection('has characters that its VR does not allow');
      return context.characterSet.decode(bytes.subarray(start, end), 'multi-value');
    }
  }
  return bytes.toString('latin1', start, end);
}

/** Most text is ASCII, of which only `~`, and `\` in long text, mean something else under some character sets. */
function characters(
  bytes: Buffer,
  start: number,
  end: number,
  characterSet: CharacterSet,
  kind: 'multi-value' | 'person-name' | 'text',
): string {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x7e || byte === 0x1b || (byte === 0x5c && kind === 'text')) {
      return characterSet.decode(bytes.subarray(start, end), kind);
    }
  }
  return bytes.toString('latin1', start, end);
}

/** Blanks in front are padding only in VRs where PS3.5 §6.2 says so. */
const blanksInFront: ReadonlySet<Vr> = new Set<Vr>(['AE', 'CS', 'DS', 'IS']);

function trimmed(text: string, vr: Vr): string {
  let end = text.length;
  while (end > 0 && isPadding(text.charCodeAt(end - 1))) end--;
  let start = 0;
  if (blanksInFront.has(vr)) while (start < end && isPadding(text.charCodeAt(start))) start++;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0;
}

function single(vr: Vr, text: string): DicomJsonElement {
  return text === '' ? { vr } : { vr, Value: [text] };
}

type TextReader = (text: string, vr: Vr, context: ValueContext) => DicomJsonValue;

function split(vr: Vr, text: string, read: TextReader, context: ValueContext): DicomJsonElement {
  if (text === '') return { vr };
  if (!text.includes('\\')) {
    const value = read(text, vr, context);
    return value === null ? { vr } : { vr, Value: [value] };
  }
  return { vr, Value: text.split('\\').map((part) => (part === '' ? null : read(trimmed(part, vr), vr, context))) };
}

function plainValue(text: string): DicomJsonValue {
  return text === '' ? null : text;
}

function personName(text: string): DicomJsonValue {
  if (!text.includes('=')) return text === '' ? null : { Alphabetic: text };
  const name = parsePersonName(text);
  return Object.keys(name).length === 0 ? null : name;
}

function decimal(text: string, vr: Vr, context: ValueContext): DicomJsonValue {
  if (text === '') return null;
  const value = decimalValue(text);
  if (typeof value === 'string' && !isDecimalString(value)) {
    context.objection(`is no ${vr === 'IS' ? 'integer' : 'decimal'} string`);
  }
  return value;
}

function numbers(traits: VrTraits, bytes: Buffer, start: number, end: number, context: ValueContext): DicomJsonElement {
  const { vr, kind } = traits;
  const size = kind === 'tags' ? 4 : traits.wordBytes;
  const count = (end - start) / size;
  if (!Number.isInteger(count)) {
    context.objection(`has ${end - start} bytes, no multiple of ${size}`);
    return { vr: 'UN', InlineBinary: bytes.toString('base64', start, end) };
  }
  const read = context.bigEndian ? bigEndianReaders[vr] : littleEndianReaders[vr];
  const values: DicomJsonValue[] = new Array(count);
  for (let index = 0; index < count; index++) values[index] = read!(bytes, start + index * size);
  return { vr, Value: values };
}

type Reader = (bytes: Buffer, at: number) => number | string;

const littleEndianReaders: Readonly<Partial<Record<Vr, Reader>>> = {
  AT: (bytes, at) => tagHex(((bytes.readUInt16LE(at) << 16) | bytes.readUInt16LE(at + 2)) >>> 0),
  FD: (bytes, at) => finite(bytes.readDoubleLE(at)),
  FL: (bytes, at) => finite(bytes.readFloatLE(at)),
  SL: (bytes, at) => bytes.readInt32LE(at),
  SS: (bytes, at) => bytes.readInt16LE(at),
  SV: (bytes, at) => safe(bytes.readBigInt64LE(at)),
  UL: (bytes, at) => bytes.readUInt32LE(at),
  US: (bytes, at) => bytes.readUInt16LE(at),
  UV: (bytes, at) => safe(bytes.readBigUInt64LE(at)),
};

const bigEndianReaders: Readonly<Partial<Record<Vr, Reader>>> = {
  AT: (bytes, at) => tagHex(bytes.readUInt32BE(at)),
  FD: (bytes, at) => finite(bytes.readDoubleBE(at)),
  FL: (bytes, at) => finite(bytes.readFloatBE(at)),
  SL: (bytes, at) => bytes.readInt32BE(at),
  SS: (bytes, at) => bytes.readInt16BE(at),
  SV: (bytes, at) => safe(bytes.readBigInt64BE(at)),
  UL: (bytes, at) => bytes.readUInt32BE(at),
  US: (bytes, at) => bytes.readUInt16BE(at),
  UV: (bytes, at) => safe(bytes.readBigUInt64BE(at)),
};

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function safe(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** InlineBinary is always little endian (PS3.18 §F.2.7). */
function littleEndian(traits: VrTraits, bytes: Buffer, start: number, end: number, bigEndian: boolean): Buffer {
  const value = bytes.subarray(start, end);
  if (!bigEndian || traits.wordBytes === 1 || value.length % traits.wordBytes !== 0) return value;
  const copy = Buffer.from(value);
  if (traits.wordBytes === 2) return copy.swap16();
  return traits.wordBytes === 4 ? copy.swap32() : copy.swap64();
}
