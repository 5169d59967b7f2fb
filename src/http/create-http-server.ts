import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';

export interface HttpServerLimits {
  /** From connection or the previous answer to the end of the request's header. */
  readonly headersTimeoutMs: number;
  /** A connection on which nothing moves for so long is closed, if it is for the client to move. */
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
  const options = {
    maxHeaderSize: bounds.maxHeaderBytes,
    noDelay: true,
    // While an answer is worked on, nothing else would tell of a client whose machine is gone.
    keepAlive: true,
    keepAliveInitialDelay: bounds.idleTimeoutMs,
  };
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    response.on('timeout', (socket: Socket) => {
      if (isOurTurn(request, socket)) socket.setTimeout(bounds.idleTimeoutMs);
      else socket.destroy();
    });
    app(request, response);
  };
  const server = createServer(options, serve);
  server.headersTimeout = bounds.headersTimeoutMs;
  server.keepAliveTimeout = bounds.keepAliveTimeoutMs;
  server.maxConnections = bounds.maxConnections;
  // A long upload is fine as long as it moves.
  server.requestTimeout = 0;
  server.setTimeout(bounds.idleTimeoutMs);
  // The handler of uploads says when the client may go on; other expectations, or empty ones, are no reason to refuse.
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  return {
    listen: (port, host) => listen(server, port, host),
    close: (graceMs = 10_000) => close(server, graceMs),
  };
}

/**
 * Whether a silent connection waits for us: what the client has sent so far is not all read yet, or was complete and is being
 * worked on, as an archive is unpacked or pixels are compressed, and it has taken all that was answered.
 */
function isOurTurn(request: IncomingMessage, socket: Socket): boolean {
  return (request.complete || request.readableLength > 0) && socket.writableLength === 0;
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
