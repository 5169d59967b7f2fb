import type { ByteRange } from '../dicom/pixel-data.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { DataSetBytes, StoredBytes } from './data-set-bytes.ts';

const itemHeaderBytes = 8;
const undefinedLength = 0xffffffff;
const itemTag = 0xe000fffe;
/** A stream of video has one fragment, or a few; each costs a read. */
const maxFragments = 65_536;

/** Whether Pixel Data is in fragments: the length in front of the value tells. */
export async function isFragmented(
  bytes: DataSetBytes,
  instance: StoredBytes,
  { offset }: ByteRange,
): Promise<boolean> {
  return (await bytes.read(instance, offset - 4, 4)).readUInt32LE() === undefinedLength;
}

/**
 * Walks over the items of encapsulated Pixel Data (PS3.5 §A.4), from header to header.
 * @param value from the first item (Basic Offset Table) to the end of the value
 * @returns the fragments without the Basic Offset Table
 * @throws CausewayError `malformed`, `limit-exceeded`
 */
export async function encapsulatedFragments(
  bytes: DataSetBytes,
  instance: StoredBytes,
  value: ByteRange,
): Promise<ByteRange[]> {
  const items: ByteRange[] = [];
  const end = value.offset + value.length;
  for (let at = value.offset; at + itemHeaderBytes <= end; ) {
    const header = await bytes.read(instance, at, itemHeaderBytes);
    if (header.readUInt32LE(0) !== itemTag) break;
    const offset = at + itemHeaderBytes;
    const length = Math.min(header.readUInt32LE(4), end - offset);
    items.push({ offset, length });
    if (items.length > maxFragments) throw tooManyFragments();
    at = offset + length;
  }
  return items.slice(1);
}

function tooManyFragments(): CausewayError {
  return new CausewayError('limit-exceeded', `The Pixel Data has more than ${maxFragments} fragments.`, {
    details: { tag: '7FE00010' },
  });
}
