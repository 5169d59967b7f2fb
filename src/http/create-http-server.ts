import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

export interface HttpServerLimits {
  /** From connection or the previous answer to the end of the request's header. */
  readonly headersTimeoutMs: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleTimeoutMs: number;
  /** Between two requests on one connection. */
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
}

const defaultLimits: HttpServerLimits = {
  headersTimeoutMs: 60_000,
  idleTimeoutMs: 120_000,
  keepAliveTimeoutMs: 65_000,
  // A search for a list of UIDs makes long lines.
  maxHeaderBytes: 65_536,
  maxConnections: 10_000,
};

export interface HttpServer {
  /** @returns where it listens; rejects if it cannot */
  listen(port: number, host: string): Promise<AddressInfo>;
  /** Takes no new requests, lets running ones end for at most `graceMs`, then cuts them off. */
  close(graceMs?: number): Promise<void>;
}

/** Serves the app over HTTP/1.1. */
export function createHttpServer(app: Express, limits: Partial<HttpServerLimits> = {}): HttpServer {
  const bounds = { ...defaultLimits, ...limits };
  const server = createServer({ maxHeaderSize: bounds.maxHeaderBytes, noDelay: true }, app);
  server.headersTimeout = bounds.headersTimeoutMs;
  server.keepAliveTimeout = bounds.keepAliveTimeoutMs;
  server.maxConnections = bounds.maxConnections;
  // A long upload is fine as long as it moves.
  server.requestTimeout = 0;
  server.setTimeout(bounds.idleTimeoutMs);
  // The handler of uploads says when the client may go on; other expectations, or empty ones, are no reason to refuse.
  server.on('checkContinue', app);
  server.on('checkExpectation', app);
  return {
    listen: (port, host) => listen(server, port, host),
    close: (graceMs = 10_000) => close(server, graceMs),
  };
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection whose last answer is out stays open for the next request, which will not come.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    server.close(() => {
      clearTimeout(cutOff);
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}
