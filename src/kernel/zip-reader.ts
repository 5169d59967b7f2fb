import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { CausewayError } from './errors.ts';

/** One file of a ZIP archive on its way in. */
export interface ZippedFile {
  /** As the archive has it, with `?` in place of control characters: for people only. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes unpacked, as the archive says; content that exceeds or misses it fails while it is read. */
  readonly size: number;
  /** Why its content cannot be read, as a sentence. */
  readonly unreadable: string | undefined;
  /**
   * The content, checked against its length and CRC.
   * @throws CausewayError `malformed`
   */
  content(): AsyncIterable<Uint8Array>;
}

export interface ZipReader {
  /** In the order of the directory. @throws whatever is wrong with the directory of the archive */
  files(): AsyncIterable<ZippedFile>;
  /** To be called when no content is read any more. */
  close(): void;
}

/**
 * Reads a ZIP archive on disk by its directory. Nothing is unpacked to disk.
 * @param source a path, or a file descriptor that `close` of the reader closes
 * @throws if it is no archive; a descriptor stays open then
 */
export async function openZip(source: string | number): Promise<ZipReader> {
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
  const zip = typeof source === 'string' ? await openPromise(source, options) : await fromFdPromise(source, options);
  return {
    async *files() {
      for await (const entry of zip.eachEntry()) yield zippedFile(zip, entry);
    },
    close: () => zip.close(),
  };
}

function zippedFile(zip: ZipFile, entry: Entry): ZippedFile {
  const name = printableName(entry);
  return {
    name,
    isFolder: name.endsWith('/'),
    size: entry.uncompressedSize,
    unreadable: unreadable(entry),
    content: () => checkedContent(zip, entry),
  };
}

async function* checkedContent(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array, void, void> {
  let crc = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      crc = crc32(chunk as Buffer, crc);
      yield chunk as Buffer;
    }
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CausewayError('malformed', `The entry cannot be unpacked: ${why}.`, { cause: thrown });
  }
  if (crc !== entry.crc32)
    throw new CausewayError('malformed', 'The entry is damaged: its CRC does not fit its content.');
}

function unreadable(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'The entry is encrypted.';
  return entry.canDecodeFileData() ? undefined : 'The entry is compressed in a way that is not supported.';
}

function printableName(entry: Entry): string {
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false).replace(
    /[\0-\x1F\x7F-\x9F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g,
    '?',
  );
}
