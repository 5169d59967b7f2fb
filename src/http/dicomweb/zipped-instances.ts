import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { closeSpool, spoolToDisk } from '../../kernel/spool-file.ts';
import { openZip, type ZippedFile, type ZipReader } from '../../kernel/zip-reader.ts';
import type { RefusedInstance, SentInstance } from './receive-instances.ts';

export interface ZipLimits {
  /** Of one archive, which lies on disk until it is answered. */
  readonly maxZipUploadBytes: number;
  /** Archives at the same time. */
  readonly maxZipUploads: number;
  /** Folders included. */
  readonly maxZipEntries: number;
  /** All files of an archive unpacked, in multiples of the archive; below `freeZipBytes` it does not matter. */
  readonly maxZipRatio: number;
  readonly freeZipBytes: number;
}

/**
 * The instances of a STOW-RS body that is a ZIP archive. Its directory comes last, so it is spooled to disk first; then
 * each entry streams. Every file of it comes out as one instance or one refusal that names it, except for the DICOMDIR.
 * @param passedOver told of each DICOMDIR: what it lists is stored, the list itself is made anew by whoever retrieves
 * @throws CausewayError `bad-request` (no archive), `limit-exceeded`, `storage-full`
 */
export async function* instancesOfZip(
  body: AsyncIterable<Uint8Array>,
  limits: ZipLimits,
  spoolDir: string,
  passedOver: (name: string) => void,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  const counted = { bytes: 0 };
  const descriptor = await spoolToDisk(limited(body, limits.maxZipUploadBytes, counted), spoolDir);
  let zip: ZipReader;
  try {
    zip = await openZip(descriptor);
  } catch (thrown) {
    await closeSpool(descriptor);
    throw unreadableArchive(thrown);
  }
  try {
    const maxUnpackedBytes = Math.max(limits.freeZipBytes, limits.maxZipRatio * counted.bytes);
    yield* instancesOfEntries(zip, limits.maxZipEntries, maxUnpackedBytes, passedOver);
  } finally {
    zip.close();
  }
}

async function* instancesOfEntries(
  zip: ZipReader,
  maxEntries: number,
  maxUnpackedBytes: number,
  passedOver: (name: string) => void,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  let entries = 0;
  let bytes = 0;
  for await (const file of readable(zip.files())) {
    entries += 1;
    if (entries > maxEntries) throw exceeded(`The archive has more than ${maxEntries} entries.`, 'maxZipEntries');
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
    bytes += file.size;
    if (bytes > maxUnpackedBytes) {
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
  counted: { bytes: number },
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    counted.bytes += chunk.byteLength;
    if (counted.bytes > maxBytes) {
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
