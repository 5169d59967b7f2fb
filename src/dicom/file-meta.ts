import { Buffer } from 'node:buffer';

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
  const group = Buffer.concat([
    longElement(0x0001, 'OB', Buffer.of(0, 1)),
    textElement(0x0002, 'UI', header.sopClassUid),
    textElement(0x0003, 'UI', header.sopInstanceUid),
    textElement(0x0010, 'UI', header.transferSyntaxUid),
    textElement(0x0012, 'UI', implementationClassUid),
    textElement(0x0013, 'SH', implementationVersionName),
    ...(header.sourceAeTitle ? [textElement(0x0016, 'AE', header.sourceAeTitle)] : []),
  ]);
  const groupLength = Buffer.alloc(4);
  groupLength.writeUInt32LE(group.length);
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), shortElement(0x0000, 'UL', groupLength), group]);
}

function textElement(element: number, vr: 'UI' | 'SH' | 'AE', text: string): Buffer {
  const padding = text.length % 2 === 0 ? '' : vr === 'UI' ? '\0' : ' ';
  return shortElement(element, vr, Buffer.from(text + padding, 'latin1'));
}

function shortElement(element: number, vr: string, value: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(0x0002, 0);
  header.writeUInt16LE(element, 2);
  header.write(vr, 4, 'latin1');
  header.writeUInt16LE(value.length, 6);
  return Buffer.concat([header, value]);
}

function longElement(element: number, vr: string, value: Buffer): Buffer {
  const header = Buffer.alloc(12);
  shortElement(element, vr, Buffer.alloc(0)).copy(header);
  header.writeUInt32LE(value.length, 8);
  return Buffer.concat([header, value]);
}
