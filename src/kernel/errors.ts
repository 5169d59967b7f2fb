/**
 * Every way in which Causeway can say no. The union is closed: each door (HTTP, DIMSE, command line) maps it with
 * `satisfies Record<ErrorCode, …>`, so that a new code does not compile until every door answers it.
 */
export type ErrorCode =
  // what was sent
  | 'not-dicom'
  | 'truncated'
  | 'malformed'
  | 'attribute-missing'
  | 'uid-invalid'
  | 'sop-class-unsupported'
  | 'transfer-syntax-unsupported'
  | 'data-set-mismatch'
  | 'study-mismatch'
  | 'duplicate-differs'
  | 'limit-exceeded'
  // what was asked
  | 'bad-request'
  | 'not-found'
  | 'gone'
  | 'not-acceptable'
  | 'unsupported-media-type'
  | 'method-not-allowed'
  | 'range-not-satisfiable'
  | 'conflict'
  | 'forbidden'
  | 'precondition-failed'
  | 'precondition-required'
  // what was stored cannot be shown
  | 'frame-not-found'
  | 'frame-boundary-unknown'
  | 'no-pixel-data'
  | 'decode-failed'
  | 'cannot-render'
  // ourselves
  | 'stored-file-damaged'
  | 'storage-full'
  | 'timed-out'
  | 'aborted'
  | 'unavailable'
  | 'configuration-invalid'
  | 'internal';

/** Facts beside the message that a door may show: never a patient's name or id. */
export interface ErrorDetails {
  /** DICOM tag at fault, eight hexadecimal digits. */
  readonly tag?: string;
  /** Byte offset in the file where reading stopped making sense. */
  readonly offset?: number;
  /** Name of the limit that was exceeded, as in the configuration reference. */
  readonly limit?: string;
  /** Request parameter at fault. */
  readonly parameter?: string;
  /** What would have been acceptable instead. */
  readonly acceptable?: readonly string[];
  /** Whether it may go well when it is tried again. */
  readonly passing?: boolean;
  /** All that is wrong with a body, where that is told one by one. */
  readonly errors?: readonly BodyError[];
  readonly [fact: string]: unknown;
}

/** What is wrong with a part of a body. */
export interface BodyError {
  /** JSON Pointer (RFC 6901). */
  readonly path: string;
  /** A sentence. */
  readonly message: string;
  /** Of an expression: the characters at fault. */
  readonly from?: number;
  readonly till?: number;
}

/** The one error class of the house. The message is a sentence for the person who has to act on it. */
export class CausewayError extends Error {
  override readonly name = 'CausewayError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Turns whatever was thrown into a CausewayError; what is not one becomes `internal` with the original as its cause. */
export function asCausewayError(thrown: unknown): CausewayError {
  if (thrown instanceof CausewayError) return thrown;
  const code = errnoOf(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CausewayError('storage-full', 'There is no space left to store the instance.', { cause: thrown });
  }
  return new CausewayError('internal', 'Causeway failed unexpectedly; its log has the details.', { cause: thrown });
}

/** The errno name (`ENOENT`, …) of a Node system error, if it is one. */
export function errnoOf(thrown: unknown): string | undefined {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return undefined;
}
