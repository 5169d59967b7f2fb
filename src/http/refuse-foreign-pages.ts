import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { CausewayError } from '../kernel/errors.ts';
import type { AllowsOrigin } from './cors.ts';
import { type PublicAddress, publicOrigin } from './request-url.ts';

/**
 * Refuses what web pages of other origins would change. Browsers send such a request without asking where it looks like a
 * form's; only its answer they keep from the page. Whatever is no browser says nothing of an origin.
 * @throws CausewayError `forbidden`
 */
export function refuseForeignPages(isAllowed: AllowsOrigin, address: PublicAddress): RequestHandler {
  return (request, _response, next) => {
    const { origin } = request.headers;
    const changesNothing = /^(GET|HEAD|OPTIONS)$/.test(request.method);
    if (changesNothing || isOfOwnPage(request, address) || (origin !== undefined && isAllowed(origin))) {
      next();
      return;
    }
    const page = origin === undefined ? 'another site' : JSON.stringify(origin);
    throw new CausewayError(
      'forbidden',
      `A page of ${page} may not change anything here. If it should, name its origin in CAUSEWAY_CORS_ORIGINS; if it is this server's own, say in CAUSEWAY_PUBLIC_URL how it is reached.`,
      { details: { parameter: 'Origin' } },
    );
  };
}

/** Or of no page at all. A proxy may have changed the scheme without saying so, hence the hosts are compared alone. */
function isOfOwnPage(request: IncomingMessage, address: PublicAddress): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site === 'same-origin' || site === 'none') return true;
  if (origin === undefined) return site === undefined;
  const host = hostOf(origin);
  return host !== undefined && (host === request.headers.host || host === hostOf(publicOrigin(request, address)));
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
