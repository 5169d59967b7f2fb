import { Buffer } from 'node:buffer';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import { vrForLength } from './explicit-element.ts';
import type { Vr } from './json-model.ts';
import { vrTraits } from './vr-traits.ts';

/**
 * Tag, VR where it is said, and length, in an encoding.
 * @param length in bytes, or 0xFFFFFFFF; must fit the VR
 * @see PS3.5 §7.1.2, §7.1.3
 */
export function elementHeader({ explicitVr, bigEndian }: DataSetEncoding, tag: number, vr: Vr, length: number): Buffer {
  const long = explicitVr && vrTraits(vr).longLength;
  const header = Buffer.alloc(long ? 12 : 8);
  const put16 = (value: number, at: number) =>
    bigEndian ? header.writeUInt16BE(value, at) : header.writeUInt16LE(value, at);
  const put32 = (value: number, at: number) =>
    bigEndian ? header.writeUInt32BE(value, at) : header.writeUInt32LE(value, at);
  put16(tag >>> 16, 0);
  put16(tag & 0xffff, 2);
  if (explicitVr) header.write(vr, 4, 'latin1');
  if (explicitVr && !long) put16(length, 6);
  else put32(length, long ? 8 : 4);
  return header;
}

/** An attribute in the encoding of the data set that it goes into. */
export type ElementIn = (encoding: DataSetEncoding) => Uint8Array;

/** A whole attribute. @param value of an even number of bytes, in the byte order of the encoding */
export function elementBytes(encoding: DataSetEncoding, tag: number, vr: Vr, value: Uint8Array): Buffer {
  return Buffer.concat([elementHeader(encoding, tag, vrForLength(vr, value.length), value.length), value]);
}

/** Header of an item or a delimiter, which has no VR. */
export function itemMark(tag: number, length: number, bigEndian: boolean): Buffer {
  return elementHeader({ explicitVr: false, bigEndian }, tag, 'UN', length);
}

/** Made even by one byte behind it: a space behind text, a NUL behind UIDs (PS3.5 §6.2). */
export function padded(bytes: Buffer, padding: ' ' | '\0' = ' '): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(padding, 'latin1')]);
}
