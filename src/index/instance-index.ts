import type { ByteRange } from '../dicom/pixel-data.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import type { IndexedInstance, NewInstance } from './instance-record.ts';

/** What to do with different content under a SOP Instance UID that is known in its study and series. */
export type DifferentContentPolicy = 'reject' | 'replace' | 'keep';

/**
 * What becomes of an instance's kept original when another version takes its place. `keep`: what is replaced is kept, if only
 * one version is to be. `drop`: nothing of it is, as who sends other content starts anew. `leave`: what is kept stays, as
 * only a damaged file is put right.
 */
export type OriginalPolicy = 'keep' | 'drop' | 'leave';

/** An instance that was there before, as far as one needs to compare it with what came. */
export interface ExistingInstance {
  readonly blobKey: string;
  /** Bytes of the blob. */
  readonly size: number;
  readonly sha256: Buffer;
}

/** Whether what is there is there for good. */
interface Stay {
  /** It was only fetched from a peer, and goes again unless it is claimed. */
  readonly isFetched: boolean;
}

/**
 * What became of one instance. Only `inserted` and `replaced` changed anything; after the others the blob that came is
 * not referred to by any row.
 */
export type InsertResult =
  | { readonly status: 'inserted' }
  /** A blob with the same content is there. */
  | { readonly status: 'duplicate'; readonly existing: ExistingInstance & Stay }
  /** Different content is there, and policy `reject` or `keep` lets it stay. */
  | { readonly status: 'differs' | 'kept'; readonly existing: ExistingInstance & Stay }
  /** Different content was there; its blob is now among those to be deleted. */
  | { readonly status: 'replaced'; readonly existing: ExistingInstance & Stay };

export interface InsertRequest {
  readonly instance: NewInstance;
  readonly onDifferentContent: DifferentContentPolicy;
}

/** A study, a series or an instance, by its UIDs. */
export interface IndexTarget {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid?: string;
  readonly sopInstanceUid?: string;
}

/** An instance, by its UIDs. */
export type InstanceTarget = Required<IndexTarget>;

/** What an instance is, or what it was before bulk updates changed its attributes. */
export type InstanceVersion = 'current' | 'original';

/**
 * What the index knows of a target: `unknown` names the first level that never was; `at` is when what is missing of it
 * was erased last.
 */
export type Knowledge =
  | { readonly state: 'stored' }
  | { readonly state: 'erased'; readonly at: Date }
  | { readonly state: 'unknown'; readonly level: 'study' | 'series' | 'instance' };

export interface IndexedMetadata {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** DICOM JSON text, raw deflate, as it was stored. */
  readonly metadata: Buffer;
}

/** A version of an instance: another one has another blob, in which nothing lies where it lies in this. */
export interface VersionTarget extends InstanceTarget {
  readonly blobKey: string;
}

/** Where one frame lies in the blob; `frame-location.ts` of the room dicom says how it was found. */
export interface IndexedFrame {
  /** From 1. */
  readonly number: number;
  /** In order; joined they are the frame. Offsets count in the blob, or in its inflated data set. */
  readonly ranges: readonly ByteRange[];
  /**
   * Bits of the first byte that belong to the frame before, 0 to 7; of pixels of 1 or 8 bits in big endian words those of the
   * first word, 0 to 15.
   */
  readonly bitOffset: number;
  readonly encapsulated: boolean;
}

export interface ErasedTarget {
  /** Instances that went. */
  readonly instances: number;
  /** Their blobs, which are now among those to be deleted. */
  readonly blobKeys: readonly string[];
}

/** What a re-hash of every blob needs. */
export interface IndexedBlob extends ExistingInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
}

/** A row of the change feed. Sequences are 1, 2, 3 …: whoever has seen one has been offered all before it. */
export interface Change {
  readonly sequence: number;
  readonly action: 'created' | 'replaced' | 'erased';
  /** Of what this change brought, now: it is there, other content took its place, or nothing is there any more. */
  readonly state: 'current' | 'replaced' | 'deleted';
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** Never earlier than that of the change before. */
  readonly at: Date;
}

/** From a moment on, and before another one. */
export interface TimeSpan {
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

/** One version of the patient and study attributes, or of the series attributes, among several that instances had. */
export interface AttributesVersion {
  /** Undefined for the patient and study attributes. */
  readonly seriesInstanceUid: string | undefined;
  /** DICOM JSON text, raw deflate. */
  readonly attributes: Buffer;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/**
 * What is stored, as Postgres remembers it. Every method rejects with a CausewayError `unavailable` when Postgres
 * cannot be reached, and `storage-full` when it has no space left.
 */
export interface Index {
  /**
   * Stores one instance; resolves after the commit. Instances that arrive together share a transaction, each with its
   * own outcome.
   * @param durable settles when the blob is on stable storage: the commit waits for it, and nothing is inserted if it
   *   rejects. It has to settle soon, as the study is locked until then.
   */
  insert(
    instance: NewInstance,
    onDifferentContent: DifferentContentPolicy,
    durable?: Promise<void>,
  ): Promise<InsertResult>;
  /** One transaction for all of them (more where they disagree on study or series attributes); results in the order given. */
  insertInstances(batch: readonly InsertRequest[]): Promise<InsertResult[]>;

  /**
   * Puts a version in the place of the one with the blob that was seen.
   * @returns false if the instance has another blob by now, or is gone: nothing was done then
   */
  replace(instance: NewInstance, seenBlobKey: string, original: OriginalPolicy): Promise<boolean>;
  /**
   * Keeps a version as what the instance was when it came: where none is kept, or one with the same content, whose blob
   * is among those to be deleted then.
   * @returns false if other content is kept as the original, or the instance has another blob than was seen by now
   */
  putOriginal(instance: NewInstance, seenBlobKey: string): Promise<boolean>;

  known(target: IndexTarget): Promise<Knowledge>;
  instance(target: InstanceTarget): Promise<IndexedInstance | undefined>;
  /** Those of these that are there, in the order asked, with one query. */
  instancesAmong(targets: readonly InstanceTarget[]): Promise<IndexedInstance[]>;
  /** In series number, then instance number order. Empty if there are none; ask `known` why. */
  instances(target: IndexTarget, version?: InstanceVersion): AsyncIterable<IndexedInstance>;
  /** That of a version; undefined if it is not there. Deflated JSON text. */
  metadataOf(target: VersionTarget): Promise<Buffer | undefined>;
  /** In the order of `instances`. */
  metadata(target: IndexTarget, version?: InstanceVersion): AsyncIterable<IndexedMetadata>;
  /** 32 bytes that change if and only if what `metadata` answers does; undefined if there are no instances. */
  metadataDigest(target: IndexTarget): Promise<Buffer | undefined>;
  /** The one to show of a study or series: the middle one with pixel data, if any has. */
  middleInstance(target: IndexTarget): Promise<IndexedInstance | undefined>;
  /**
   * In the order asked.
   * @returns undefined if that version of the instance is not there
   * @throws CausewayError `no-pixel-data`, `frame-not-found`, `frame-boundary-unknown`
   */
  frames(target: VersionTarget, numbers: readonly number[]): Promise<IndexedFrame[] | undefined>;
  /** @param path as in BulkRange @returns undefined if that version of the instance is not there or has no such value */
  bulk(target: VersionTarget, path: string): Promise<BulkRange | undefined>;

  /**
   * Removes the rows of a target and writes down what else has to go. No instances: nothing was there.
   * @param version of an instance, which stays unless its blob has this hash
   */
  erase(target: IndexTarget, version?: { readonly sha256: Buffer }): Promise<ErasedTarget>;
  /**
   * What was fetched from a peer is somebody's own from now on, so that it stays.
   * @returns for each whether it is there, to stay
   */
  claim(targets: readonly InstanceTarget[]): Promise<readonly boolean[]>;
  /** Removes what was only fetched of a study, if nobody has asked for it since so long. */
  eraseFetched(studyInstanceUid: string, unaskedForMs: number): Promise<ErasedTarget>;
  /** Blobs that no row refers to any more, the oldest first. One that a row does refer to is on the list no more. */
  blobsToDelete(limit: number): Promise<string[]>;
  /** Which of these blobs are on that list. */
  listedForDeletion(blobKeys: readonly string[]): Promise<Set<string>>;
  /** Call after the blobs are gone. */
  blobsDeleted(blobKeys: readonly string[]): Promise<void>;
  /** Which of these blobs an instance refers to. */
  referencedBlobs(blobKeys: readonly string[]): Promise<Set<string>>;
  /** Of each of these instances what it is stored as; undefined where it is not there. */
  blobsOf(
    targets: readonly InstanceTarget[],
  ): Promise<readonly (Pick<ExistingInstance, 'blobKey' | 'size'> | undefined)[]>;
  /** Every instance's blob, in no useful order; an instance that comes or goes meanwhile may be missing. */
  allBlobs(): AsyncIterable<IndexedBlob>;

  /**
   * Whatever is read is complete: nothing will ever appear before or among it.
   * @param after last sequence seen, 0 to start; with `span.from`, how many changes of the span to pass over
   */
  changes(after: number, limit: number, span?: TimeSpan): Promise<Change[]>;
  lastChange(): Promise<Change | undefined>;
  /** Sequence of the last change, 0 if there is none: cheap to ask often. */
  lastSequence(): Promise<number>;
  /** Empty if all instances of the study agree. */
  disagreements(studyInstanceUid: string): Promise<AttributesVersion[]>;

  /** Forgets every study, so that it can be read again from the blobs; what was erased and the change feed stay. */
  clear(): Promise<void>;
  /** Rejects unless Postgres answers. */
  ping(): Promise<void>;
}
