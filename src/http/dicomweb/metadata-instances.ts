import { type BuiltInstance, instanceFromMetadata } from '../../dicom/instance-from-metadata.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { validateDicomJson } from '../../dicom/json-validation.ts';
import type { DataSetPiece } from '../../dicom/json-writer.ts';
import type { ReadPicture } from '../../dicom/native-picture.ts';
import { readNativeDicomModel } from '../../dicom/xml-reader.ts';
import type { InstanceUids, StoreWarning } from '../../ingest/ingest.ts';
import { storableUids } from '../../ingest/verify-instance.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { parseMediaTypes } from '../../kernel/media-type.ts';
import type { MultipartPart } from '../../kernel/multipart-reader.ts';
import { openSpool, type Spool, type SpoolFolder } from '../../kernel/spool-file.ts';
import { type BulkParts, createBulkParts } from './bulk-parts.ts';
import { describedPixels } from './described-pixels.ts';
import type { RefusedInstance, SentInstance } from './receive-instances.ts';
import { spooled } from './spooled-bulk.ts';
import { unpackedPictures } from './unpacked-pictures.ts';

export type MetadataType = 'application/dicom+json' | 'application/dicom+xml';

/** Of all metadata of one request: parsed, it takes several times as much. */
const maxMetadataPartBytes = 16_777_216;

/**
 * The instances of a STOW-RS body of metadata and bulk data (PS3.18 §10.5.1.2): each data set is joined with the parts
 * that its BulkDataURIs name. As parts may come in any order, bulk data lies on disk until the body is complete; then it
 * streams into the instances. Every data set, and every part that none of them refers to, comes out as one instance or one refusal.
 * @param maxBytes of all parts
 * @param spoolFolder for bulk data
 * @throws CausewayError `limit-exceeded`, `storage-full`, `bad-request` (metadata that cannot be parsed), and as `readMultipart` does
 */
export async function* instancesOfMetadata(
  parts: AsyncIterable<MultipartPart>,
  type: MetadataType,
  maxBytes: number,
  readPicture: ReadPicture,
  spoolFolder: SpoolFolder,
): AsyncGenerator<SentInstance | RefusedInstance, void, void> {
  const spool = await openSpool(spoolFolder);
  try {
    const { dataSets, bulk } = await readParts(parts, type, maxBytes, spool);
    for (const json of dataSets) yield await toInstance(json, bulk, readPicture, spool, maxBytes);
    for (const { number, reason } of bulk.unused()) {
      yield { refused: refusal(new CausewayError('bad-request', `Part ${number} ${reason}.`), {}) };
    }
  } finally {
    await spool.close();
  }
}

async function readParts(parts: AsyncIterable<MultipartPart>, type: MetadataType, maxBytes: number, spool: Spool) {
  const dataSets: unknown[] = [];
  const bulk = createBulkParts();
  let bytesLeft = maxBytes;
  let metadataBytesLeft = maxMetadataPartBytes;
  for await (const { number, headers, content } of parts) {
    const [mediaType] = parseMediaTypes(headers.get('content-type') ?? 'application/octet-stream');
    if (isMetadataType(mediaType?.type, type)) {
      const most = Math.min(bytesLeft, metadataBytesLeft);
      const bytes = await held(limited(content, most, bytesLeft < metadataBytesLeft));
      bytesLeft -= bytes.length;
      metadataBytesLeft -= bytes.length;
      // One by one: a list of any length is no list of arguments.
      for (const dataSet of parsed(bytes, type, number)) dataSets.push(dataSet);
    } else {
      const value = await spooled(spool, limited(content, bytesLeft, true));
      bytesLeft -= value.length;
      bulk.add({
        number,
        mediaType: mediaType?.type ?? 'application/octet-stream',
        transferSyntaxUid: mediaType?.parameters.get('transfer-syntax'),
        location: headers.get('content-location'),
        content: value,
      });
    }
  }
  return { dataSets, bulk };
}

function isMetadataType(type: string | undefined, expected: MetadataType): boolean {
  return type === expected || (expected === 'application/dicom+json' && type === 'application/json');
}

async function held(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* limited(
  content: AsyncIterable<Buffer>,
  maxBytes: number,
  isOfAllParts: boolean,
): AsyncGenerator<Buffer, void, void> {
  let length = 0;
  for await (const chunk of content) {
    length += chunk.length;
    if (length > maxBytes) {
      const limit = isOfAllParts ? 'maxMetadataUploadBytes' : 'maxMetadataPartBytes';
      const what = isOfAllParts ? 'Metadata with bulk data' : 'Metadata';
      throw new CausewayError('limit-exceeded', `${what} of one request may not have so many bytes (${limit}).`, {
        details: { limit },
      });
    }
    yield chunk;
  }
}

/** A part of JSON holds a list of data sets, or one; a part of XML holds one. */
function parsed(bytes: Buffer, type: MetadataType, number: number): readonly unknown[] {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  try {
    if (type === 'application/dicom+xml') return [readNativeDicomModel(text)];
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json : [json];
  } catch (thrown) {
    const why = thrown instanceof CausewayError ? ` ${thrown.message}` : '';
    throw new CausewayError('bad-request', `The metadata of part ${number} cannot be read.${why}`, { cause: thrown });
  }
}

async function toInstance(
  json: unknown,
  bulk: BulkParts,
  readPicture: ReadPicture,
  spool: Spool,
  maxBytes: number,
): Promise<SentInstance | RefusedInstance> {
  bulk.markReferred(json);
  let metadata: DicomJson = {};
  try {
    metadata = validateDicomJson(json);
    const pixelUri = metadata['7FE00010']?.BulkDataURI;
    const sent = pixelUri === undefined ? undefined : bulk.of(pixelUri);
    const pixels =
      (await unpackedPictures(metadata, bulk.of, readPicture, { spool, maxBytes })) ??
      (sent && (await describedPixels(sent)));
    const bulkOf = (uri: string) => (uri === pixelUri && pixels !== undefined ? pixels : bulk.of(uri));
    const { pieces, coerced } = instanceFromMetadata(metadata, bulkOf);
    return { contentType: undefined, content: contentOf(pieces), warnings: warningsOf(coerced) };
  } catch (thrown) {
    return { refused: refusal(asCausewayError(thrown), uidsOf(metadata)) };
  }
}

async function* contentOf(pieces: readonly DataSetPiece[]): AsyncGenerator<Uint8Array, void, void> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else yield* piece.content.read(piece.offset, piece.length);
  }
}

function warningsOf(coerced: BuiltInstance['coerced']): StoreWarning[] {
  return coerced.map((tag) => ({
    reason: 0xb000,
    tag,
    message: `The attribute ${tag} was changed to what the bulk data says.`,
  }));
}

function uidsOf(metadata: DicomJson): Partial<InstanceUids> {
  const uid = (tag: string) => {
    const [value] = metadata[tag]?.Value ?? [];
    return typeof value === 'string' ? value : '';
  };
  return storableUids({
    studyInstanceUid: uid('0020000D'),
    seriesInstanceUid: uid('0020000E'),
    sopInstanceUid: uid('00080018'),
    sopClassUid: uid('00080016'),
  });
}

function refusal({ code, message, details }: CausewayError, uids: Partial<InstanceUids>): RefusedInstance['refused'] {
  return { status: 'refused', code, message, details, ...uids };
}
