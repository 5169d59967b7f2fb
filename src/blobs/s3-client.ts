import type { S3Client } from '@aws-sdk/client-s3';
import { CausewayError } from '../kernel/errors.ts';

export interface S3ClientOptions {
  /** Of a store other than Amazon's; else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or Amazon. */
  readonly endpoint?: string | undefined;
  /** Else AWS_REGION, AWS_DEFAULT_REGION or us-east-1. */
  readonly region?: string | undefined;
  /** Else AWS_ACCESS_KEY_ID and the other usual sources. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Requests are made again so often where they fail, in all; three times unless given. */
  readonly maxAttempts?: number;
  /** For a connection, without a byte, and until an answer begins. */
  readonly timeouts?: { readonly connectMs: number; readonly stallMs?: number; readonly answerMs?: number };
}

export interface OpenedS3 {
  readonly client: S3Client;
  readonly s3: typeof import('@aws-sdk/client-s3');
  readonly storage: typeof import('@aws-sdk/lib-storage');
}

/**
 * The AWS client is an optional dependency, and loaded only where it is needed.
 * @throws CausewayError `configuration-invalid` if it is not installed
 */
export async function openS3(options: S3ClientOptions): Promise<OpenedS3> {
  const { s3, storage } = await loadAwsClient();
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  const client = new s3.S3Client({
    region: options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    // Stores other than Amazon's rarely have a host name for each bucket, nor the newer checksums.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(options.credentials === undefined ? {} : { credentials: { ...options.credentials } }),
    ...(options.maxAttempts === undefined ? {} : { maxAttempts: options.maxAttempts }),
    ...(options.timeouts === undefined
      ? {}
      : {
          requestHandler: {
            connectionTimeout: options.timeouts.connectMs,
            ...(options.timeouts.stallMs !== undefined && { socketTimeout: options.timeouts.stallMs }),
            ...(options.timeouts.answerMs !== undefined && {
              requestTimeout: options.timeouts.answerMs,
              throwOnRequestTimeout: true,
            }),
          },
        }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { client, s3, storage };
}

async function loadAwsClient() {
  try {
    const [s3, storage] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
    return { s3, storage };
  } catch (cause) {
    const message = 'blobs: an S3 location needs the packages @aws-sdk/client-s3 and @aws-sdk/lib-storage.';
    throw new CausewayError('configuration-invalid', message, { cause });
  }
}
