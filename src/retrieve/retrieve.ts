import type { Readable } from 'node:stream';
import type { DeidentificationObstacles } from '../dicom/deidentification-obstacles.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { RenderParameters } from '../imaging/imaging.ts';
import type { InstanceVersion } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';

/** A study, a series or an instance. */
export interface Target {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid?: string;
  readonly sopInstanceUid?: string;
}

/** Metadata of one instance as JSON text whose BulkDataURIs hold bare paths (`7FE00010`). */
export interface InstanceMetadata {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly json: Buffer;
}

/** A frame as stored. */
export interface StoredFrame {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /**
   * Bits of the first byte that belong to the frame before, 0 to 7; of pixels of 1 or 8 bits in big endian words those of the
   * first word, 0 to 15.
   */
  readonly bitOffset: number;
  /** Of the instance, unless that is one for compressed pixels and these are not. */
  readonly transferSyntaxUid: string;
  /** True if `bytes` are a codestream as opposed to native pixels. */
  readonly encapsulated: boolean;
}

/**
 * The one door out. All methods throw CausewayError `not-found` (naming the level that is unknown) or `gone`
 * for a target that is not there, and `stored-file-damaged` where its file is not what was stored.
 */
export interface Retrieve {
  /** In series, then instance number order. */
  instances(target: Target, version?: InstanceVersion): AsyncIterable<IndexedInstance>;
  /** The whole Part 10 file, byte for byte as stored. */
  file(instance: IndexedInstance): Readable;
  /** What lies behind the File Meta Information, as stored, in memory: for instances that are known to be small. */
  dataSet(instance: IndexedInstance): Promise<Buffer>;
  /** Transfer syntaxes beside its own in which an instance can be had, as far as its own tells. */
  producible(instance: Pick<IndexedInstance, 'transferSyntaxUid'>): readonly string[];
  /**
   * The whole Part 10 file in a transfer syntax that is `producible`, made as it is read; in Implicit VR Little Endian as
   * well, where any is. Resolves when it is known that it can be made, the first frame decoded; what failed behind that is
   * known the next time.
   * @throws CausewayError `transfer-syntax-unsupported` with the reason, `decode-failed`, `frame-boundary-unknown`, `timed-out`
   */
  converted(instance: IndexedInstance, transferSyntaxUid: string): Promise<AsyncIterable<Uint8Array>>;
  /** What stands in the way of de-identifying an instance. */
  deidentification(instance: IndexedInstance): Promise<DeidentificationObstacles>;
  /**
   * A file of an instance by the Basic Profile of PS3.15 Annex E, with UIDs that are the same for the same UIDs.
   * @param content the instance as `file` or `converted` gives it, not deflated @param transferSyntaxUid of `content`
   */
  deidentified(
    instance: IndexedInstance,
    content: AsyncIterable<Uint8Array>,
    transferSyntaxUid: string,
  ): AsyncIterable<Uint8Array>;
  /** Attributes of this version of an instance. @throws CausewayError `unavailable` if it was replaced meanwhile */
  attributes(instance: IndexedInstance): Promise<DicomJson>;
  metadata(target: Target, version?: InstanceVersion): AsyncIterable<InstanceMetadata>;
  /** Strong validator of everything that `metadata` would answer; depends on content only. */
  metadataEtag(target: Target): Promise<string>;
  /** In the order asked. @throws CausewayError `frame-not-found`, `frame-boundary-unknown`, `no-pixel-data` */
  frames(target: Required<Target>, numbers: readonly number[]): AsyncIterable<StoredFrame>;
  /** Frames decompressed to native little endian. */
  nativeFrames(target: Required<Target>, numbers: readonly number[]): AsyncIterable<StoredFrame>;
  /**
   * Frames compressed in a transfer syntax that is `producible`.
   * @throws CausewayError `transfer-syntax-unsupported` with the reason, and as `nativeFrames`
   */
  encodedFrames(
    target: Required<Target>,
    numbers: readonly number[],
    transferSyntaxUid: string,
  ): AsyncIterable<StoredFrame>;
  /** The value of a BulkDataURI. `path` as in BulkRange. */
  bulk(target: Required<Target>, path: string, range?: { first: number; last?: number }): Promise<BulkValue>;
  /**
   * Media type of what is shown of the instance as it is stored, without a picture being made (PS3.18 §8.7.4): of its
   * video or its encapsulated document. Undefined for all else.
   */
  mediaType(instance: IndexedInstance): Promise<string | undefined>;
  /** That video or document. @throws CausewayError `not-found` where there is none, `range-not-satisfiable` */
  media(instance: IndexedInstance, range?: { first: number; last?: number }): Promise<BulkValue>;
  /**
   * One picture. Frame 1 (of the middle instance for a study or series) where no number is given.
   * @param presentationState is applied; `bad-request` if it is none or is about other images
   */
  rendered(
    target: Target,
    frameNumber: number | undefined,
    parameters: RenderParameters,
    presentationState?: Required<Target>,
  ): Promise<Buffer>;
  /**
   * As what the frames of an instance can be played one after the other; nothing for what has one frame, is a video itself, or
   * consists of tiles. `video/mp4` where the machine has an encoder.
   */
  cineMediaTypes(instance: IndexedInstance): Promise<readonly CineMediaType[]>;
  /**
   * The frames as an animation or video, made as it is read unless it is there already. Resolves when the first bytes are there.
   * @throws CausewayError `cannot-render` past a limit or for what has no such media type, `unavailable`, and as `rendered`
   */
  cine(
    instance: IndexedInstance,
    wanted: WantedCine,
    presentationState?: Required<Target>,
  ): Promise<Buffer | AsyncIterable<Uint8Array>>;
  /**
   * The frames that a presentation state is about, with it applied, as an animation or video.
   * @throws CausewayError as `cine`, `cannot-render` too if they differ in size
   */
  presentedCine(
    state: IndexedInstance,
    frames: PresentedFrames['frames'],
    parameters: CineParameters,
  ): Promise<Buffer | AsyncIterable<Uint8Array>>;
  /** As what several frames of any images can be played. */
  readonly cineTypes: readonly CineMediaType[];
  /**
   * What a presentation state shows; undefined for an instance that is none.
   * @param extent all unless given
   * @throws CausewayError `cannot-render` for kinds that are not applied, and if none of the images is here
   */
  presented(instance: IndexedInstance, extent?: PresentedExtent): Promise<PresentedFrames | undefined>;
}

/** The same of what is stored here, of which can be told at once what is there. */
export interface StoredRetrieve extends Retrieve {
  /** Those of these instances that are there, in the order asked, with one query. */
  instancesAmong(targets: readonly Required<Target>[]): Promise<readonly IndexedInstance[]>;
}

export type CineMediaType = 'image/gif' | 'video/mp4';

/** How the pictures are to look, and as what they go out. */
export type CineParameters = Omit<RenderParameters, 'mediaType'> & { readonly mediaType: CineMediaType };

export interface WantedCine {
  /** From 1, in the order to play; all frames, as the instance says that they are to be played, where it is left out. */
  readonly frameNumbers?: readonly number[];
  readonly parameters: CineParameters;
}

/** For who shows one picture no image behind the first that is here needs to be looked for. */
export type PresentedExtent = 'all' | 'first';

/** The frames that a presentation state is about, in its order. */
export interface PresentedFrames {
  /** All of images of which no frame is named. */
  readonly frames: readonly [PresentedFrame, ...PresentedFrame[]];
  /** Images that it refers to and that are not here, among those that were looked for. */
  readonly missing: number;
}

export interface PresentedFrame {
  readonly instance: IndexedInstance;
  /** From 1. */
  readonly frameNumber: number;
}

export interface BulkValue {
  readonly mediaType: string;
  /** Of the whole value, bytes. */
  readonly size: number;
  readonly body: Readable;
}
