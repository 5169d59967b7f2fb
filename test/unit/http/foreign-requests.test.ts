import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { fakeServers } from './serve-fakes.ts';

const serve = fakeServers();

/** fetch would not send Host, Origin or Sec-Fetch-Site of our choice. */
async function ask(port: number, method: string, path: string, headers: Record<string, string>) {
  const asked = request({ host: '127.0.0.1', port, method, path, headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe('a page whose own name was made to lead here', () => {
  it.each(['evil.example', 'evil.example:8080', 'EVIL.example.', '127.0.0.1.evil.example', 'localhost.evil.example'])(
    'learns nothing by the name %s',
    async (host) => {
      const { port } = await serve();
      const { status, body } = await ask(port, 'GET', '/dicom-web/studies', { Host: host });
      expect(status).toBe(403);
      expect(body).toContain('CAUSEWAY_WEB_NAMES');
    },
  );

  it.each(['127.0.0.1:8080', '[::1]:8080', '10.1.2.3', 'localhost', 'pacs', 'pacs.local', hostname(), 'a.home.arpa:1'])(
    'is not confused with %s',
    async (host) => {
      const { port } = await serve();
      expect(await ask(port, 'GET', '/dicom-web/studies', { Host: host })).toMatchObject({ status: 200 });
    },
  );

  it('is let in by a name that is configured, or that of the public URL', async () => {
    const { port } = await serve({ webNames: ['Pacs.example'], publicUrl: 'https://images.example/causeway' });
    for (const host of ['pacs.example:81', 'images.example'])
      expect(await ask(port, 'GET', '/dicom-web/studies', { Host: host })).toMatchObject({ status: 200 });
    expect(await ask(port, 'GET', '/dicom-web/studies', { Host: 'other.example' })).toMatchObject({ status: 403 });
  });

  it('is the business of a proxy that is trusted, and of nobody where any name will do', async () => {
    for (const options of [{ trustProxy: true }, { webNames: ['*'] }]) {
      const { port } = await serve(options);
      expect(await ask(port, 'GET', '/dicom-web/studies', { Host: 'pacs.example' })).toMatchObject({ status: 200 });
    }
  });
});

describe('a page of another origin', () => {
  const foreign: [string, Record<string, string>][] = [
    ['says where it is from', { Origin: 'https://evil.example' }],
    ['has the same host at another port', { Host: 'pacs.local:8080', Origin: 'http://pacs.local:9090' }],
    ['hides where it is from', { Origin: 'null' }],
    ['is told of by the browser alone', { 'Sec-Fetch-Site': 'cross-site' }],
    ['is a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
  ];

  it.each(foreign)('changes nothing: it %s', async (_, headers) => {
    const { port } = await serve();
    const { status, body } = await ask(port, 'POST', '/api/peers/PACS1/echo', headers);
    expect(status).toBe(403);
    expect(body).toContain('CAUSEWAY_CORS_ORIGINS');
  });

  it.each(foreign)('may read, as far as its browser lets it: it %s', async (_, headers) => {
    const { port } = await serve();
    expect(await ask(port, 'GET', '/dicom-web/studies', headers)).toMatchObject({ status: 200 });
  });

  it.each<[string, Record<string, string>]>([
    ['a script, which has no origin', {}],
    ['our own page', { Host: 'pacs.local:8080', Origin: 'http://pacs.local:8080' }],
    ['our own page behind a proxy that ends TLS', { Host: 'pacs.local', Origin: 'https://pacs.local' }],
    [
      'our own page behind a proxy that changes the host',
      { Host: 'inside:81', Origin: 'http://pacs.local', 'Sec-Fetch-Site': 'same-origin' },
    ],
    ['a person who types', { 'Sec-Fetch-Site': 'none' }],
    ['a page of this machine', { Origin: 'http://localhost:3000', 'Sec-Fetch-Site': 'cross-site' }],
    ['a page that is configured', { Origin: 'https://viewer.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['our own page at the public URL', { Host: 'inside:81', Origin: 'https://images.example' }],
  ])('is not confused with %s', async (_, headers) => {
    const { port } = await serve({
      corsOrigins: ['loopback', 'https://viewer.example'],
      publicUrl: 'https://images.example/causeway',
    });
    expect((await ask(port, 'POST', '/api/peers/PACS1/echo', headers)).status).not.toBe(403);
  });
});
