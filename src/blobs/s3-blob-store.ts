import { IncomingMessage } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type {
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  ListObjectsV2CommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { blobNotFound, truncatedBlob, unavailable } from './blob-errors.ts';
import type { BlobKey, BlobStore, StoredBlob } from './blob-store.ts';
import { createS3BlobWriter } from './s3-blob-writer.ts';
import { openS3 } from './s3-client.ts';
import { parseS3Location } from './s3-location.ts';
import { survivingItsReader } from './surviving-its-reader.ts';

export interface S3Options {
  /** `s3://bucket/prefix` */
  readonly location: string;
  /** Of a store other than Amazon's; else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or Amazon. */
  readonly endpoint?: string;
  /** Else AWS_ACCESS_KEY_ID and the other usual sources. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Smallest multipart part and most that one writer holds in memory, several times: at least 5 MiB on Amazon. */
  readonly partBytes?: number;
  /** For a connection, until an answer begins, and without a byte of what is wanted: 10 s, 5 min and 1 min unless given. */
  readonly timeouts?: { readonly connectMs: number; readonly answerMs: number; readonly stallMs: number };
}

const usualTimeouts = { connectMs: 10_000, answerMs: 300_000, stallMs: 60_000 };

/**
 * A large instance may take hours to arrive over a slow line, at whichever node: what belongs to an upload counts from its
 * begin on, as stores do not say when it was last used.
 */
const uploadMayTakeMs = 7 * 86_400_000;

const defaultPartBytes = 8_388_608;

/**
 * Blobs as objects of an S3-compatible store. Small ones are put when they are committed; large ones are uploaded in
 * parts under `incoming/` while they arrive, and copied within the store when they get their name.
 * @throws CausewayError `configuration-invalid` if the location is wrong or the AWS client is not installed
 */
export async function createS3BlobStore(options: S3Options): Promise<BlobStore> {
  const { bucket, prefix } = parseS3Location(options.location);
  const { connectMs, answerMs, stallMs } = options.timeouts ?? usualTimeouts;
  // How long nothing may come of a body is told below: its reader may take as long as it likes.
  const { client, s3, storage } = await openS3({ ...options, timeouts: { connectMs, answerMs } });
  const uploading = new Set<string>();
  const at = (key: BlobKey) => ({ Bucket: bucket, Key: prefix + key });

  async function open(key: BlobKey, range?: { offset: number; length: number }): Promise<Readable> {
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    try {
      const answer = await client.send(
        new s3.GetObjectCommand({ ...at(key), ...(Range === undefined ? {} : { Range }) }),
      );
      return failingIfSilent(answer.Body as Readable, stallMs);
    } catch (error) {
      if (isMissing(error)) throw blobNotFound(error);
      if (errorName(error) === 'InvalidRange') throw truncatedBlob(range?.offset ?? 0);
      throw unavailable(error);
    }
  }

  async function* pages(below: string): AsyncGenerator<NonNullable<ListObjectsV2CommandOutput['Contents']>> {
    let ContinuationToken: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await client
        .send(
          new s3.ListObjectsV2Command({
            Bucket: bucket,
            Prefix: below,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
        )
        .catch((error: unknown) => {
          throw unavailable(error);
        });
      yield page.Contents ?? [];
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async function remove(Key: string): Promise<void> {
    await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key })).catch((error: unknown) => {
      if (!isMissing(error)) throw unavailable(error);
    });
  }

  return {
    create: () =>
      createS3BlobWriter({
        client,
        s3,
        storage,
        bucket,
        prefix,
        partBytes: options.partBytes ?? defaultPartBytes,
        uploading,
      }),
    commitsSoon: false,
    async size(key) {
      try {
        return (await client.send(new s3.HeadObjectCommand(at(key)))).ContentLength;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw unavailable(error);
      }
    },
    read(key, range) {
      if (range?.length === 0) return Readable.from([]);
      return lazily(() => open(key, range), range);
    },
    async readRange(key, offset, length) {
      if (length === 0) return Buffer.alloc(0);
      const bytes = await buffer(await open(key, { offset, length }));
      if (bytes.length !== length) throw truncatedBlob(offset + bytes.length);
      return bytes;
    },
    delete: (key) => remove(prefix + key),
    async *list(): AsyncGenerator<StoredBlob> {
      for await (const objects of pages(prefix)) {
        for (const { Key = '', Size = 0, LastModified = new Date() } of objects) {
          const key = Key.slice(prefix.length);
          if (!key.startsWith('incoming/')) yield { key, size: Size, modifiedAt: LastModified };
        }
      }
    },
    async removeAbandoned(before) {
      let removed = 0;
      const begunBefore = new Date(before.getTime() - uploadMayTakeMs);
      const isAbandoned = (key: string, since: Date) => since < begunBefore && !uploading.has(key);
      for await (const objects of pages(`${prefix}incoming/`)) {
        for (const { Key, LastModified } of objects) {
          if (Key === undefined || LastModified === undefined || !isAbandoned(Key, LastModified)) continue;
          await remove(Key);
          removed += 1;
        }
      }
      return removed + (await abortUploads(client, s3, bucket, `${prefix}incoming/`, isAbandoned));
    },
    /** An object store has no folders. */
    async removeEmptyFolders() {},
    async space() {
      await client.send(new s3.HeadBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
        throw unavailable(error);
      });
      return undefined;
    },
    async close() {
      client.destroy();
    },
  };
}

/** Multipart uploads that a crash left open are invisible, and paid for. */
async function abortUploads(
  client: S3Client,
  s3: typeof import('@aws-sdk/client-s3'),
  bucket: string,
  below: string,
  isAbandoned: (key: string, since: Date) => boolean,
): Promise<number> {
  let removed = 0;
  let from: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {};
  while (from !== undefined) {
    const page: ListMultipartUploadsCommandOutput | undefined = await client
      .send(new s3.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: below, ...from }))
      .catch((error: unknown) => {
        // Not every compatible store can list them.
        if (errorName(error) === 'NotImplemented') return undefined;
        throw unavailable(error);
      });
    for (const { Key, UploadId, Initiated } of page?.Uploads ?? []) {
      if (Key === undefined || Initiated === undefined || !isAbandoned(Key, Initiated)) continue;
      await client.send(new s3.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      removed += 1;
    }
    from = page?.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
  }
  return removed;
}

/** A body of which nothing comes any more although its reader waits fails; a reader that takes its time does not. */
function failingIfSilent(body: Readable, stallMs: number): Readable {
  if (!(body instanceof IncomingMessage)) return body;
  const { socket } = body;
  const onSilence = (): void => {
    if (body.complete) return;
    // One that is read piece by piece counts as paused, though its reader waits.
    const isHeldBack = body.isPaused() && body.listenerCount('readable') === 0;
    if (body.readableLength > 0 || isHeldBack) socket.setTimeout(stallMs);
    else body.destroy(unavailable(new Error(`Nothing has come for ${stallMs / 1_000} s.`)));
  };
  socket.setTimeout(stallMs);
  socket.on('timeout', onSilence);
  body.once('close', () => socket.off('timeout', onSilence));
  return body;
}

/**
 * A stream that is there at once, while its source is being opened. Of an object that ends within the range the store
 * answers with what there is, as if it were all: the stream fails with `truncated` then.
 */
function lazily(open: () => Promise<Readable>, range?: { offset: number; length: number }): Readable {
  let seen = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      seen += chunk.length;
      callback(null, chunk);
    },
    flush: (callback) =>
      callback(range !== undefined && seen < range.length ? truncatedBlob(range.offset + seen) : null),
  });
  open().then(
    (source) => {
      stream.on('close', () => source.destroy());
      source.on('error', (error) => stream.destroy(unavailable(error)));
      if (stream.destroyed) source.destroy();
      else source.pipe(stream);
    },
    (error: Error) => stream.destroy(error),
  );
  return survivingItsReader(stream);
}

function errorName(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

function isMissing(error: unknown): boolean {
  return errorName(error) === 'NoSuchKey' || errorName(error) === 'NotFound';
}
