import type { IncomingMessage } from 'node:http';
import { parseMediaTypes } from '../kernel/media-type.ts';

export interface PublicAddress {
  /** How the world reaches this server, without the base path. */
  readonly publicUrl?: string | undefined;
  /** Believe Forwarded and X-Forwarded-* headers. */
  readonly trustProxy: boolean;
}

const validHost = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * Scheme, host and path prefix that URLs in answers start with: of the configured public URL, else of `Forwarded` or
 * `X-Forwarded-*` from a trusted proxy, else of `Host`. Never ends with a slash.
 */
export function publicOrigin(request: IncomingMessage, address: PublicAddress): string {
  if (address.publicUrl !== undefined) return address.publicUrl.replace(/\/+$/, '');
  const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
  const own = { scheme: encrypted ? 'https' : 'http', host: request.headers.host, prefix: '' };
  const { scheme, host, prefix } = address.trustProxy ? { ...own, ...forwarded(request) } : own;
  return `${scheme}://${host !== undefined && validHost.test(host) ? host : localHost(request)}${prefix}`;
}

interface Forwarded {
  scheme?: string;
  host?: string;
  prefix?: string;
}

/** What the first proxy saw (RFC 7239), else what the older headers say; what is not valid is left out. */
function forwarded(request: IncomingMessage): Forwarded {
  const found: Forwarded = {};
  const standard = request.headers.forwarded;
  if (standard !== undefined) {
    // The syntax is that of media type parameters behind a name; a made-up name makes it one.
    const [first] = parseMediaTypes(`for/warded;${standard}`);
    setScheme(found, first?.parameters.get('proto'));
    setHost(found, first?.parameters.get('host'));
  } else {
    setScheme(found, firstOf(request.headers['x-forwarded-proto']));
    const host = firstOf(request.headers['x-forwarded-host']);
    const port = firstOf(request.headers['x-forwarded-port']);
    setHost(
      found,
      host !== undefined && port !== undefined && !isDefault(port) && !/:\d+$/.test(host) ? `${host}:${port}` : host,
    );
  }
  const prefix = firstOf(request.headers['x-forwarded-prefix'])?.replace(/\/+$/, '');
  if (prefix !== undefined && /^(?:\/[A-Za-z0-9._~-]+)*$/.test(prefix)) found.prefix = prefix;
  return found;
}

function setScheme(found: Forwarded, scheme: string | undefined): void {
  const lower = scheme?.toLowerCase();
  if (lower === 'http' || lower === 'https') found.scheme = lower;
}

function setHost(found: Forwarded, host: string | undefined): void {
  if (host !== undefined && validHost.test(host)) found.host = host;
}

function isDefault(port: string): boolean {
  return port === '80' || port === '443';
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',')[0]?.trim() || undefined;
}

/** Where a client without Host (HTTP/1.0) reached us. */
function localHost(request: IncomingMessage): string {
  const { localAddress = '127.0.0.1', localPort } = request.socket;
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  return localPort === undefined ? host : `${host}:${localPort}`;
}
