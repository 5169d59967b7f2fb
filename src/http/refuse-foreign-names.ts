import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { RequestHandler } from 'express';
import { CausewayError } from '../kernel/errors.ts';

export interface OwnNames {
  /** How the world reaches this server. */
  readonly publicUrl?: string | undefined;
  /** Names besides; `*` is any. */
  readonly webNames: readonly string[];
}

/** Names that nobody can register: whoever uses one has it from this network (RFC 6761, RFC 6762, RFC 8375). */
const privateName = /^[^.]+$|\.(?:localhost|local|internal|lan|home\.arpa|test)$/;

/**
 * Refuses requests to names that this server does not have. A page from anywhere can make its own name lead to this
 * address, once it is loaded, and would then be of the same origin as ours: what it asks for still says that name.
 * @throws CausewayError `forbidden`
 */
export function refuseForeignNames({ publicUrl, webNames }: OwnNames): RequestHandler {
  const own = new Set([...webNames, hostname()].map((name) => name.toLowerCase()));
  if (publicUrl !== undefined) own.add(new URL(publicUrl).hostname);
  return (request, _response, next) => {
    const name = nameOf(request.headers.host);
    if (own.has('*') || name === '' || isIP(name) !== 0 || privateName.test(name) || own.has(name)) {
      next();
      return;
    }
    throw new CausewayError(
      'forbidden',
      `This server does not go by the name ${JSON.stringify(name)}. If it should, name it in CAUSEWAY_WEB_NAMES or CAUSEWAY_PUBLIC_URL.`,
      { details: { parameter: 'Host' } },
    );
  };
}

/** Without port, brackets and the dot at the end. */
function nameOf(host = ''): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
