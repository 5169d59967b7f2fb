import { tmpdir } from 'node:os';
import type { BlobStore } from '../blobs/blob-store.ts';
import { deidentificationObstacles } from '../dicom/deidentification-obstacles.ts';
import type { EncodeVideo } from '../imaging/cine/encode-video.ts';
import type { Imaging } from '../imaging/imaging.ts';
import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { inflatedMetadata } from '../index/stored-metadata.ts';
import { createBoundedCache } from '../kernel/bounded-cache.ts';
import { CausewayError } from '../kernel/errors.ts';
import { mapAhead } from '../kernel/map-ahead.ts';
import { peek } from '../kernel/peek.ts';
import type { SpoolFolder } from '../kernel/spool-file.ts';
import { absent } from './absent-target.ts';
import { bulkValue } from './bulk-value.ts';
import { producibleSyntaxes } from './convert-instance.ts';
import { createConversions, framesAhead } from './create-conversions.ts';
import { createDataSetBytes } from './data-set-bytes.ts';
import { deidentifiedFile } from './deidentified-file.ts';
import { createEncodedFrames } from './encoded-frames.ts';
import type { FrameCache } from './frame-cache.ts';
import { instanceUidIn } from './lossy-derivation.ts';
import { nativeFrame } from './native-frames.ts';
import { createOwedBlobs } from './owed-blobs.ts';
import { createRenderings } from './renderings.ts';
import type { BulkValue, InstanceMetadata, StoredFrame, StoredRetrieve, Target } from './retrieve.ts';
import { createStoredAttributes } from './stored-attributes.ts';
import { createStoredMedia } from './stored-media.ts';
import { createUidPseudonyms } from './uid-pseudonyms.ts';
import { versionGone, whileCurrent } from './while-current.ts';

export interface RetrieveParts {
  readonly blobs: Pick<BlobStore, 'read' | 'readRange'>;
  readonly index: Pick<
    Index,
    | 'known'
    | 'instance'
    | 'instancesAmong'
    | 'instances'
    | 'metadata'
    | 'metadataOf'
    | 'metadataDigest'
    | 'middleInstance'
    | 'frames'
    | 'bulk'
    | 'referencedBlobs'
  >;
  readonly imaging: Pick<Imaging, 'decode' | 'encode' | 'render'>;
  /** Where the machine has one. */
  readonly encodeVideo?: EncodeVideo | undefined;
  /** What UIDs of de-identified instances follow from; asked for when the first of them is. */
  readonly readUidKey: () => Promise<Uint8Array>;
  /** Folder for what is held back on disk; that for temporary files unless given. */
  readonly spoolFolder?: SpoolFolder;
  readonly limits: {
    /** Longest frame to hold in memory, bytes as stored. */
    readonly maxFrameBytes: number;
    /** Memory for rendered pictures and encoded frames, bytes. */
    readonly imagingCacheBytes: number;
  };
}

/** The one door out of what is stored, and what erasure has to tell it. */
export interface RetrieveService extends StoredRetrieve {
  /** Drops what is kept in memory of instances that were erased. */
  forget(blobKeys: readonly string[]): void;
}

export function createRetrieve({
  blobs: stored,
  index,
  imaging,
  encodeVideo,
  readUidKey,
  limits,
  spoolFolder,
}: RetrieveParts): RetrieveService {
  const blobs = createOwedBlobs(stored, index);
  const bytes = createDataSetBytes(blobs);
  const attributes = createStoredAttributes(index);
  const made: FrameCache = createBoundedCache(limits.imagingCacheBytes);
  const encoded = createEncodedFrames(imaging, made);
  const { storedFrames, encodedFrames, requireAllFrames, converted } = createConversions({
    source: {
      blobs,
      bytes,
      attributes: (instance) => attributes.read(instance, instance.blobKey),
      async locateFrames(instance, numbers) {
        const located = await index.frames(instance, numbers);
        if (!located) throw await noLonger(instance);
        return located;
      },
      locate: (instance, path) => index.bulk(instance, path),
    },
    imaging,
    encode: (instance, frame, transferSyntaxUid) =>
      encoded.encode(instance.blobKey, frame, transferSyntaxUid, () => attributes.read(instance, instance.blobKey)),
    maxFrameBytes: limits.maxFrameBytes,
    spoolFolder: spoolFolder ?? { path: tmpdir() },
  });

  async function* orAbsent<T>(target: Target, found: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    let any = false;
    for await (const one of found) {
      any = true;
      yield one;
    }
    if (!any) throw await absent(index, target);
  }

  async function theInstance(target: Required<Target>): Promise<IndexedInstance> {
    const instance = await index.instance(target);
    if (!instance) throw await absent(index, target);
    return instance;
  }

  /** Why a version is not there of which the index has told. */
  async function noLonger(instance: IndexedInstance): Promise<CausewayError> {
    return (await index.instance(instance)) === undefined ? absent(index, instance) : versionGone();
  }

  /** What is read of one version of an instance; of the next one if it is replaced before anything has come. */
  async function* ofOneVersion<T>(
    target: Required<Target>,
    read: (instance: IndexedInstance) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, void> {
    const begun = await whileCurrent(
      index,
      () => theInstance(target),
      (instance) => peek(read(instance)),
    );
    yield* begun.all;
  }

  function nativeFrames(instance: IndexedInstance, numbers: Iterable<number>): AsyncIterable<StoredFrame> {
    const readAttributes = () => attributes.read(instance, instance.blobKey);
    const decode = (frame: StoredFrame) => nativeFrame(frame, readAttributes, imaging);
    return mapAhead(storedFrames(instance, numbers), decode, framesAhead);
  }

  async function bulk(
    instance: IndexedInstance,
    path: string,
    range?: { readonly first: number; readonly last?: number },
  ): Promise<BulkValue> {
    const value = await index.bulk(instance, path);
    if (!value) throw noSuchValue(path);
    return bulkValue(value, {
      bytes,
      instance,
      range,
      readAttributes: () => attributes.read(instance, instance.blobKey),
      nativeFrames: (numbers) => nativeFrames(instance, numbers),
      requireAllFrames: () => requireAllFrames(instance),
    });
  }

  const media = createStoredMedia({
    readAttributes: (instance) => attributes.read(instance, instance.blobKey),
    locate: (instance, path) => index.bulk(instance, path),
    bulk,
  });

  return {
    instancesAmong: index.instancesAmong,
    instances: (target, version) => orAbsent(target, index.instances(target, version)),
    // As long as it was stored: what ends earlier fails, and nothing is read to find the end.
    file: ({ blobKey, size }) => blobs.read(blobKey, { offset: 0, length: size }),
    dataSet: ({ blobKey, size, dataSetOffset }) => blobs.readRange(blobKey, dataSetOffset, size - dataSetOffset),
    producible: producibleSyntaxes,
    attributes: (instance) => attributes.read(instance, instance.blobKey),
    converted,
    deidentification: async (instance) => deidentificationObstacles(await attributes.read(instance, instance.blobKey)),
    async *deidentified(instance, content, transferSyntaxUid) {
      const { sopClassUid } = instance;
      const sopInstanceUid = instanceUidIn(instance, transferSyntaxUid);
      const replaceUid = createUidPseudonyms(await readUidKey());
      yield* deidentifiedFile(content, { sopClassUid, sopInstanceUid, transferSyntaxUid, replaceUid });
    },
    async *metadata(target, version): AsyncGenerator<InstanceMetadata, void, void> {
      for await (const { metadata, ...uids } of orAbsent(target, index.metadata(target, version))) {
        yield { ...uids, json: await inflatedMetadata(metadata) };
      }
    },
    async metadataEtag(target) {
      const digest = await index.metadataDigest(target);
      if (!digest) throw await absent(index, target);
      return digest.toString('base64url');
    },
    frames: (target, numbers) => ofOneVersion(target, (instance) => storedFrames(instance, numbers)),
    nativeFrames: (target, numbers) => ofOneVersion(target, (instance) => nativeFrames(instance, numbers)),
    encodedFrames: (target, numbers, transferSyntaxUid) =>
      ofOneVersion(target, async function* (instance): AsyncGenerator<StoredFrame, void, void> {
        if (!producibleSyntaxes(instance).includes(transferSyntaxUid)) throw notEncodable(transferSyntaxUid);
        for await (const { number, bytes } of encodedFrames(instance, numbers, transferSyntaxUid)) {
          const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          yield { number, bytes: own, bitOffset: 0, transferSyntaxUid, encapsulated: true };
        }
      }),
    bulk: (target, path, range) =>
      whileCurrent(
        index,
        () => theInstance(target),
        (instance) => bulk(instance, path, range),
      ),
    mediaType: media.mediaType,
    media: media.open,
    ...createRenderings({
      index,
      readAttributes: (instance) => attributes.read(instance, instance.blobKey),
      theInstance,
      storedFrames,
      bulk,
      imaging,
      encodeVideo,
      cache: made,
      maxKeptBytes: limits.imagingCacheBytes / 8,
    }),
    forget(blobKeys) {
      for (const blobKey of blobKeys) {
        made.deleteContaining(`${blobKey} `);
        attributes.forget(blobKey);
      }
    },
  };
}

function notEncodable(transferSyntaxUid: string): CausewayError {
  return new CausewayError(
    'transfer-syntax-unsupported',
    `Frames of this instance cannot be had in transfer syntax ${transferSyntaxUid}.`,
  );
}

function noSuchValue(path: string): CausewayError {
  return new CausewayError('not-found', `The instance has no bulk data at ${path}.`, {
    details: { level: 'bulkdata' },
  });
}
