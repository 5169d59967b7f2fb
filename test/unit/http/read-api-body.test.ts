import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/http/admin/read-json.ts';
import type { Log } from '../../../src/kernel/log.ts';
import { fakeServers } from './serve-fakes.ts';

const serve = fakeServers();
const space = (length: number): string => `${' '.repeat(length)}{}`;

async function put(origin: string, path: string, body: string): Promise<string> {
  const response = await fetch(origin + path, {
    method: path.endsWith('import') ? 'POST' : 'PUT',
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  return `${response.status} ${await response.text()}`;
}

describe('the size of a JSON body', () => {
  it.each(['/api/config', '/api/config/import'])('may be that of many certificates at %s', async (path) => {
    const { origin } = await serve();
    expect(await put(origin, path, space(9_000_000))).not.toMatch(/^413/);
    expect(await put(origin, path, space(10_000_000))).toMatch(/^413 .*10000000 bytes/);
  });

  it('is small elsewhere, and the answer says how small', async () => {
    const { origin } = await serve();
    expect(await put(origin, '/api/peers/PACS1', space(300_000))).toMatch(/^413 .*262144 bytes/);
  });

  it('counts for all that arrive together: what is too much is to come again', async () => {
    const arriving = Array.from({ length: 7 }, () => body());
    const read = arriving.map((each) => readJson(each, 10_000_000).catch(String));
    for (const each of arriving) each.write(Buffer.from(space(9_900_000)));
    expect(await read[6]).toContain('Try again in a moment');
    for (const each of arriving) each.end();
    expect(await Promise.all(read.slice(0, 6))).toEqual(Array.from({ length: 6 }, () => ({})));
    const next = body();
    next.end(space(9_900_000));
    expect(await readJson(next, 10_000_000)).toEqual({});
  });
});

describe('a client that sends JSON', () => {
  it.each([
    ['PUT', '/api/peers/PACS1'],
    ['POST', '/dicom-web/extendedquerytags'],
  ])('and waits for leave to (%s %s) gets it', async (method, path) => {
    const { origin } = await serve();
    const sent = request(origin + path, {
      method,
      headers: { 'Content-Type': 'application/json', 'Content-Length': 2, Expect: '100-continue' },
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.end('[]');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(400);
  });

  it('and goes away in the middle of it is nothing that somebody has to act on', async () => {
    const lines: string[] = [];
    const note = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
    const log: Log = { error: note('error'), warn: note('warn'), info: note('info'), debug() {}, child: () => log };
    const { port } = await serve({ log });
    const socket = connect(port, '127.0.0.1');
    socket.write('PUT /api/peers/PACS1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    socket.end('Content-Length: 100\r\n\r\n{"host":');
    await expect.poll(() => lines).toEqual(['info: client left before its request was complete']);
    socket.destroy();
  });
});

function body(): PassThrough & Request {
  return Object.assign(new PassThrough(), { headers: { 'content-type': 'application/json' } }) as never;
}
