import { newBlobKey } from '../blobs/blob-keys.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { renewFileHeader } from '../dicom/file-meta.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { rootAttributesUpTo } from '../dicom/root-attributes.ts';
import { originalAttributesSequence, updatedDataSet } from '../dicom/updated-data-set.ts';
import type { IndexedInstance, NewInstance } from '../index/instance-record.ts';
import { equalStreams } from '../kernel/equal-streams.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { BlobCustody } from './blob-custody.ts';
import { readStoredInstance, type StoredInstance } from './read-stored-instance.ts';

export interface UpdatedInstanceParts {
  readonly blobs: Pick<BlobStore, 'create' | 'read' | 'readRange'>;
  readonly custody: BlobCustody;
  readonly maxMetadataBytes: number;
}

/** What is changed, and when that was decided. */
interface Update {
  readonly change: DicomJson;
  readonly createdAt: Date;
}

/**
 * Writes a new version of a stored instance to a blob of its own. What was written is read again and compared with the
 * original: nothing but what was to be changed has changed.
 * @param begin is waited for before the blob gets its key, which stays in custody
 * @throws CausewayError `conflict` where it cannot be updated, `stored-file-damaged`, `storage-full`, `unavailable`
 */
export async function writeUpdatedInstance(
  stored: IndexedInstance,
  { change, createdAt }: Update,
  parts: UpdatedInstanceParts,
  begin: (blobKey: string) => Promise<void>,
): Promise<NewInstance> {
  const { blobs, custody } = parts;
  if (stored.deflated) throw new CausewayError('conflict', 'A deflated data set cannot be updated.');
  const original = await readStoredInstance(stored.blobKey, parts);
  if (!original.sha256.equals(stored.sha256)) {
    throw new CausewayError('stored-file-damaged', 'The stored file of this instance is damaged.');
  }
  const blobKey = newBlobKey(stored.studyInstanceUid, stored.sopInstanceUid);
  const writer = blobs.create();
  try {
    const copied: CopiedRange[] = [];
    const file = updatedFile(stored, { change, createdAt }, original.guessedEncodings, blobs, copied);
    for await (const chunk of file) {
      const wait = writer.write(chunk);
      if (wait !== undefined) await wait;
    }
    await begin(blobKey);
    custody.hold(blobKey);
    await writer.commit(blobKey);
    const written = await readStoredInstance(blobKey, parts);
    const differing = differences(original, written, change);
    if (differing.length > 0) {
      throw new CausewayError('conflict', `Other attributes would change: ${differing.slice(0, 5).join(', ')}.`);
    }
    for (const { from, to, length } of copied) {
      const pieces = [
        blobs.read(stored.blobKey, { offset: from, length }),
        blobs.read(blobKey, { offset: to, length }),
      ];
      if (!(await equalStreams(pieces[0]!, pieces[1]!))) {
        throw new CausewayError('stored-file-damaged', 'The new file is not what was written: look at the disk.');
      }
    }
    return { ...written, source: { door: 'update' } };
  } catch (thrown) {
    // What cannot be taken away now the janitor does.
    await writer.discard().then(
      () => custody.release(blobKey),
      () => custody.doubt(blobKey),
    );
    throw thrown;
  }
}

/** Bytes that are the same in both files, pixel data among them. */
interface CopiedRange {
  /** Offset in the original. */
  readonly from: number;
  /** Offset in the new file. */
  readonly to: number;
  readonly length: number;
}

/** @param copied learns which ranges were copied */
async function* updatedFile(
  { blobKey, size, dataSetOffset, transferSyntaxUid, sopClassUid, sopInstanceUid }: IndexedInstance,
  { change, createdAt }: Update,
  guessedEncodings: StoredInstance['guessedEncodings'],
  blobs: UpdatedInstanceParts['blobs'],
  copied: CopiedRange[],
): AsyncGenerator<Uint8Array, void, void> {
  const read = (offset: number, length: number) => blobs.readRange(blobKey, offset, length);
  const header = renewFileHeader(await read(0, dataSetOffset), { sopClassUid, sopInstanceUid, transferSyntaxUid });
  yield header;
  const roots = await rootAttributesUpTo(originalAttributesSequence, blobs.read(blobKey), size);
  const pieces = await updatedDataSet(roots, {
    change,
    at: createdAt,
    guessedEncodings,
    dataSetOffset,
    size,
    read,
  });
  let to = header.length;
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else if (piece.length > 0) {
      copied.push({ from: piece.offset, to, length: piece.length });
      yield* blobs.read(blobKey, piece) as AsyncIterable<Buffer>;
    }
    to += piece.length;
  }
}

const mayChange = new Set(['00080005', '04000561']);

/** Attributes that are not as they were, besides those that were to be changed; these have to have a value. */
function differences(original: NewInstance, written: NewInstance, change: DicomJson): string[] {
  const tags = new Set([...Object.keys(original.attributes), ...Object.keys(written.attributes)]);
  const differing = [...tags].filter((tag) =>
    tag in change
      ? written.attributes[tag]?.Value === undefined
      : !mayChange.has(tag) && JSON.stringify(original.attributes[tag]) !== JSON.stringify(written.attributes[tag]),
  );
  const pixels = ({ pixelData }: NewInstance) =>
    JSON.stringify([pixelData?.kind, pixelData?.frames, pixelData?.length]);
  return pixels(original) === pixels(written) ? differing : [...differing, 'Pixel Data'];
}
