import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers a request whose body has come; what is not answered hangs. */
export type Answering = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

/** Something that is sent to by HTTP and answers as a test wants it to. */
export interface HttpReceiver {
  readonly origin: string;
  readonly host: string;
  /** Those that came whole. */
  readonly requests: ReceivedRequest[];
  answer: Answering;
  close(): Promise<void>;
}

/** @param tls PEM */
export async function startHttpReceiver(
  answer: Answering,
  tls?: { readonly key: string; readonly cert: string; readonly ca?: string; readonly requestCert?: boolean },
): Promise<HttpReceiver> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    // A test that fails to answer fails by what it waits for.
    void receive(request, response).catch(() => response.destroy());
  };
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    receiver.requests.push(received);
    await receiver.answer(received, response);
  }
  const server: Server =
    tls === undefined
      ? createServer(listener)
      : (createTlsServer({ ...tls, rejectUnauthorized: true }, listener) as Server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: HttpReceiver = {
    origin: `${tls === undefined ? 'http' : 'https'}://${host}`,
    host,
    requests: [],
    answer,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** A body that goes on for a GiB, or until nobody takes it any more. @returns bytes that were handed over */
export async function answerAGiB(response: ServerResponse, status: number, type = 'text/plain'): Promise<number> {
  response.writeHead(status, { 'content-type': type });
  const chunk = Buffer.alloc(2 ** 20, ' ');
  let bytes = 0;
  while (bytes < 2 ** 30 && !response.destroyed) {
    bytes += chunk.length;
    if (!response.write(chunk)) {
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  }
  response.end();
  return bytes;
}

/** A byte now and then, for ever. */
export function answerDrop(response: ServerResponse, everyMs: number, type = 'application/json'): void {
  response.writeHead(200, { 'content-type': type });
  const timer = setInterval(() => response.write(' '), everyMs);
  response.once('close', () => clearInterval(timer));
}

export function answerJson(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
