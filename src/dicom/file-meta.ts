import { Buffer } from 'node:buffer';
import { explicitElement, explicitText } from './explicit-element.ts';
import { vrTraitsOfCode } from './vr-traits.ts';

/**
 * Who wrote a File Meta Information: a UID of our own under 2.25 (PS3.5 §B.2), and its version name of at most
 * sixteen characters (PS3.7 §D.3.3.2).
 */
export const implementationClassUid = '2.25.291107675785924559876975014287795210029';
export const implementationVersionName = 'CAUSEWAY_0_1';

export interface FileHeader {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** Calling AE title of the C-STORE that brought the data set. */
  readonly sourceAeTitle?: string;
}

/**
 * What stands in front of a data set in a file: a preamble of zeros, `DICM` and group 0002.
 * @see PS3.10 §7.1
 */
export function encodeFileHeader(header: FileHeader): Buffer {
  return withGroupLength([
    explicitElement(0x00020001, 'OB', Buffer.of(0, 1)),
    explicitText(0x00020002, 'UI', header.sopClassUid),
    explicitText(0x00020003, 'UI', header.sopInstanceUid),
    explicitText(0x00020010, 'UI', header.transferSyntaxUid),
    ...writerElements(),
    ...(header.sourceAeTitle ? [explicitText(0x00020016, 'AE', header.sourceAeTitle)] : []),
  ]);
}

/**
 * The header of a file whose data set was written anew here: everything that its File Meta Information says, but for the
 * instance, the transfer syntax and who wrote the file. The preamble is zeros, as one of another format would point to other bytes.
 * @param stored the file up to its data set
 */
export function renewFileHeader(stored: Uint8Array, header: FileHeader): Buffer {
  const elements = storedElements(Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength));
  if (elements === undefined) return encodeFileHeader(header);
  elements.delete(0x00020000);
  elements.set(0x00020003, explicitText(0x00020003, 'UI', header.sopInstanceUid));
  elements.set(0x00020010, explicitText(0x00020010, 'UI', header.transferSyntaxUid));
  const [implementationClass, versionName] = writerElements();
  elements.set(0x00020012, implementationClass);
  elements.set(0x00020013, versionName);
  return withGroupLength([...elements].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
}

/** Group 0002 by tag, or undefined where it is not written as PS3.10 lays down and has to be made from scratch. */
function storedElements(bytes: Buffer): Map<number, Buffer> | undefined {
  const elements = new Map<number, Buffer>();
  if (bytes.toString('latin1', preambleBytes, prefixBytes) !== 'DICM') return undefined;
  for (let at = prefixBytes; at < bytes.length; ) {
    if (at + 8 > bytes.length || bytes.readUInt16LE(at) !== 2) return undefined;
    const traits = vrTraitsOfCode(bytes.readUInt16BE(at + 4));
    if (traits === undefined || (traits.longLength && at + 12 > bytes.length)) return undefined;
    const length = traits.longLength ? 12 + bytes.readUInt32LE(at + 8) : 8 + bytes.readUInt16LE(at + 6);
    const tag = 0x00020000 | bytes.readUInt16LE(at + 2);
    if (at + length > bytes.length || elements.has(tag)) return undefined;
    elements.set(tag, bytes.subarray(at, at + length));
    at += length;
  }
  return elements.has(0x00020002) && elements.has(0x00020003) ? elements : undefined;
}

const preambleBytes = 128;
const prefixBytes = preambleBytes + 4;

function writerElements(): [Buffer, Buffer] {
  return [
    explicitText(0x00020012, 'UI', implementationClassUid),
    explicitText(0x00020013, 'SH', implementationVersionName),
  ];
}

function withGroupLength(elements: readonly Buffer[]): Buffer {
  const group = Buffer.concat(elements);
  const groupLength = Buffer.alloc(4);
  groupLength.writeUInt32LE(group.length);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write('DICM', preambleBytes, 'latin1');
  return Buffer.concat([prefix, explicitElement(0x00020000, 'UL', groupLength), group]);
}
