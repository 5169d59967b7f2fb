import type { Readable } from 'node:stream';

/** Name of a blob within its store: `/`-separated segments of `a-z 0-9 . -`, chosen by us, never by a client. */
export type BlobKey = string;

export interface StoredBlob {
  readonly key: BlobKey;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** One blob on its way in. Nothing is visible under any key before `commit`. */
export interface BlobWriter {
  /**
   * Copies the chunk: its memory may be used again as soon as the call is back.
   * @returns undefined if more may follow at once, else a promise to wait for
   * @throws CausewayError `storage-full`
   */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when the blob is durable under `key`: content and directory entry are on stable storage. */
  commit(key: BlobKey): Promise<void>;
  /**
   * Leaves nothing behind. Safe to call at any time, also after a failed commit. Rejects if what was committed cannot be
   * taken away again.
   */
  discard(): Promise<void>;
}

/** Where the bytes of instances lie. A blob is written once and never changed. */
export interface BlobStore {
  create(): BlobWriter;
  /** Whether a commit is over in a moment, or not at all: over a network it may take as long as it likes. */
  readonly commitsSoon: boolean;
  /** @throws CausewayError `not-found` */
  read(key: BlobKey, range?: { offset: number; length: number }): Readable;
  /** Reads exactly `length` bytes into memory. @throws CausewayError `not-found`, `truncated` */
  readRange(key: BlobKey, offset: number, length: number): Promise<Buffer>;
  /** Bytes; undefined if it is not there. */
  size(key: BlobKey): Promise<number | undefined>;
  /** Resolves when that it is gone is on stable storage. Deleting what is not there is success. */
  delete(key: BlobKey): Promise<void>;
  /** Committed blobs, in a stable order. */
  list(): AsyncIterable<StoredBlob>;
  /**
   * Removes what writers of crashed processes left behind before that time. Nobody's commit is disturbed by it.
   * @returns how many were removed
   */
  removeAbandoned(before: Date): Promise<number>;
  /** Removes what deleted blobs left empty and nobody used since that time. Looks at everything, so call it rarely. */
  removeEmptyFolders(before: Date): Promise<void>;
  /** Free bytes, or undefined where the store has no such notion. Rejects if the store is not usable. */
  space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number } | undefined>;
  close(): Promise<void>;
}
