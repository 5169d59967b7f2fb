import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { parseMediaTypes } from '../../kernel/media-type.ts';
import type { MultipartPart } from '../../kernel/multipart-reader.ts';
import { closeSpool, type SpoolFolder, spoolToDisk } from '../../kernel/spool-file.ts';
import { openZip, type ZippedFile, type ZipReader } from '../../kernel/zip-reader.ts';
import type { RefusedInstance, SentInstance } from './receive-instances.ts';

export interface ZipLimits {
  /** Of the archives of one request; each lies on disk until its files are stored. */
  readonly maxZipUploadBytes: number;
  /** Archives at the same time. */
  readonly maxZipUploads: number;
  /** Folders included. */
  readonly maxZipEntries: number;
  /** All files of an archive unpacked, in multiples of the archive; below `freeZipBytes` it does not matter. */
  readonly maxZipRatio: number;
  readonly freeZipBytes: number;
}

/** What the archives of one request have used of the limits. */
interface Used {
  bytes: number;
  entries: number;
  unpackedBytes: number;
}

/** How archives of one request are read. */
export interface ZipReading {
  readonly limits: ZipLimits;
  readonly spoolFolder: SpoolFolder;
  /** Told of each DICOMDIR: what it lists is stored, the list itself is made anew by whoever retrieves. */
  readonly passedOver: (name: string) => void;
}

/**
 * The instances of a STOW-RS body that is a ZIP archive. Its directory comes last, so it is spooled to disk first; then
 * each entry streams. Every file of it comes out as one instance or one refusal that names it, except for the DICOMDIR.
 * @throws CausewayError `bad-request` (no archive), `limit-exceeded`, `storage-full`
 */
export function instancesOfZip(
  body: AsyncIterable<Uint8Array>,
  reading: ZipReading,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  return instancesOfArchive(body, reading, { bytes: 0, entries: 0, unpackedBytes: 0 });
}

/**
 * The same of a multipart body each of whose parts is an archive. The limits are for all of them together; a part that
 * is no archive is one refusal, and keeps none of the others.
 * @throws CausewayError `limit-exceeded`, `storage-full`, and as `readMultipart` does
 */
export async function* instancesOfZips(
  parts: AsyncIterable<MultipartPart>,
  reading: ZipReading,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  const used: Used = { bytes: 0, entries: 0, unpackedBytes: 0 };
  for await (const { number, headers, content } of parts) {
    const type = parseMediaTypes(headers.get('content-type') ?? 'application/zip')[0]?.type;
    try {
      if (type !== 'application/zip') {
        throw new CausewayError('unsupported-media-type', 'Its Content-Type is not application/zip.', {
          details: { acceptable: ['application/zip'] },
        });
      }
      yield* instancesOfArchive(content, reading, used);
    } catch (thrown) {
      const { code, message, details } = asCausewayError(thrown);
      if (code !== 'bad-request' && code !== 'unsupported-media-type') throw thrown;
      yield { refused: { status: 'refused', code, message: `Part ${number}: ${message}`, details } };
    }
  }
}

async function* instancesOfArchive(
  body: AsyncIterable<Uint8Array>,
  reading: ZipReading,
  used: Used,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  const { limits, spoolFolder } = reading;
  const descriptor = await spoolToDisk(limited(body, limits.maxZipUploadBytes, used), spoolFolder);
  let zip: ZipReader;
  try {
    zip = await openZip(descriptor);
  } catch (thrown) {
    await closeSpool(descriptor);
    throw unreadableArchive(thrown);
  }
  try {
    yield* instancesOfEntries(zip, reading, used);
  } finally {
    zip.close();
  }
}

async function* instancesOfEntries(
  zip: ZipReader,
  { limits: { maxZipEntries, freeZipBytes, maxZipRatio }, passedOver }: ZipReading,
  used: Used,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  const maxUnpackedBytes = Math.max(freeZipBytes, maxZipRatio * used.bytes);
  for await (const file of readable(zip.files())) {
    used.entries += 1;
    if (used.entries > maxZipEntries) {
      throw exceeded(`The archive has more than ${maxZipEntries} entries.`, 'maxZipEntries');
    }
    if (file.isFolder) continue;
    if (/^(?:.*\/)?dicomdir$/i.test(file.name)) {
      passedOver(file.name);
      continue;
    }
    const refusal = refusalOf(file);
    if (refusal !== undefined) {
      yield refused(file, refusal);
      continue;
    }
    used.unpackedBytes += file.size;
    if (used.unpackedBytes > maxUnpackedBytes) {
      throw exceeded(`The archive unpacks to more than ${maxUnpackedBytes} bytes.`, 'maxZipRatio');
    }
    yield { contentType: undefined, content: file.content(), file: file.name };
  }
}

function refusalOf({ name, unreadable }: ZippedFile): CausewayError | undefined {
  if (unreadable !== undefined) return new CausewayError('malformed', unreadable);
  return /\.zip$/i.test(name)
    ? new CausewayError('unsupported-media-type', 'An archive within an archive is not opened.')
    : undefined;
}

function refused({ name }: ZippedFile, { code, message, details }: CausewayError): RefusedInstance {
  return { refused: { status: 'refused', code, message: `${name}: ${message}`, details } };
}

async function* readable(files: AsyncIterable<ZippedFile>): AsyncGenerator<ZippedFile, void, void> {
  const iterator = files[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next().catch((thrown: unknown) => {
      throw unreadableArchive(thrown);
    });
    if (next.done) return;
    yield next.value;
  }
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  used: Used,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    used.bytes += chunk.byteLength;
    if (used.bytes > maxBytes) {
      throw exceeded(`The archive is larger than the allowed ${maxBytes} bytes.`, 'maxZipUploadBytes');
    }
    yield chunk;
  }
}

function exceeded(message: string, limit: keyof ZipLimits): CausewayError {
  return new CausewayError('limit-exceeded', message, { details: { limit } });
}

/** What yauzl finds wrong with a directory is the sender's to know; an error of the disk is not. */
function unreadableArchive(thrown: unknown): CausewayError {
  if (thrown instanceof Error && 'code' in thrown) return asCausewayError(thrown);
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new CausewayError('bad-request', `The archive cannot be read: ${why}.`, { cause: thrown });
}
