import type { ErrorCode } from '../kernel/errors.ts';

/** What keeps one stored file from being converted, says nothing of the next, and is so the next time, too. */
export const unconvertible: ReadonlySet<ErrorCode> = new Set([
  'transfer-syntax-unsupported',
  'decode-failed',
  'frame-not-found',
  'frame-boundary-unknown',
  'limit-exceeded',
  'malformed',
  'truncated',
]);
