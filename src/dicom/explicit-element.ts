import { Buffer } from 'node:buffer';
import type { Vr } from './json-model.ts';
import { vrTraits } from './vr-traits.ts';

/** Longest value of a VR whose length has 16 bits. */
const maxShortLength = 65_534;

/**
 * The VR that says the length of a value in Explicit VR: what is too long for a 16-bit length goes as UN.
 * @see PS3.5 §6.2.2
 */
export function vrForLength(vr: Vr, length: number): Vr {
  return length > maxShortLength && !vrTraits(vr).longLength ? 'UN' : vr;
}

/**
 * Tag, VR and length in Explicit VR Little Endian.
 * @param length in bytes, or 0xFFFFFFFF
 * @see PS3.5 §7.1.2
 */
export function explicitHeader(tag: number, vr: Vr, length: number): Buffer {
  const { longLength } = vrTraits(vr);
  const header = Buffer.alloc(longLength ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, 'latin1');
  if (longLength) header.writeUInt32LE(length, 8);
  else header.writeUInt16LE(length, 6);
  return header;
}

/** An attribute in Explicit VR Little Endian. @param value of an even number of bytes */
export function explicitElement(tag: number, vr: Vr, value: Uint8Array): Buffer {
  return Buffer.concat([explicitHeader(tag, vr, value.length), value]);
}

/** A text attribute of the default repertoire, padded to an even length. */
export function explicitText(tag: number, vr: Vr, text: string): Buffer {
  const padding = text.length % 2 === 0 ? '' : vr === 'UI' ? '\0' : ' ';
  return explicitElement(tag, vr, Buffer.from(text + padding, 'latin1'));
}

/** Header of an item or delimiter, which has no VR. */
export function itemHeader(tag: number, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.writeUInt32LE(length, 4);
  return header;
}
