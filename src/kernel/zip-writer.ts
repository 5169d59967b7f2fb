import { crc32 } from 'node:zlib';
import { CausewayError } from './errors.ts';

/** One file of a ZIP archive on its way out. */
export interface ZipEntry {
  /** Path with slashes, in ASCII. */
  readonly name: string;
  /** Bytes of the content, known before it is read. */
  readonly size: number;
  /** Opened when its turn comes. */
  readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Fields of 16 and 32 bits that hold nothing but ones say that a ZIP64 record has the value. */
const full16 = 0xffff;
const full32 = 0xffffffff;
/** Versions needed to extract: 2.0, and 4.5 for ZIP64. */
const plainVersion = 20;
const zip64Version = 45;
/** Bit 3: CRC and sizes follow the content. */
const flags = 0x0008;
/** 1 January 1980, the first day that a ZIP archive can tell: archives of the same files are the same. */
const dosDate = 0x0021;

interface WrittenEntry {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly offset: number;
}

/**
 * Makes a ZIP archive as it is read: every entry is stored as it is, its CRC follows it, and ZIP64 is used where sizes,
 * offsets or the number of entries need it. Of each entry some hundred bytes are kept for the directory at the end.
 * @throws CausewayError `truncated` if the content of an entry has another size than was said
 * @see APPNOTE.TXT 6.3.10 §4.3
 */
export async function* zipArchive(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array, void, void> {
  const written: WrittenEntry[] = [];
  let offset = 0;
  for await (const entry of entries) {
    const name = Buffer.from(entry.name, 'latin1');
    const header = localHeader(name, entry.size);
    let crc = 0;
    let bytes = 0;
    let pendingHeader: Buffer | undefined = header;
    for await (const chunk of entry.content()) {
      // The header comes after the first chunk was had: who waits for it learns whether the first entry can be had.
      if (pendingHeader !== undefined) yield pendingHeader;
      pendingHeader = undefined;
      crc = crc32(chunk, crc);
      bytes += chunk.byteLength;
      yield chunk;
    }
    if (pendingHeader !== undefined) yield pendingHeader;
    if (bytes !== entry.size) {
      throw new CausewayError('truncated', `The entry ${entry.name} has ${bytes} bytes instead of ${entry.size}.`);
    }
    const descriptor = dataDescriptor(entry.size, crc);
    yield descriptor;
    written.push({ name, size: entry.size, crc, offset });
    offset += header.length + bytes + descriptor.length;
  }
  let directoryBytes = 0;
  for (const entry of written) {
    const header = centralHeader(entry);
    directoryBytes += header.length;
    yield header;
  }
  yield endOfDirectory(written.length, directoryBytes, offset);
}

function localHeader(name: Buffer, size: number): Buffer {
  const large = size >= full32;
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(large ? zip64Version : plainVersion, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(dosDate, 12);
  header.writeUInt16LE(name.length, 26);
  if (!large) return Buffer.concat([header, name]);
  header.writeUInt32LE(full32, 18);
  header.writeUInt32LE(full32, 22);
  // Its presence says that the data descriptor has sizes of 64 bits.
  const extra = zip64Extra([0, 0]);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

function dataDescriptor(size: number, crc: number): Buffer {
  const large = size >= full32;
  const descriptor = Buffer.alloc(large ? 24 : 16);
  descriptor.write('PK\x07\x08', 'latin1');
  descriptor.writeUInt32LE(crc, 4);
  if (large) {
    descriptor.writeBigUInt64LE(BigInt(size), 8);
    descriptor.writeBigUInt64LE(BigInt(size), 16);
  } else {
    descriptor.writeUInt32LE(size, 8);
    descriptor.writeUInt32LE(size, 12);
  }
  return descriptor;
}

function centralHeader({ name, size, crc, offset }: WrittenEntry): Buffer {
  const extra = zip64Extra([...(size >= full32 ? [size, size] : []), ...(offset >= full32 ? [offset] : [])]);
  const version = extra.length > 0 ? zip64Version : plainVersion;
  const header = Buffer.alloc(46);
  header.write('PK\x01\x02', 'latin1');
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(version, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(dosDate, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(Math.min(size, full32), 20);
  header.writeUInt32LE(Math.min(size, full32), 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(Math.min(offset, full32), 42);
  return Buffer.concat([header, name, extra]);
}

/** Extra field 0001 with the values that did not fit, if there are any. */
function zip64Extra(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function endOfDirectory(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Math.min(entries, full16), 8);
  end.writeUInt16LE(Math.min(entries, full16), 10);
  end.writeUInt32LE(Math.min(directoryBytes, full32), 12);
  end.writeUInt32LE(Math.min(directoryOffset, full32), 16);
  if (entries < full16 && directoryBytes < full32 && directoryOffset < full32) return end;

  const zip64End = Buffer.alloc(56);
  zip64End.write('PK\x06\x06', 'latin1');
  zip64End.writeBigUInt64LE(44n, 4);
  zip64End.writeUInt16LE(zip64Version, 12);
  zip64End.writeUInt16LE(zip64Version, 14);
  zip64End.writeBigUInt64LE(BigInt(entries), 24);
  zip64End.writeBigUInt64LE(BigInt(entries), 32);
  zip64End.writeBigUInt64LE(BigInt(directoryBytes), 40);
  zip64End.writeBigUInt64LE(BigInt(directoryOffset), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([zip64End, locator, end]);
}
