import { createHash } from 'node:crypto';
import type { BlobKey, BlobStore } from '../blobs/blob-store.ts';
import type { ScannedInstance } from '../dicom/scanned-instance.ts';
import type { NewInstance } from '../index/instance-record.ts';
import { createInstanceScan } from './inflating.ts';
import { deflatedMetadata } from './metadata-text.ts';
import { verifyInstance } from './verify-instance.ts';

export interface StoredInstanceParts {
  readonly blobs: Pick<BlobStore, 'read'>;
  /** Bytes of attributes that are held while a blob is read, pixel data aside. */
  readonly maxMetadataBytes: number;
}

export interface StoredInstance extends NewInstance, Pick<ScannedInstance, 'guessedEncodings'> {}

/**
 * Learns from a blob all that the index knew of it when it arrived, but for where it came from.
 * @throws CausewayError `not-found`, or as the scanner and `verifyInstance` do
 */
export async function readStoredInstance(
  key: BlobKey,
  { blobs, maxMetadataBytes }: StoredInstanceParts,
): Promise<StoredInstance> {
  const scan = createInstanceScan({ limits: { maxMetadataBytes } });
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of blobs.read(key)) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      hash.update(bytes);
      await scan.push(bytes);
    }
  } catch (error) {
    scan.close();
    throw error;
  }
  const scanned = await scan.end();
  // It was accepted once, under settings that may have changed since.
  const { uids } = verifyInstance(
    scanned,
    { door: 'import', id: key },
    { storageSopClasses: [], acceptUnknownSopClasses: true },
  );
  return {
    ...uids,
    transferSyntaxUid: scanned.transferSyntaxUid,
    attributes: scanned.attributes,
    metadata: await deflatedMetadata(scanned.attributes, scanned.transferSyntaxUid),
    blobKey: key,
    size,
    sha256: hash.digest(),
    dataSetOffset: scanned.dataSetOffset,
    deflated: scanned.deflated,
    pixelData: scanned.pixelData,
    bulk: scanned.bulk,
    guessedEncodings: scanned.guessedEncodings,
    source: { door: 'reindex' },
  };
}
