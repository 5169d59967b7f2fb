import type { RequestHandler } from 'express';

const exposed =
  'Content-Location, Location, Warning, ETag, Retry-After, Content-Range, Accept-Ranges, X-Request-Id, Erroneous-Dicom-Attributes';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

const loopbackOrigin = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Whether pages of an origin, as in the Origin header, may call. */
export type AllowsOrigin = (origin: string) => boolean;

/** @param origins as in the Origin header; `*` is all, `loopback` all pages that this machine serves */
export function allowedOrigins(origins: readonly string[]): AllowsOrigin {
  const any = origins.includes('*');
  const loopback = origins.includes('loopback');
  return (origin) => any || origins.includes(origin) || (loopback && loopbackOrigin.test(origin));
}

/** Lets web pages of these origins call, and answers preflights; any other OPTIONS asks for capabilities. */
export function cors(origins: readonly string[]): RequestHandler {
  const any = origins.includes('*');
  const isAllowed = allowedOrigins(origins);
  return (request, response, next) => {
    const { origin } = request.headers;
    if (any) {
      response.setHeader('Access-Control-Allow-Origin', '*');
    } else {
      response.vary('Origin');
      if (origin !== undefined && isAllowed(origin)) {
        response.setHeader('Access-Control-Allow-Origin', origin);
      }
    }
    response.setHeader('Access-Control-Expose-Headers', exposed);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      next();
      return;
    }
    response.setHeader('Allow', methods);
    response.setHeader('Access-Control-Allow-Methods', methods);
    const asked = request.headers['access-control-request-headers'];
    if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked);
    response.setHeader('Access-Control-Max-Age', '86400');
    response.status(204).end();
  };
}
