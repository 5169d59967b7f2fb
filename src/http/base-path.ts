import type { RequestHandler } from 'express';
import { CausewayError } from '../kernel/errors.ts';

/** As the OpenAPI document spells them. */
export const documentedBasePath = '/dicom-web';
const documentedWadoPath = '/wado';

export interface BasePath {
  /** Shows requests to the rest of the app under the paths of the OpenAPI document. */
  readonly rewrite: RequestHandler;
  /** The base path of DICOMweb that the client used, with a peer or version in front. */
  of(originalUrl: string): string;
  /** AE title of the peer whose DICOMweb was asked for, if it was. */
  peerOf(originalUrl: string): string | undefined;
}

/**
 * @param basePath the configured one of DICOMweb; it also answers behind a version, `/v2/dicom-web`, and over a peer behind
 * its AE title: `/peers/PACS1/dicom-web`
 * @param wadoPath the configured one of WADO-URI, one resource, which may lie below the base path; also over a peer
 */
export function basePathMapping(basePath: string, wadoPath: string): BasePath {
  const prefix = new RegExp(`^(?:/v\\d{1,3}|/peers/[^/?]{1,48})?${escaped(basePath)}(?=[/?]|$)`);
  const wado = new RegExp(`^(?:/peers/[^/?]{1,48})?${escaped(wadoPath)}/*(?=\\?|$)`);
  return {
    rewrite(request, _response, next) {
      const path = request.url;
      if (wado.test(path)) {
        request.url = path.replace(wado, documentedWadoPath);
        next();
      } else if (prefix.test(path)) {
        // A slash at the end is no other resource.
        request.url = path.replace(prefix, documentedBasePath).replace(/\/+(?=\?|$)/, '');
        next();
      } else if (path.startsWith(documentedBasePath) || /^\/wado\/*(?:\?|$)/.test(path)) {
        next(new CausewayError('not-found', 'There is no resource with this path.'));
      } else {
        next();
      }
    },
    of: (originalUrl) => prefix.exec(originalUrl)?.[0] ?? basePath,
    peerOf(originalUrl) {
      const [used] = prefix.exec(originalUrl) ?? wado.exec(originalUrl) ?? [];
      const [, written] = /^\/peers\/([^/]+)/.exec(used ?? '') ?? [];
      return written === undefined ? undefined : decodedTitle(written);
    },
  };
}

/** What is no text in UTF-8 is the title of nobody. */
function decodedTitle(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

function escaped(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
