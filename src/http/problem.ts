import type { Response } from 'express';
import type { CausewayError, ErrorCode } from '../kernel/errors.ts';
import type { components } from './openapi.gen.ts';

/** RFC 9457 problem details. */
type Problem = components['schemas']['Problem'];

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/**
 * How HTTP answers each code. Those of instances that cannot be read speak here of what is stored: what becomes of
 * an instance that is sent is told by the Store Instances Response, not by a problem.
 */
const kinds = {
  'not-dicom': { status: 422, title: 'Not DICOM' },
  truncated: { status: 422, title: 'Data end early' },
  malformed: { status: 422, title: 'Data are malformed' },
  'attribute-missing': { status: 422, title: 'Attribute missing' },
  'uid-invalid': { status: 400, title: 'UID not valid' },
  'sop-class-unsupported': { status: 409, title: 'SOP Class not supported' },
  'transfer-syntax-unsupported': { status: 406, title: 'Transfer syntax not supported' },
  'data-set-mismatch': { status: 409, title: 'Data set does not match' },
  'study-mismatch': { status: 409, title: 'Another study' },
  'duplicate-differs': { status: 409, title: 'Known instance with different content' },
  'limit-exceeded': { status: 413, title: 'Limit exceeded' },
  'bad-request': { status: 400, title: 'Bad request' },
  'not-found': { status: 404, title: 'Not found' },
  gone: { status: 410, title: 'Deleted' },
  'not-acceptable': { status: 406, title: 'Not acceptable' },
  'unsupported-media-type': { status: 415, title: 'Media type not supported' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'range-not-satisfiable': { status: 416, title: 'Range not satisfiable' },
  forbidden: { status: 403, title: 'Forbidden' },
  'precondition-failed': { status: 412, title: 'Changed meanwhile' },
  'precondition-required': { status: 428, title: 'Precondition required' },
  conflict: { status: 409, title: 'Conflict' },
  'frame-not-found': { status: 404, title: 'Frame not found' },
  'frame-boundary-unknown': { status: 406, title: 'Frame boundaries unknown' },
  'no-pixel-data': { status: 404, title: 'No pixel data' },
  'decode-failed': { status: 406, title: 'Pixel data cannot be decoded' },
  'cannot-render': { status: 406, title: 'Cannot be rendered' },
  'stored-file-damaged': { status: 500, title: 'Stored file lost or damaged' },
  'storage-full': { status: 507, title: 'Storage full' },
  'timed-out': { status: 503, title: 'Took too long' },
  // Nobody reads this answer: the client is gone.
  aborted: { status: 499, title: 'Client closed the request' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  'configuration-invalid': { status: 500, title: 'Configuration not valid' },
  internal: { status: 500, title: 'Internal error' },
} satisfies Record<ErrorCode, ProblemKind>;

export function problemStatus(code: ErrorCode): number {
  return kinds[code].status;
}

/** @param requestId as in the log */
function describeProblem(error: CausewayError, requestId: string): Problem {
  const { status, title } = kinds[error.code];
  const { tag, offset, limit, parameter, acceptable, errors } = error.details;
  return {
    type: `urn:causeway:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    // A bare id would be a relative reference, to a resource that is not there.
    instance: `urn:uuid:${requestId}`,
    ...(parameter === undefined ? {} : { parameter }),
    ...(tag === undefined ? {} : { tag }),
    ...(offset === undefined ? {} : { offset }),
    ...(limit === undefined ? {} : { limit }),
    ...(acceptable === undefined ? {} : { acceptable: [...acceptable] }),
    ...(errors === undefined ? {} : { errors: errors.map((one) => ({ ...one })) }),
  };
}

/** Answers with the problem, or breaks the connection off where an answer has begun, lest it looks complete. */
export function sendProblem(response: Response, error: CausewayError, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const header of ['Content-Encoding', 'Content-Length', 'Content-Location', 'ETag']) {
    response.removeHeader(header);
  }
  response.setHeader('Cache-Control', 'no-store');
  const problem = describeProblem(error, requestId);
  if (typeof error.details['size'] === 'number') {
    response.setHeader('Content-Range', `bytes */${error.details['size']}`);
  }
  if (problem.status === 503) response.setHeader('Retry-After', '5');
  response.status(problem.status).setHeader('Content-Type', 'application/problem+json');
  response.end(JSON.stringify(problem));
}
