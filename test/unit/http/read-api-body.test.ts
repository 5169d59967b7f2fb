import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/http/admin/read-json.ts';
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

function body(): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers: { 'content-type': 'application/json' } }) as never;
}
