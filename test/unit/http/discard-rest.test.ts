import { Agent, createServer, type IncomingMessage, request as requestTo } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { discardRest } from '../../../src/http/discard-rest.ts';

/** What holds a body back: a reader of it that has stopped, and whom it waits for. */
function holdBack(request: IncomingMessage): void {
  request.on('readable', () => {});
}

describe('the rest of a body that is answered already', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    holdBack(request);
    response.end('answered', () => discardRest(request));
  });
  let port = 0;

  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    agent.destroy();
    server.close();
    server.closeAllConnections();
    sockets.clear();
  });

  function post(body: Buffer, isWhole: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-length': isWhole ? body.length : 2 * body.length };
      const request = requestTo({ port, host: '127.0.0.1', method: 'POST', agent, headers }, (response) => {
        response.on('data', () => {});
        response.on('end', () => resolve('answered'));
      });
      request.on('error', reject);
      if (isWhole) request.end(body);
      else request.write(body);
    });
  }

  it('does not end a connection whose request came whole, however long it lies unread', async () => {
    expect(await post(Buffer.alloc(20), true)).toBe('answered');
    vi.advanceTimersByTime(11_000);
    expect(await post(Buffer.alloc(20), true)).toBe('answered');
    expect(sockets.size).toBe(1);
  });

  it('is waited for no longer than ten seconds', async () => {
    let isClosed = false;
    server.once('connection', (socket) => socket.once('close', () => (isClosed = true)));
    expect(await post(Buffer.alloc(20), false)).toBe('answered');
    expect(isClosed).toBe(false);
    vi.advanceTimersByTime(11_000);
    await vi.waitFor(() => expect(isClosed).toBe(true));
  });
});
