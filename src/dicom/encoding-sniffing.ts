import { type DictionaryVr, dictionaryVr } from './dictionary.ts';
import { type TransferSyntax, transferSyntaxUids } from './transfer-syntaxes.ts';
import { vrTraitsOfCode } from './vr-traits.ts';

/** How the elements of a data set are written. */
export interface DataSetEncoding {
  readonly explicitVr: boolean;
  readonly bigEndian: boolean;
}

/** Bytes of an element that sniffing looks at. */
export const sniffedBytes = 8;

/** An implicit first element longer than this is not believed. */
const maxPlausibleLength = 65_536;

/**
 * Tells how an element is written from its first eight bytes, or undefined if they are no element that PS3.6 knows.
 * Strict: explicit VR needs the VR of the dictionary, implicit VR a known attribute of a plausible length.
 */
export function sniffEncoding(bytes: Uint8Array, at: number): DataSetEncoding | undefined {
  if (explicitFits(bytes, at, false)) return { explicitVr: true, bigEndian: false };
  if (explicitFits(bytes, at, true)) return { explicitVr: true, bigEndian: true };
  if (implicitFits(bytes, at)) return { explicitVr: false, bigEndian: false };
  return undefined;
}

/** True if an element in this encoding could start here; less strict than `sniffEncoding`, to confirm what is claimed. */
export function couldBe({ explicitVr, bigEndian }: DataSetEncoding, bytes: Uint8Array, at: number): boolean {
  if (!explicitVr) return !explicitFits(bytes, at, false) && !explicitFits(bytes, at, true);
  if (vrTraitsOfCode(vrCode(bytes, at)) === undefined) return false;
  const known = dictionaryVr(tagAt(bytes, at, bigEndian)) !== undefined;
  return known || dictionaryVr(tagAt(bytes, at, !bigEndian)) === undefined;
}

/**
 * The transfer syntax that says what was found. Where the pixels are compressed or the data set is deflated no other
 * transfer syntax says it, and the one that is claimed stands.
 */
export function transferSyntaxUidOf(found: DataSetEncoding, claimed: TransferSyntax | undefined): string {
  if (claimed && (claimed.encapsulated || claimed.deflated || claimed.codec !== 'native')) return claimed.uid;
  if (claimed && claimed.explicitVr === found.explicitVr && claimed.bigEndian === found.bigEndian) return claimed.uid;
  if (!found.explicitVr) return transferSyntaxUids.implicitVrLittleEndian;
  return found.bigEndian ? transferSyntaxUids.explicitVrBigEndian : transferSyntaxUids.explicitVrLittleEndian;
}

export function encodingInWords({ explicitVr, bigEndian }: DataSetEncoding): string {
  return `${explicitVr ? 'Explicit' : 'Implicit'} VR ${bigEndian ? 'Big' : 'Little'} Endian`;
}

function explicitFits(bytes: Uint8Array, at: number, bigEndian: boolean): boolean {
  const traits = vrTraitsOfCode(vrCode(bytes, at));
  if (traits === undefined) return false;
  const known = dataSetVr(tagAt(bytes, at, bigEndian));
  return known !== undefined && (traits.vr === 'UN' || known.includes(traits.vr));
}

function implicitFits(bytes: Uint8Array, at: number): boolean {
  const known = dataSetVr(tagAt(bytes, at, false));
  if (known === undefined) return false;
  const length = (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24)) >>> 0;
  return (length <= maxPlausibleLength && length % 2 === 0) || (length === 0xffffffff && known === 'SQ');
}

/** Attributes that can open a data set: commands and File Meta Information cannot. */
function dataSetVr(tag: number): DictionaryVr | undefined {
  return tag < 0x00040000 ? undefined : dictionaryVr(tag);
}

function tagAt(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (bigEndian ? (a << 24) | (b << 16) | (c << 8) | d : (b << 24) | (a << 16) | (d << 8) | c) >>> 0;
}

function vrCode(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0);
}
