import { fileURLToPath } from 'node:url';
import type { Request, RequestHandler, Response } from 'express';
import * as openApiValidator from 'express-openapi-validator';
import { type BodyError, CausewayError } from '../kernel/errors.ts';
import { parseMediaTypes } from '../kernel/media-type.ts';
import { allowedMethods } from './allowed-methods.ts';
import { createBodyErrors } from './body-errors.ts';
import type { operations } from './openapi.gen.ts';

/** What the OpenAPI document says of a request. */
export interface MatchedOperation {
  readonly operationId: keyof operations;
  /** Path template, for the log and metrics. */
  readonly route: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const matched = new WeakMap<Request, MatchedOperation>();

/** @returns undefined before `validateRequest` has run */
export function matchedOperation(request: Request): MatchedOperation | undefined {
  return matched.get(request);
}

/** Of the OpenAPI document. */
export const apiDocumentPath = fileURLToPath(new URL('../../openapi/causeway.yaml', import.meta.url));
const bodyTypes = new Set(['multipart/related', 'application/dicom', 'application/zip', 'application/json']);

/**
 * Checks requests against the OpenAPI document. Bodies of STOW-RS pass through unread.
 * The validator compiles and keeps a schema for each Content-Type that it meets, and knows no HEAD: it is shown the
 * bare media type and GET, and the request is put right behind it.
 */
export function validateRequest(): RequestHandler[] {
  const asSent = new WeakMap<Request, { method: string; contentType: string | undefined }>();
  const before: RequestHandler = (request, _response, next) => {
    const contentType = request.headers['content-type'];
    asSent.set(request, { method: request.method, contentType });
    if (!isDecodable(request.path)) {
      next(new CausewayError('bad-request', 'The path has a percent sign that begins no character.'));
      return;
    }
    if (request.method === 'HEAD') request.method = 'GET';
    if (contentType !== undefined) {
      const type = parseMediaTypes(contentType)[0]?.type ?? '';
      request.headers['content-type'] = bodyTypes.has(type) ? type : 'application/octet-stream';
    }
    next();
  };
  const after = (request: Request & { openapi?: unknown }, _response: Response, next: () => void) => {
    const sent = asSent.get(request);
    if (sent !== undefined) {
      request.method = sent.method;
      if (sent.contentType !== undefined) request.headers['content-type'] = sent.contentType;
    }
    const operation = readOperation(request.openapi);
    if (operation !== undefined) matched.set(request, operation);
    next();
  };
  return [before, ...checks(), after];
}

let shared: RequestHandler[] | undefined;

/** Those of the validator, which knows nothing of the app: the document is read and compiled once, however many apps there are. */
function checks(): RequestHandler[] {
  shared ??= openApiValidator.middleware({
    apiSpec: apiDocumentPath,
    validateApiSpec: false,
    // PS3.18 §8.3.1: parameters that a server does not know are passed over; to QIDO-RS they are keys.
    validateRequests: { allowUnknownQueryParameters: true, allErrors: true },
    validateResponses: false,
    validateSecurity: false,
    fileUploader: false,
    useRequestUrl: true,
  });
  return shared;
}

/** False where a percent sign begins no character. */
export function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function readOperation(openapi: unknown): MatchedOperation | undefined {
  if (typeof openapi !== 'object' || openapi === null) return undefined;
  const { openApiRoute, pathParams, schema } = openapi as {
    openApiRoute: string;
    pathParams: Record<string, string>;
    schema: { operationId: keyof operations };
  };
  return { operationId: schema.operationId, route: openApiRoute, pathParameters: pathParams };
}

const bodyErrors = createBodyErrors(apiDocumentPath);

function whatIsWrong(why: string, parameter: string | undefined, [first, ...more]: readonly BodyError[]): string {
  if (first !== undefined)
    return `${first.path}: ${first.message}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
  return parameter === undefined ? `The request is malformed: ${why}.` : `The parameter ${parameter} ${why}.`;
}

/** Turns what the validator throws into words; undefined if it is not from there. @param body of the request, as it was read */
export function validationError(thrown: unknown, body: unknown): { error: CausewayError; allow?: string } | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined;
  const { status, message, errors, headers } = thrown as Error & {
    status: unknown;
    errors?: { path?: string; message?: string }[];
    headers?: { Allow?: string };
  };
  switch (status) {
    case 400: {
      const [first] = errors ?? [];
      const parameter = first?.path?.split('/').at(-1);
      const ofBody = bodyErrors(errors ?? [], body);
      const details = {
        ...(parameter !== undefined && { parameter }),
        ...(ofBody.length > 0 && { errors: ofBody }),
      };
      const why = first?.message ?? message;
      const words = whatIsWrong(why, parameter, ofBody);
      return { error: new CausewayError('bad-request', words, { cause: thrown, details }) };
    }
    case 404:
      return { error: new CausewayError('not-found', 'There is no resource with this path.', { cause: thrown }) };
    case 405: {
      const allow = allowedMethods((headers?.Allow ?? '').toUpperCase().split(/, */));
      const error = new CausewayError('method-not-allowed', `The resource has no such method, but ${allow}.`, {
        cause: thrown,
        details: { acceptable: allow.split(', ') },
      });
      return { error, allow };
    }
    case 415: {
      const acceptable = ['multipart/related; type="application/dicom"', 'application/dicom', 'application/zip'];
      const words = `Content-Type must be one of: ${acceptable.join(', ')}.`;
      const details = { parameter: 'Content-Type', acceptable };
      return { error: new CausewayError('unsupported-media-type', words, { cause: thrown, details }) };
    }
    default:
      return undefined;
  }
}
