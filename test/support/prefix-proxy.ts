import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reverse proxy on a port of its own that knows the server by another host and below a path prefix. */
export interface PrefixProxy {
  /** What the world calls the server: origin and prefix, no slash at the end. */
  readonly url: string;
  /** Paths outside of the prefix that were asked for; all of them answer 404. */
  readonly strayed: readonly string[];
  /** Where requests go from now on: `http://host:port`. */
  forwardTo(upstream: string): void;
  close(): Promise<void>;
}

/** @param told headers for the server, given what the client called the proxy */
export async function startPrefixProxy(
  prefix: string,
  told: (host: string, port: string) => IncomingHttpHeaders,
): Promise<PrefixProxy> {
  const strayed: string[] = [];
  let upstream = '';
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    if (!path.startsWith(`${prefix}/`)) {
      strayed.push(path);
      outgoing.writeHead(404).end();
      return;
    }
    const { host = '', ...headers } = incoming.headers;
    const [name = '', port = ''] = host.split(':');
    const forwarded = request(
      upstream + path.slice(prefix.length),
      { method: incoming.method, headers: { ...headers, ...told(name, port) } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    // Not the name that the server has for itself.
    url: `http://localhost:${(server.address() as AddressInfo).port}${prefix}`,
    strayed,
    forwardTo(origin) {
      upstream = origin;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

const prefix = '/hospital/pacs';

/** The ways in which proxies tell what the world calls the server; the last tells nothing. */
export const proxyKinds = {
  'X-Forwarded-Host, -Port, -Proto and -Prefix': (host: string, port: string) => ({
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-host': host,
    'x-forwarded-port': port,
    'x-forwarded-proto': 'http',
    'x-forwarded-prefix': prefix,
  }),
  'Forwarded and X-Forwarded-Prefix': (host: string, port: string) => ({
    forwarded: `for=192.0.2.7;host="${host}:${port}";proto=http, for=10.0.0.1;host=inner.example`,
    'x-forwarded-prefix': prefix,
  }),
  nothing: () => ({}),
} as const;

export function startHospitalProxy(kind: keyof typeof proxyKinds): Promise<PrefixProxy> {
  return startPrefixProxy(prefix, proxyKinds[kind]);
}
