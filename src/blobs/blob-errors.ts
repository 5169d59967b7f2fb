import { asCausewayError, CausewayError } from '../kernel/errors.ts';

export function blobNotFound(cause: unknown): CausewayError {
  return new CausewayError('not-found', 'The stored file of this instance is not there.', { cause });
}

export function truncatedBlob(offset: number): CausewayError {
  return new CausewayError('truncated', `The stored file ends at byte ${offset}, before what was to be read.`, {
    details: { offset },
  });
}

/** What a remote store failed with, unless it is one of ours already. */
export function unavailable(error: unknown): CausewayError {
  if (error instanceof CausewayError) return error;
  const own = asCausewayError(error);
  if (own.code !== 'internal') return own;
  return new CausewayError('unavailable', 'The object store did not do what it was asked.', { cause: error });
}
