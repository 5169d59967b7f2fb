import { tmpdir } from 'node:os';
import type { BlobStore } from '../blobs/blob-store.ts';
import { deidentificationObstacles } from '../dicom/deidentification-obstacles.ts';
import type { EncodeVideo } from '../imaging/cine/encode-video.ts';
import type { CompressedFrame, EncodedFrame, Imaging, RenderParameters } from '../imaging/imaging.ts';
import type { StoredPresentationState } from '../imaging/presentation-state/stored-presentation-state.ts';
import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { createBoundedCache } from '../kernel/bounded-cache.ts';
import { CausewayError } from '../kernel/errors.ts';
import { mapAhead } from '../kernel/map-ahead.ts';
import { peek } from '../kernel/peek.ts';
import { createSharedBytes } from '../kernel/shared-bytes.ts';
import { openSpool } from '../kernel/spool-file.ts';
import { absent } from './absent-target.ts';
import { bulkValue } from './bulk-value.ts';
import { createCine } from './cine.ts';
import { convertInstance, producibleSyntaxes } from './convert-instance.ts';
import { createDataSetBytes } from './data-set-bytes.ts';
import { decodedPixels } from './decoded-pixels.ts';
import { deidentifiedFile } from './deidentified-file.ts';
import { createEncodedFrames } from './encoded-frames.ts';
import { encodedPixels } from './encoded-pixels.ts';
import type { FrameCache } from './frame-cache.ts';
import { inBatches } from './frame-numbers.ts';
import { readIccProfile } from './icc-profile.ts';
import { instanceUidIn } from './lossy-derivation.ts';
import { nativeFrame } from './native-frames.ts';
import { nativeIcon } from './native-icon.ts';
import { readOverlayData } from './overlay-data.ts';
import { createOwedBlobs } from './owed-blobs.ts';
import { presentedFrames, requirePresentationState } from './presented-frames.ts';
import { createRenderedPictures } from './rendered-pictures.ts';
import type { BulkValue, InstanceMetadata, Retrieve, StoredFrame, Target } from './retrieve.ts';
import type { ReplacedPixels, SplicedPixels } from './spliced-pixels.ts';
import { createStoredAttributes, inflatedMetadata } from './stored-attributes.ts';
import { readFrames } from './stored-frames.ts';
import { createStoredMedia } from './stored-media.ts';
import { createUidPseudonyms } from './uid-pseudonyms.ts';
import { versionGone, whileCurrent } from './while-current.ts';

export interface RetrieveParts {
  readonly blobs: Pick<BlobStore, 'read' | 'readRange'>;
  readonly index: Pick<
    Index,
    | 'known'
    | 'instance'
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
  readonly spoolDir?: string;
  readonly limits: {
    /** Longest frame to hold in memory, bytes as stored. */
    readonly maxFrameBytes: number;
    /** Memory for rendered pictures and encoded frames, bytes. */
    readonly imagingCacheBytes: number;
  };
}

/** Frames of one answer that are decoded at the same time. */
const framesAhead = 2;
/** Frames that are looked up at once: more than one can ask for by their numbers. */
const locatedTogether = 8192;

/** Of compressed pixels, for their Basic Offset Table: no peer hangs up for a silence as long as that. */
const heldForTable = { memoryBytes: 8_388_608, bytes: 1_073_741_824, ms: 15_000 };
/** Of all conversions together: who finds none of it left sends an empty table. */
const diskForTables = 2_147_483_648;

/** The one door out, and what erasure has to tell it. */
export interface RetrieveService extends Retrieve {
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
  spoolDir,
}: RetrieveParts): RetrieveService {
  const blobs = createOwedBlobs(stored, index);
  const disk = createSharedBytes(diskForTables);
  const bytes = createDataSetBytes(blobs);
  const attributes = createStoredAttributes(index);
  const made: FrameCache = createBoundedCache(limits.imagingCacheBytes);
  const pictures = createRenderedPictures(imaging, made);
  const encoded = createEncodedFrames(imaging, made);

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

  async function* storedFrames(
    instance: IndexedInstance,
    numbers: Iterable<number>,
  ): AsyncGenerator<StoredFrame, void, void> {
    for (const batch of inBatches(numbers, locatedTogether)) {
      const located = await index.frames(instance, batch);
      if (!located) throw await noLonger(instance);
      yield* readFrames(bytes, instance, located, limits.maxFrameBytes);
    }
  }

  /** Frames lie one behind the other: where the last is, all are. */
  async function requireAllFrames(instance: IndexedInstance): Promise<void> {
    if (!(await index.frames(instance, [instance.frames]))) throw await noLonger(instance);
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

  function encodedFrames(
    instance: IndexedInstance,
    numbers: Iterable<number>,
    transferSyntaxUid: string,
  ): AsyncIterable<CompressedFrame & Pick<StoredFrame, 'number'>> {
    const readAttributes = () => attributes.read(instance, instance.blobKey);
    const encode = async (frame: StoredFrame) => ({
      ...(await encoded.encode(instance.blobKey, frame, transferSyntaxUid, readAttributes)),
      number: frame.number,
    });
    return mapAhead(storedFrames(instance, numbers), encode, framesAhead);
  }

  async function hasFragments(instance: IndexedInstance): Promise<boolean | undefined> {
    try {
      const [first] = (await index.frames(instance, [1])) ?? [];
      return first?.encapsulated;
    } catch (thrown) {
      if (thrown instanceof CausewayError && thrown.code === 'no-pixel-data') return undefined;
      throw thrown;
    }
  }

  /** What stands to be replaced, once it is known that all frames of it are there. */
  async function replacedPixels(instance: IndexedInstance): Promise<ReplacedPixels> {
    const [read, value] = await Promise.all([
      attributes.read(instance, instance.blobKey),
      index.bulk(instance, '7FE00010'),
      requireAllFrames(instance),
    ]);
    return { transferSyntaxUid: instance.transferSyntaxUid, attributes: read, storedBytes: value?.length ?? 0 };
  }

  async function pixelsOf(instance: IndexedInstance): Promise<SplicedPixels> {
    const replaced = await replacedPixels(instance);
    const decode = ({ number, ...frame }: StoredFrame) =>
      imaging.decode({ ...frame, frameNumber: number, attributes: replaced.attributes });
    return decodedPixels(instance, replaced, (numbers) =>
      mapAhead(storedFrames(instance, numbers), decode, framesAhead),
    );
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

  async function pictured(target: Target): Promise<IndexedInstance> {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = target;
    if (seriesInstanceUid !== undefined && sopInstanceUid !== undefined) {
      return theInstance({ studyInstanceUid, seriesInstanceUid, sopInstanceUid });
    }
    const instance = await index.middleInstance(target);
    if (!instance) throw await absent(index, target);
    return instance;
  }

  async function storedState(state: IndexedInstance): Promise<StoredPresentationState> {
    const read = await attributes.read(state, state.blobKey);
    const readValue = (path: string, range: { first: number; last: number }) => bulk(state, path, range);
    return { attributes: read, overlayData: await readOverlayData(read, 1, readValue, 'any type') };
  }

  async function frameToRender(
    instance: IndexedInstance,
    frame: StoredFrame,
    state: IndexedInstance | undefined,
    { iccProfile }: Pick<RenderParameters, 'iccProfile'>,
  ): Promise<EncodedFrame> {
    const read = await attributes.read(instance, instance.blobKey);
    const readValue = (path: string, range: { first: number; last: number }) => bulk(instance, path, range);
    const types = state === undefined ? 'graphics' : 'any type';
    return {
      bytes: frame.bytes,
      transferSyntaxUid: frame.transferSyntaxUid,
      bitOffset: frame.bitOffset,
      attributes: read,
      frameNumber: frame.number,
      overlayData: await readOverlayData(read, frame.number, readValue, types),
      ...(iccProfile === undefined ? {} : { iccProfile: await profileOf(instance, state) }),
      ...(state === undefined ? {} : { presentationState: await storedState(state) }),
    };
  }

  /** That of a presentation state goes before that of the image (PS3.4 §N.2.4). */
  async function profileOf(instance: IndexedInstance, state: IndexedInstance | undefined) {
    const read = async (one: IndexedInstance) =>
      readIccProfile(await attributes.read(one, one.blobKey), (path) => bulk(one, path));
    return (state === undefined ? undefined : await read(state)) ?? read(instance);
  }

  async function stateOf(presentationState: Required<Target> | undefined): Promise<IndexedInstance | undefined> {
    if (presentationState === undefined) return undefined;
    const state = await theInstance(presentationState);
    requirePresentationState(state);
    return state;
  }

  async function rendered(
    target: Target,
    frameNumber: number | undefined,
    parameters: RenderParameters,
    presentationState?: Required<Target>,
  ): Promise<Buffer> {
    return whileCurrent(
      index,
      () => pictured(target),
      async (instance) => {
        const state = await stateOf(presentationState);
        const number = frameNumber ?? 1;
        const wanted = { blobKey: instance.blobKey, frameNumber: number, parameters, stateBlobKey: state?.blobKey };
        return pictures.render(wanted, async () => {
          attributes.read(instance, instance.blobKey).catch(() => {}); // beside the frame, which may fail first
          for await (const frame of storedFrames(instance, [number]))
            return frameToRender(instance, frame, state, parameters);
          throw await absent(index, instance);
        });
      },
    );
  }

  const cine = createCine({
    readAttributes: (instance) => attributes.read(instance, instance.blobKey),
    renderFrames: (instance, numbers, parameters, state) =>
      mapAhead(
        storedFrames(instance, numbers),
        (frame) => {
          const { blobKey } = instance;
          const wanted = {
            blobKey,
            frameNumber: frame.number,
            parameters,
            stateBlobKey: state?.blobKey,
            passing: true,
          };
          return pictures.render(wanted, () => frameToRender(instance, frame, state, parameters));
        },
        framesAhead,
      ),
    encodeVideo,
    cache: made,
    maxKeptBytes: limits.imagingCacheBytes / 8,
  });

  return {
    instances: (target, version) => orAbsent(target, index.instances(target, version)),
    // As long as it was stored: what ends earlier fails, and nothing is read to find the end.
    file: ({ blobKey, size }) => blobs.read(blobKey, { offset: 0, length: size }),
    dataSet: ({ blobKey, size, dataSetOffset }) => blobs.readRange(blobKey, dataSetOffset, size - dataSetOffset),
    producible: producibleSyntaxes,
    attributes: (instance) => attributes.read(instance, instance.blobKey),
    converted: (instance, transferSyntaxUid) =>
      convertInstance(instance, transferSyntaxUid, {
        blobs,
        hasFragments,
        nativeIcon: async (one) =>
          nativeIcon(one, await attributes.read(one, one.blobKey), {
            bytes,
            imaging,
            locate: (path) => index.bulk(one, path),
          }),
        decodedPixels: pixelsOf,
        encodedPixels: async (one, uid) =>
          encodedPixels(one, uid, await replacedPixels(one), (numbers) => encodedFrames(one, numbers, uid), {
            ...heldForTable,
            disk,
            openSpool: () => openSpool(spoolDir ?? tmpdir()),
          }),
      }),
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
    rendered,
    cineMediaTypes: cine.mediaTypes,
    cine: async (instance, wanted, presentationState) => cine.play(instance, wanted, await stateOf(presentationState)),
    cineTypes: cine.types,
    async presentedCine(state, frames, parameters) {
      const scenes: { instance: IndexedInstance; frameNumbers: number[] }[] = [];
      for (const { target, frameNumber } of frames) {
        const last = scenes.at(-1);
        if (last?.instance.sopInstanceUid === target.sopInstanceUid) last.frameNumbers.push(frameNumber);
        else scenes.push({ instance: await theInstance(target), frameNumbers: [frameNumber] });
      }
      return cine.playTogether(scenes, parameters, state);
    },
    presented: (instance) =>
      presentedFrames(instance, {
        readAttributes: (state) => attributes.read(state, state.blobKey),
        isHere: async (target) => (await index.instance(target)) !== undefined,
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
