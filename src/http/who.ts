import type { IncomingMessage } from 'node:http';
import { parseMediaTypes } from '../kernel/media-type.ts';

const maxCharacters = 200;

/**
 * Who sends a request, for a record of changes: the user that a trusted proxy has let in (`X-Forwarded-User`, or of Basic
 * authentication), else the address, as a trusted proxy saw it.
 */
export function whoOf(request: IncomingMessage, trustProxy: boolean): string {
  const named = trustProxy ? (userOf(request) ?? forwardedFor(request)) : undefined;
  const who = named ?? request.socket.remoteAddress ?? 'unknown';
  return who.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?').slice(0, maxCharacters);
}

function userOf({ headers }: IncomingMessage): string | undefined {
  const user = first(headers['x-forwarded-user']);
  if (user !== undefined) return user;
  const [, basic] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(headers.authorization ?? '') ?? [];
  return basic === undefined ? undefined : Buffer.from(basic, 'base64').toString().split(':')[0] || undefined;
}

function forwardedFor({ headers }: IncomingMessage): string | undefined {
  if (headers.forwarded === undefined) return first(headers['x-forwarded-for']);
  // The syntax is that of media type parameters behind a name; a made-up name makes it one.
  const [seen] = parseMediaTypes(`for/warded;${headers.forwarded}`);
  return seen?.parameters.get('for');
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',')[0]?.trim() || undefined;
}
