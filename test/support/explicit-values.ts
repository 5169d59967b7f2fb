import { readFileSync } from 'node:fs';
import { sharedFiles } from './shared-files.ts';

/** A value with an explicit VR, found by its header alone: written apart from the scanner, good for files without surprises only. */
export function elementValue(file: Buffer, tag: readonly number[], vr: string): Buffer {
  const at = file.lastIndexOf(Buffer.concat([Buffer.from(tag), Buffer.from(vr)]));
  if (at < 0) throw new Error(`no ${vr} element ${tag.join(' ')}`);
  const long = vr === 'OB' || vr === 'OW';
  const length = long ? file.readUInt32LE(at + 8) : file.readUInt16LE(at + 6);
  return file.subarray(at + (long ? 12 : 8), at + (long ? 12 : 8) + length);
}

function text(file: Buffer, tag: readonly number[], vr: string): string {
  return elementValue(file, tag, vr)
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
}

export const sopInstanceUidOf = (file: Buffer): string => text(file, [8, 0, 0x18, 0], 'UI');
export const seriesInstanceUidOf = (file: Buffer): string => text(file, [0x20, 0, 0x0e, 0], 'UI');
export const studyInstanceUidOf = (file: Buffer): string => text(file, [0x20, 0, 0x0d, 0], 'UI');
export const frameOfReferenceUidOf = (file: Buffer): string => text(file, [0x20, 0, 0x52, 0], 'UI');

/** The numbers of a decimal string. */
export function decimalsOf(file: Buffer, tag: readonly number[]): number[] {
  return text(file, tag, 'DS').split('\\').map(Number);
}

/** The native Pixel Data. */
export function pixelDataOf(file: Buffer, vr: 'OB' | 'OW'): Buffer {
  return elementValue(file, [0xe0, 0x7f, 0x10, 0], vr);
}

/** A file of the shared set by its name in the manifest. */
export function sharedFile(name: string): Buffer {
  const found = sharedFiles().find((file) => file.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return readFileSync(found.path);
}
