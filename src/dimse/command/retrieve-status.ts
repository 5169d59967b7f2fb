import type { ErrorCode } from '../../kernel/errors.ts';

/** Status values of C-FIND, C-MOVE and C-GET. PS3.4 tables C.4-1, C.4-2, C.4-3. */
export const retrieveStatus = {
  outOfResources: 0xa700,
  unableToPerformSuboperations: 0xa702,
  moveDestinationUnknown: 0xa801,
  identifierDoesNotMatch: 0xa900,
  someFailed: 0xb000,
  cancelled: 0xfe00,
  pending: 0xff00,
  /** C-FIND: a key was not looked at, or is not known here. */
  pendingWithUnsupportedKeys: 0xff01,
} as const;

/** Errors that are the caller's, or pass; others are ours, and answered as any operation that fails. */
export const statusOfQueryError: Partial<Record<ErrorCode, number>> = {
  'bad-request': retrieveStatus.identifierDoesNotMatch,
  malformed: retrieveStatus.identifierDoesNotMatch,
  truncated: retrieveStatus.identifierDoesNotMatch,
  'limit-exceeded': retrieveStatus.outOfResources,
  'timed-out': retrieveStatus.outOfResources,
  unavailable: retrieveStatus.outOfResources,
  // Of another association, that of a peer to which the question was handed on.
  aborted: retrieveStatus.outOfResources,
};
