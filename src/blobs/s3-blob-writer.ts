import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Upload } from '@aws-sdk/lib-storage';
import { createChunkBatch } from '../kernel/chunk-batch.ts';
import { unavailable } from './blob-errors.ts';
import type { BlobWriter } from './blob-store.ts';

export interface S3BlobWriterParts {
  readonly client: S3Client;
  readonly s3: typeof import('@aws-sdk/client-s3');
  readonly storage: typeof import('@aws-sdk/lib-storage');
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  /** A blob up to this size is put at once. */
  readonly partBytes: number;
  /** Keys of uploads of this process, which nobody may clean up. */
  readonly uploading: Set<string>;
}

/** Parts under way at a time: memory of a writer is about two more than that. */
const partsAtOnce = 2;
/** S3 copies up to 5 GiB in one request; beyond, in parts. */
const maxCopyBytes = 5_368_709_120;
const copyPartBytes = 1_073_741_824;
/** Stores other than Amazon's may answer only when all of it is copied. */
const copyMayTake = { requestTimeout: 3_600_000 };

interface RunningUpload {
  readonly key: string;
  readonly body: PassThrough;
  readonly upload: Upload;
  readonly done: Promise<unknown>;
}

export function createS3BlobWriter({
  client,
  s3,
  storage,
  bucket,
  prefix,
  partBytes,
  uploading,
}: S3BlobWriterParts): BlobWriter {
  const batch = createChunkBatch();
  let size = 0;
  let running: RunningUpload | undefined;
  let failure: Error | undefined;
  let committing: Promise<void> | undefined;
  let committedAs: string | undefined;

  function startUpload(): RunningUpload {
    const key = `${prefix}incoming/${randomUUID()}`;
    uploading.add(key);
    const body = new PassThrough({ highWaterMark: partBytes });
    const upload = new storage.Upload({
      client,
      params: { Bucket: bucket, Key: key, Body: body },
      partSize: partBytes,
      queueSize: partsAtOnce,
    });
    const done = upload.done();
    done.catch((error: unknown) => {
      failure ??= unavailable(error);
    });
    return { key, body, upload, done };
  }

  /** Resolves when the upload takes more, rejects if it never will. */
  async function drained({ body, done }: RunningUpload): Promise<void> {
    let onDrain: () => void = () => {};
    const drain = new Promise<void>((resolve) => {
      onDrain = resolve;
      body.once('drain', resolve);
    });
    try {
      await Promise.race([drain, done]);
    } catch (error) {
      throw unavailable(error);
    } finally {
      body.off('drain', onDrain);
    }
  }

  async function copy(from: string, to: string): Promise<void> {
    const CopySource = encodeURI(`${bucket}/${from}`);
    if (size <= maxCopyBytes) {
      await client.send(new s3.CopyObjectCommand({ Bucket: bucket, Key: to, CopySource }), copyMayTake);
      return;
    }
    const target = { Bucket: bucket, Key: to };
    const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(target));
    try {
      const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
      for (let offset = 0; offset < size; offset += copyPartBytes) {
        const CopySourceRange = `bytes=${offset}-${Math.min(offset + copyPartBytes, size) - 1}`;
        const PartNumber = Parts.length + 1;
        const { CopyPartResult } = await client.send(
          new s3.UploadPartCopyCommand({ ...target, UploadId, PartNumber, CopySource, CopySourceRange }),
          copyMayTake,
        );
        Parts.push({ ETag: CopyPartResult?.ETag, PartNumber });
      }
      await client.send(new s3.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    } catch (error) {
      await client.send(new s3.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
      throw error;
    }
  }

  async function remove(key: string): Promise<void> {
    await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }

  /** What cannot be removed now is removed when it is old. */
  async function removeUpload(key: string): Promise<void> {
    await remove(key).catch(() => {});
    uploading.delete(key);
  }

  async function commitSmall(key: string): Promise<void> {
    const { chunks, release } = batch.take();
    const Body = Buffer.concat(chunks);
    release();
    await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: Body.length }));
  }

  async function commitLarge({ key: from, body, done }: RunningUpload, to: string): Promise<void> {
    for (const chunk of batch.take().chunks) body.write(chunk);
    body.end();
    await done;
    await copy(from, to);
    await removeUpload(from);
  }

  return {
    write(chunk) {
      if (failure) return Promise.reject(failure);
      size += chunk.length;
      batch.add(chunk);
      if (!running && batch.bytes <= partBytes) return undefined;
      running ??= startUpload();
      let room = true;
      for (const piece of batch.take().chunks) room = running.body.write(piece);
      return room ? undefined : drained(running);
    },

    commit(key) {
      if (failure) return Promise.reject(failure);
      committedAs = prefix + key;
      committing = (running ? commitLarge(running, committedAs) : commitSmall(committedAs)).catch((error: unknown) => {
        failure ??= unavailable(error);
        throw failure;
      });
      return committing;
    },

    async discard() {
      await committing?.catch(() => {});
      failure ??= new Error('The blob was discarded.');
      batch.take().release();
      if (running) {
        await running.upload.abort().catch(() => {});
        running.body.destroy();
        await running.done.catch(() => {});
        await removeUpload(running.key);
      }
      if (committedAs !== undefined) await remove(committedAs);
    },
  };
}
