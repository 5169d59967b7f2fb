import type { RequestHandler } from 'express';
import { CausewayError } from '../kernel/errors.ts';

/** As the OpenAPI document spells it. */
const documentedBasePath = '/dicom-web';

export interface BasePath {
  /** Shows requests to the rest of the app under the base path of the OpenAPI document. */
  readonly rewrite: RequestHandler;
  /** The base path that the client used, its version prefix included. */
  of(originalUrl: string): string;
}

/** @param basePath the configured one; it also answers behind a version: `/v2/dicom-web` */
export function basePathMapping(basePath: string): BasePath {
  const escaped = basePath.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const prefix = new RegExp(`^(?:/v\\d{1,3})?${escaped}(?=[/?]|$)`);
  return {
    rewrite(request, _response, next) {
      const path = request.url;
      if (prefix.test(path)) {
        // A slash at the end is no other resource.
        request.url = path.replace(prefix, documentedBasePath).replace(/\/+(?=\?|$)/, '');
        next();
      } else if (path.startsWith(documentedBasePath)) {
        next(new CausewayError('not-found', 'There is no resource with this path.'));
      } else {
        next();
      }
    },
    of: (originalUrl) => prefix.exec(originalUrl)?.[0] ?? basePath,
  };
}
