import { Readable } from 'node:stream';
import { type OpenedS3, openS3, type S3ClientOptions } from './s3-client.ts';
import { parseS3Location } from './s3-location.ts';

/** What is to be put, under a name of its own. */
export interface S3Object {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly mediaType: string;
}

export interface FoundS3Object {
  readonly size: number;
  /** As `put` noted it; undefined where somebody else has put the object. */
  readonly sha256: string | undefined;
}

/** Objects of an S3-compatible store that are somebody else's to use. All methods throw what the AWS client throws. */
export interface S3Bucket {
  /** An object appears whole or not at all: the store refuses what has another hash on its way. */
  put(object: S3Object, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  head(key: string, signal: AbortSignal): Promise<FoundS3Object | undefined>;
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Whether the bucket is there, and ours to use. */
  check(signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface S3BucketOptions extends S3ClientOptions {
  /** `s3://bucket/prefix` */
  readonly location: string;
  /** Objects above are put in parts, and found wrong after the last of them only: 5 GiB on Amazon. */
  readonly maxPutBytes?: number;
}

const defaultMaxPutBytes = 5_368_709_120;
const partBytes = 16_777_216;

/** @throws CausewayError `configuration-invalid` if the location is wrong or the AWS client is not installed */
export async function openS3Bucket({ location, maxPutBytes, ...options }: S3BucketOptions): Promise<S3Bucket> {
  const { bucket, prefix } = parseS3Location(location);
  const { client, s3, storage } = await openS3(options);
  boundAnswers(client);
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });

  return {
    async put(object, content, signal) {
      const about = { ...at(object.key), ContentType: object.mediaType, Metadata: { sha256: object.sha256 } };
      if (object.size > (maxPutBytes ?? defaultMaxPutBytes)) {
        await putInParts({ client, s3, storage }, about, content, signal);
        return;
      }
      const Body = Readable.from(content, { objectMode: false });
      const command = new s3.PutObjectCommand({ ...about, Body, ContentLength: object.size });
      signHash(command, object.sha256);
      await client.send(command, { abortSignal: signal });
    },
    async head(key, signal) {
      try {
        const found = await client.send(new s3.HeadObjectCommand(at(key)), { abortSignal: signal });
        return { size: found.ContentLength ?? 0, sha256: found.Metadata?.['sha256'] };
      } catch (thrown) {
        if (thrown instanceof Error && (thrown.name === 'NotFound' || thrown.name === 'NoSuchKey')) return undefined;
        throw thrown;
      }
    },
    async remove(key, signal) {
      await client.send(new s3.DeleteObjectCommand(at(key)), { abortSignal: signal });
    },
    async check(signal) {
      await client.send(new s3.HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    },
    close: () => client.destroy(),
  };
}

/** Of what is said to an object that is put; the client reads all of it into memory. */
const maxAnswerBytes = 1_048_576;

/** What is longer is cut off: nothing that is read here is. */
function boundAnswers(client: OpenedS3['client']): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body?: unknown };
      if (response.body instanceof Readable)
        response.body = Readable.from(firstOf(response.body), { objectMode: false });
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  );
}

async function* firstOf(body: Readable): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) return;
    yield chunk;
  }
}

/** The hash is known before the first byte is sent: signed, it is what the store holds the content against. */
function signHash(command: InstanceType<OpenedS3['s3']['PutObjectCommand']>, sha256: string): void {
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = sha256;
      return next(args);
    },
    { step: 'build', name: 'signHash' },
  );
}

async function putInParts(
  { client, storage }: OpenedS3,
  params: { Bucket: string; Key: string; ContentType: string; Metadata: Record<string, string> },
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const body = Readable.from(content, { objectMode: false });
  const upload = new storage.Upload({ client, params: { ...params, Body: body }, partSize: partBytes, queueSize: 2 });
  const abort = (): void => void upload.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await upload.done();
  } finally {
    signal.removeEventListener('abort', abort);
    body.destroy();
  }
}
