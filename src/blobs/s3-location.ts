import { CausewayError } from '../kernel/errors.ts';

/** Where in an object store blobs lie. */
export interface S3Location {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/**
 * Reads `s3://bucket` or `s3://bucket/some/prefix`.
 * @throws CausewayError `configuration-invalid`
 */
export function parseS3Location(text: string): S3Location {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text);
  if (!found) {
    throw new CausewayError('configuration-invalid', `blobs: ${text} is not of the form s3://bucket/prefix.`);
  }
  const prefix = (found[2] ?? '').replace(/\/+$/, '');
  return { bucket: found[1]!, prefix: prefix === '' ? '' : `${prefix}/` };
}
