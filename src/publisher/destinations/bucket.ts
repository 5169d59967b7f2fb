import { randomUUID } from 'node:crypto';
import { openS3Bucket, type S3Bucket } from '../../blobs/s3-bucket.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { DestinationSettings } from '../configuration.ts';
import type { ConfirmOutcome, Destination, OutgoingInstance, Sending, SendOutcome } from '../destination.ts';
import { testInSteps, testUrl } from './connection-steps.ts';
import { fileKey } from './file-key.ts';
import { defaultHttpLimits, type HttpLimits } from './http-client.ts';
import { networkFailure } from './network-failure.ts';
import { sentFile } from './sent-file.ts';
import { sideBySide } from './side-by-side.ts';

type BucketSettings = Extract<DestinationSettings, { kind: 'bucket' }>;

export interface BucketParts {
  readonly limits?: Partial<HttpLimits> | undefined;
  /** See `S3BucketOptions`. */
  readonly maxPutBytes?: number;
}

/** Of no bytes. */
const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** Objects that are sent at the same time. */
const atOnce = 4;

/** Objects `<study>/<series>/<instance>.dcm` of an S3-compatible store, each with the SHA-256 of its content. */
export function createBucketDestination(settings: BucketSettings, parts: BucketParts = {}): Destination {
  const limits = { ...defaultHttpLimits, ...parts.limits };
  const host = settings.endpoint === undefined ? 'Amazon S3' : new URL(settings.endpoint).host;
  let opening: Promise<S3Bucket> | undefined;

  function bucket(): Promise<S3Bucket> {
    const { accessKeyId, secretAccessKey } = settings;
    opening ??= openS3Bucket({
      location: settings.url,
      endpoint: settings.endpoint,
      region: settings.region,
      credentials: accessKeyId === undefined ? undefined : { accessKeyId, secretAccessKey: secretAccessKey ?? '' },
      // Who asks decides when it is worth another try.
      maxAttempts: 1,
      timeouts: limits,
      ...(parts.maxPutBytes === undefined ? {} : { maxPutBytes: parts.maxPutBytes }),
    });
    return opening;
  }

  async function sendOne(instance: OutgoingInstance, sending: Sending): Promise<SendOutcome> {
    const { sopInstanceUid, size, sha256 } = instance;
    let own: unknown;
    const content = keepingFailure(sentFile(instance, sending), (thrown) => {
      own = thrown;
    });
    try {
      const key = fileKey(instance);
      await (await bucket()).put({ key, size, sha256, mediaType: 'application/dicom' }, content, sending.signal);
      return { sopInstanceUid, status: 'accepted', answer: 'Stored' };
    } catch (thrown) {
      const error = bucketFailure(own ?? thrown, host, sending.signal);
      if (isOfInstance(error)) return { sopInstanceUid, status: 'refused', answer: error.message };
      throw error;
    }
  }

  async function confirmOne(instance: Omit<OutgoingInstance, 'open'>, signal: AbortSignal): Promise<ConfirmOutcome> {
    const { sopInstanceUid, size, sha256 } = instance;
    const found = await (await bucket()).head(fileKey(instance), signal).catch((thrown: unknown) => {
      throw bucketFailure(thrown, host, signal);
    });
    if (found === undefined) return { sopInstanceUid, status: 'missing', answer: 'There is no such object' };
    if (found.size === size && found.sha256 === sha256) {
      return { sopInstanceUid, status: 'confirmed', answer: `${size} bytes, SHA-256 as sent` };
    }
    return { sopInstanceUid, status: 'missing', answer: 'The object is there, but it is not what was sent' };
  }

  return {
    send: (batch, sending) =>
      sideBySide(
        batch.map((instance) => () => sendOne(instance, sending)),
        atOnce,
      ),
    async confirm(batch, { signal, alive }) {
      const outcomes: ConfirmOutcome[] = [];
      const asked = batch.map((instance) => () => confirmOne(instance, signal));
      for await (const outcome of sideBySide(asked, atOnce)) {
        alive?.();
        outcomes.push(outcome);
      }
      return outcomes;
    },
    results: undefined,
    test: ({ signal }) =>
      testInSteps(async (step) => {
        if (settings.endpoint !== undefined) await testUrl(step, settings.endpoint, {}, signal);
        const act = async (words: string, ask: (bucket: S3Bucket) => Promise<void>): Promise<string> => {
          await ask(await bucket()).catch((thrown: unknown) => {
            throw bucketFailure(thrown, host, signal);
          });
          return words;
        };
        await step('bucket found, credentials accepted', () => act(settings.url, (opened) => opened.check(signal)));
        await step('can be written to', () =>
          act('an object was written and removed again', async (opened) => {
            const key = `causeway-test-${randomUUID()}`;
            const object = { key, size: 0, sha256: emptySha256, mediaType: 'application/octet-stream' };
            await opened.put(object, noBytes(), signal);
            await opened.remove(key, signal);
          }),
        );
      }),
    async close() {
      (await opening?.catch(() => undefined))?.close();
    },
  };
}

/** Of what is to be sent, as opposed to where it goes. */
function isOfInstance({ code }: CausewayError): boolean {
  return code === 'uid-invalid' || code === 'stored-file-damaged';
}

async function* noBytes(): AsyncGenerator<Uint8Array, void, void> {}

async function* keepingFailure(
  content: AsyncIterable<Uint8Array>,
  keep: (thrown: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* content;
  } catch (thrown) {
    keep(thrown);
    throw thrown;
  }
}

/** By the name of the AWS client's errors. A HEAD has no body to say more than its status. */
const failures: Readonly<Record<string, readonly ['unavailable' | 'forbidden' | 'bad-request', string]>> = {
  InvalidAccessKeyId: ['forbidden', 'does not know the access key id'],
  SignatureDoesNotMatch: ['forbidden', 'does not accept the secret access key'],
  AccessDenied: ['forbidden', 'does not allow it with this access key'],
  ExpiredToken: ['forbidden', 'finds the access key expired'],
  CredentialsProviderError: ['forbidden', 'needs an access key, and there is none in the settings'],
  NoSuchBucket: ['bad-request', 'has no such bucket'],
  PermanentRedirect: ['bad-request', 'has the bucket in another region'],
  AuthorizationHeaderMalformed: ['bad-request', 'has the bucket in another region'],
  InvalidBucketName: ['bad-request', 'does not accept the name of the bucket'],
  RequestTimeTooSkewed: ['unavailable', 'finds the clock of this machine wrong'],
  SlowDown: ['unavailable', 'is asked too often'],
  ServiceUnavailable: ['unavailable', 'is not available'],
  XAmzContentSHA256Mismatch: ['unavailable', 'got other bytes than were sent'],
  BadDigest: ['unavailable', 'got other bytes than were sent'],
};

const failuresByStatus: Readonly<Record<number, readonly ['unavailable' | 'forbidden' | 'bad-request', string]>> = {
  301: ['bad-request', 'has the bucket in another region'],
  403: ['forbidden', 'does not accept the access key, or does not allow it the bucket'],
  404: ['bad-request', 'has no such bucket'],
};

function bucketFailure(thrown: unknown, host: string, signal: AbortSignal): CausewayError {
  if (thrown instanceof CausewayError) return thrown;
  if (signal.aborted) return new CausewayError('aborted', 'The request was ended.', { cause: thrown });
  const name = thrown instanceof Error ? thrown.name : '';
  const status = statusOf(thrown);
  const [code, words] = failures[name] ?? failuresByStatus[status ?? 0] ?? [];
  const told = status === undefined ? name : `${name}, ${status}`;
  if (code !== undefined) return new CausewayError(code, `${host} ${words} (${told}).`, { cause: thrown });
  if (name === 'TimeoutError') {
    return new CausewayError('timed-out', `${host} does not answer in time.`, { cause: thrown });
  }
  if (status !== undefined) {
    return new CausewayError('unavailable', `${host} failed (${told}).`, { cause: thrown });
  }
  return networkFailure(thrown, host);
}

function statusOf(thrown: unknown): number | undefined {
  const metadata = (thrown as { $metadata?: { httpStatusCode?: unknown } } | undefined)?.$metadata;
  return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
