import type { BlobStore } from '../blobs/blob-store.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { lossHeadBytes, provenLossMethod } from '../dicom/proven-loss.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import type { CompressedFrame, Imaging } from '../imaging/imaging.ts';
import type { IndexedFrame } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { mapAhead } from '../kernel/map-ahead.ts';
import { createSharedBytes } from '../kernel/shared-bytes.ts';
import { openSpool, type SpoolFolder } from '../kernel/spool-file.ts';
import { convertInstance } from './convert-instance.ts';
import type { DataSetBytes } from './data-set-bytes.ts';
import { decodedPixels } from './decoded-pixels.ts';
import { encodedPixels } from './encoded-pixels.ts';
import { inBatches } from './frame-numbers.ts';
import { createKnownFailures } from './known-failures.ts';
import { nativeIcon } from './native-icon.ts';
import type { StoredFrame } from './retrieve.ts';
import type { ReplacedPixels } from './spliced-pixels.ts';
import { readFrames } from './stored-frames.ts';

/** Where what has to be known of an instance comes from: the index of what is stored, or the scan of a file. */
export interface InstanceSource {
  readonly blobs: Pick<BlobStore, 'read' | 'readRange'>;
  readonly bytes: DataSetBytes;
  attributes(instance: IndexedInstance): Promise<DicomJson>;
  /**
   * Where frames lie. @param numbers from 1
   * @throws CausewayError `no-pixel-data`, `frame-not-found`, `frame-boundary-unknown`
   */
  locateFrames(instance: IndexedInstance, numbers: readonly number[]): Promise<readonly IndexedFrame[]>;
  /** Where a value lies. @param path as in BulkRange */
  locate(instance: IndexedInstance, path: string): Promise<BulkRange | undefined>;
}

export interface ConversionOptions {
  readonly source: InstanceSource;
  readonly imaging: Pick<Imaging, 'decode'>;
  /** Compresses a frame anew. @throws CausewayError as `Imaging.encode` */
  encode(instance: IndexedInstance, frame: StoredFrame, transferSyntaxUid: string): Promise<CompressedFrame>;
  /** Longest frame to hold in memory, bytes as stored. */
  readonly maxFrameBytes: number;
  /** Folder for what is held back on disk. */
  readonly spoolFolder: SpoolFolder;
}

/** Frames and whole instances in other transfer syntaxes than their own. */
export interface Conversions {
  /** Frames as they are stored, in the order asked. @throws CausewayError `limit-exceeded`, and as `locateFrames` */
  storedFrames(instance: IndexedInstance, numbers: Iterable<number>): AsyncIterable<StoredFrame>;
  /** Frames compressed anew, some at the same time. */
  encodedFrames(
    instance: IndexedInstance,
    numbers: Iterable<number>,
    transferSyntaxUid: string,
  ): AsyncIterable<CompressedFrame & Pick<StoredFrame, 'number'>>;
  /** Frames lie one behind the other: where the last is, all are. */
  requireAllFrames(instance: IndexedInstance): Promise<void>;
  /** See `Retrieve`. */
  converted(instance: IndexedInstance, transferSyntaxUid: string): Promise<AsyncIterable<Uint8Array>>;
}

/** Frames of one answer that are decoded at the same time. */
export const framesAhead = 2;
/** Frames that are looked up at once: more than one can ask for by their numbers. */
const locatedTogether = 8192;

/** Of compressed pixels, for their Basic Offset Table: no peer hangs up for a silence as long as that. */
const heldForTable = { memoryBytes: 8_388_608, bytes: 1_073_741_824, ms: 15_000 };
/** Of all conversions of the process together: who finds none of it left sends an empty table. */
const diskForTables = createSharedBytes(2_147_483_648);

export function createConversions({
  source,
  imaging,
  encode,
  maxFrameBytes,
  spoolFolder,
}: ConversionOptions): Conversions {
  const { bytes, blobs } = source;
  const failures = createKnownFailures();

  async function* storedFrames(
    instance: IndexedInstance,
    numbers: Iterable<number>,
  ): AsyncGenerator<StoredFrame, void, void> {
    for (const batch of inBatches(numbers, locatedTogether)) {
      yield* readFrames(bytes, instance, await source.locateFrames(instance, batch), maxFrameBytes);
    }
  }

  async function requireAllFrames(instance: IndexedInstance): Promise<void> {
    await source.locateFrames(instance, [instance.frames]);
  }

  function encodedFrames(
    instance: IndexedInstance,
    numbers: Iterable<number>,
    transferSyntaxUid: string,
  ): AsyncIterable<CompressedFrame & Pick<StoredFrame, 'number'>> {
    return mapAhead(
      storedFrames(instance, numbers),
      async (frame) => ({ ...(await encode(instance, frame, transferSyntaxUid)), number: frame.number }),
      framesAhead,
    );
  }

  async function hasFragments(instance: IndexedInstance): Promise<boolean | undefined> {
    try {
      const [first] = await source.locateFrames(instance, [1]);
      return first?.encapsulated;
    } catch (thrown) {
      if (thrown instanceof CausewayError && thrown.code === 'no-pixel-data') return undefined;
      throw thrown;
    }
  }

  /** What stands to be replaced, once it is known that all frames of it are there. */
  async function replacedPixels(instance: IndexedInstance): Promise<ReplacedPixels> {
    const [attributes, value, lossMethod] = await Promise.all([
      source.attributes(instance),
      source.locate(instance, '7FE00010'),
      lossMethodOf(instance),
      requireAllFrames(instance),
    ]);
    return { lossMethod, attributes, storedBytes: value?.length ?? 0 };
  }

  /** The first frame speaks for all. */
  async function lossMethodOf(instance: IndexedInstance): Promise<string | undefined> {
    const [frame] = await source.locateFrames(instance, [1]);
    const [range] = frame?.ranges ?? [];
    if (!frame?.encapsulated || range === undefined) return undefined;
    const head = await bytes.read(instance, range.offset, Math.min(range.length, lossHeadBytes));
    return provenLossMethod(instance.transferSyntaxUid, head);
  }

  return {
    storedFrames,
    encodedFrames,
    requireAllFrames,
    async converted(instance, transferSyntaxUid) {
      const conversion = `${instance.blobKey} ${transferSyntaxUid}`;
      failures.check(conversion);
      const file = await convertInstance(instance, transferSyntaxUid, {
        blobs,
        hasFragments,
        nativeIcon: async (one) =>
          nativeIcon(one, await source.attributes(one), {
            bytes,
            imaging,
            locate: (path) => source.locate(one, path),
          }),
        async decodedPixels(one) {
          const replaced = await replacedPixels(one);
          const decode = ({ number, ...frame }: StoredFrame) =>
            imaging.decode({ ...frame, frameNumber: number, attributes: replaced.attributes });
          return decodedPixels(one, replaced, (numbers) => mapAhead(storedFrames(one, numbers), decode, framesAhead));
        },
        encodedPixels: async (one, uid) =>
          encodedPixels(one, uid, await replacedPixels(one), (numbers) => encodedFrames(one, numbers, uid), {
            ...heldForTable,
            disk: diskForTables,
            openSpool: () => openSpool(spoolFolder),
          }),
      });
      return failures.watch(conversion, file);
    },
  };
}
