import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../../src/kernel/log.ts';
import { createMetrics } from '../../../src/kernel/metrics.ts';
import { fakeFile } from './fake-house.ts';
import { type FakeServer, fakeServers } from './serve-fakes.ts';

let server: FakeServer;

const servers = fakeServers();

async function serve(...options: Parameters<typeof servers>): Promise<FakeServer> {
  server = await servers(...options);
  return server;
}

describe('searching by QIDO-RS', () => {
  it.each([
    ['/studies', 'study', []],
    ['/series', 'series', []],
    ['/instances', 'instance', []],
    ['/studies/1.2/series', 'series', ['1.2']],
    ['/studies/1.2/instances', 'instance', ['1.2']],
    ['/studies/1.2/series/3.4/instances', 'instance', ['1.2', '3.4']],
  ])('%s searches at the %s level', async (path, level, values) => {
    const { house, web } = await serve();
    const response = await fetch(web + path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([]);
    expect(house.queries[0]?.level).toBe(level);
    expect(house.queries[0]?.conditions.map((one) => (one.kind === 'single' ? one.value : one.kind))).toEqual(values);
  });

  it('takes the query of the OHIF study list', async () => {
    const { house, web } = await serve();
    const query =
      'limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090%2C00100030&00100020=*X*' +
      '&StudyDate=20200101-20201231&ModalitiesInStudy=CT%2CMR&AccessionNumber=*X*';
    const response = await fetch(`${web}/studies?${query}`);
    expect(response.status).toBe(200);
    expect(house.queries[0]).toMatchObject({ limit: 101, offset: 0 });
    expect(house.queries[0]?.conditions).toHaveLength(4);
  });

  it('adds RetrieveURL at its place and warns of what is missing', async () => {
    const { house, web } = await serve();
    house.state.matches = [
      {
        '00080018': { vr: 'UI', Value: ['5'] },
        '0020000D': { vr: 'UI', Value: ['1'] },
        '0020000E': { vr: 'UI', Value: ['3'] },
      },
    ];
    house.state.remaining = 7;
    house.state.warnings = ['The key "X" is not indexed.'];
    const response = await fetch(`${web}/instances`);
    const matches = (await response.json()) as Record<string, unknown>[];
    expect(Object.keys(matches[0] ?? {})).toEqual(['00080018', '00081190', '0020000D', '0020000E']);
    expect(matches[0]?.['00081190']).toEqual({ vr: 'UR', Value: [`${web}/studies/1/series/3/instances/5`] });
    expect(response.headers.get('warning')).toMatch(
      /^299 \S+: "The key \\"X\\" is not indexed\.", 299 \S+: "There are 7 additional results that can be requested"$/,
    );
  });

  it.each([
    ['Foo=1', 'Foo'],
    ['limit=x', 'limit'],
    ['limit=-1', 'limit'],
    ['offset=1.5', 'offset'],
    ['fuzzymatching=maybe', 'fuzzymatching'],
    ['includefield=Foo', 'includefield'],
    ['StudyDate=-', 'StudyDate'],
    ['StudyDate=8am&StudyTime=10', 'StudyDate'],
    ['StudyDate=20240101&StudyTime=8am', 'StudyTime'],
    ['StudyDate=20240101&StudyTime=22-06', 'StudyTime'],
  ])('refuses %s and names the parameter', async (query, parameter) => {
    const { web } = await serve();
    const response = await fetch(`${web}/studies?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'urn:causeway:problem:bad-request', parameter });
  });

  it('answers 204 without matches where that is configured', async () => {
    const { web } = await serve({ searchEmptyStatus: 204 });
    expect((await fetch(`${web}/studies`)).status).toBe(204);
  });

  it.each([
    ['', 204, null],
    [', application/json; q=0.1', 200, 'application/json'],
  ])('answers who takes XML%s without matches with %i', async (more, status, type) => {
    const { web } = await serve();
    const Accept = `multipart/related; type=application/dicom+xml${more}`;
    const response = await fetch(`${web}/studies`, { headers: { Accept } });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
    expect(await response.text()).toBe(status === 204 ? '' : '[]');
  });

  it('cuts the limit to the configured one', async () => {
    const { house, web } = await serve({ limits: { searchLimit: 50 } });
    const response = await fetch(`${web}/studies?limit=5000`);
    expect(house.queries[0]?.limit).toBe(50);
    expect(response.headers.get('warning')).toContain('50');
  });

  it('sends XML, a part a match', async () => {
    const { house, web } = await serve();
    house.state.matches = [{ '0020000D': { vr: 'UI', Value: ['1'] } }];
    const response = await fetch(`${web}/studies`, {
      headers: { Accept: 'multipart/related; type=application/dicom+xml' },
    });
    expect(response.headers.get('content-type')).toMatch(/^multipart\/related; type="application\/dicom\+xml"/);
    expect(await response.text()).toContain('<NativeDicomModel');
  });
});

describe('addresses', () => {
  async function retrieveUrl(path: string, headers: Record<string, string> = {}): Promise<unknown> {
    server.house.state.matches = [{ '0020000D': { vr: 'UI', Value: ['1'] } }];
    // fetch would not send a Host of our choice.
    const text = await new Promise<string>((resolve) => {
      let answer = '';
      const socket = connect(server.port, '127.0.0.1', () => {
        const lines = Object.entries({ Host: 'own.local:81', ...headers }).map(
          ([name, value]) => `${name}: ${value}\r\n`,
        );
        socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`);
      });
      socket.on('data', (chunk) => {
        answer += chunk.toString();
      });
      socket.on('close', () => resolve(answer));
    });
    return JSON.parse(text.slice(text.indexOf('[')))[0]['00081190'].Value[0];
  }

  it('start with what the client called us', async () => {
    await serve();
    expect(await retrieveUrl('/dicom-web/studies')).toBe('http://own.local:81/dicom-web/studies/1');
  });

  it('keep the version that the client used', async () => {
    await serve();
    expect(await retrieveUrl('/v2/dicom-web/studies')).toBe('http://own.local:81/v2/dicom-web/studies/1');
  });

  it('start with the public URL where one is configured', async () => {
    await serve({ publicUrl: 'https://pacs.example/causeway/', trustProxy: true });
    const url = await retrieveUrl('/dicom-web/studies', { 'X-Forwarded-Host': 'else.example' });
    expect(url).toBe('https://pacs.example/causeway/dicom-web/studies/1');
  });

  it.each<[Record<string, string>, string]>([
    [{ Forwarded: 'for=1.2.3.4;proto=https;host=a.example, for=x;host=b.example' }, 'https://a.example'],
    [{ Forwarded: 'host="a.example:444";proto=https' }, 'https://a.example:444'],
    [{ 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example, b.example' }, 'https://a.example'],
    [
      { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example', 'X-Forwarded-Port': '8443' },
      'https://a.example:8443',
    ],
    [{ 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example', 'X-Forwarded-Port': '443' }, 'https://a.example'],
    [{ 'X-Forwarded-Host': 'a.example', 'X-Forwarded-Prefix': '/pacs/' }, 'http://a.example/pacs'],
    [{ 'X-Forwarded-Host': 'evil.example/x"><script>' }, 'http://own.local:81'],
    [{ 'X-Forwarded-Proto': 'javascript' }, 'http://own.local:81'],
  ])('start with what a trusted proxy says in %j', async (headers, expected) => {
    await serve({ trustProxy: true });
    expect(await retrieveUrl('/dicom-web/studies', headers)).toBe(`${expected}/dicom-web/studies/1`);
  });

  it('do not start with what anybody else says', async () => {
    await serve();
    const headers = { Forwarded: 'host=a.example', 'X-Forwarded-Host': 'b.example', 'X-Forwarded-Proto': 'https' };
    expect(await retrieveUrl('/dicom-web/studies', headers)).toBe('http://own.local:81/dicom-web/studies/1');
  });

  it('lie under the configured base path and under no other', async () => {
    const { web, origin } = await serve({ basePath: '/pacs/rs' });
    expect((await fetch(`${web}/studies`)).status).toBe(200);
    expect((await fetch(`${origin}/v9/pacs/rs/studies`)).status).toBe(200);
    expect((await fetch(`${origin}/dicom-web/studies`)).status).toBe(404);
    expect((await fetch(`${web}/studies/`)).status).toBe(200);
  });
});

describe('the HTTP door', () => {
  it.each([
    ['GET', '/dicom-web/nothing', 404],
    ['GET', '/', 404],
    ['GET', '/dicom-web', 405],
    ['PUT', '/dicom-web/studies', 405],
    ['DELETE', '/dicom-web/studies', 405],
    ['POST', '/dicom-web/studies/1/series/2', 405],
    ['GET', '/dicom-web/studies/%E0%A4%A', 400],
  ])('answers %s %s with %i and a problem', async (method, path, status) => {
    const { origin } = await serve();
    const response = await fetch(origin + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status, instance: `urn:uuid:${response.headers.get('x-request-id')}` });
    expect(JSON.stringify(problem)).not.toMatch(/at .*\.ts|node_modules/);
    if (status === 405) expect(response.headers.get('allow')).toMatch(/OPTIONS/);
  });

  it('says that the encoding of a path is at fault, not a parameter', async () => {
    const { web } = await serve();
    const response = await fetch(`${web}/studies/%E0%A4%A/series/1.2/metadata`);
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ status: 400, detail: 'The path has a percent sign that begins no character.' });
    expect(problem).not.toHaveProperty('parameter');
  });

  it('shows nothing of an unexpected failure but that it happened', async () => {
    const errors: unknown[] = [];
    const log: Log = { error: (...all) => errors.push(all), warn() {}, info() {}, debug() {}, child: () => log };
    const { web } = await serve({
      log,
      search: {
        find: async () => {
          throw new Error('select from secret');
        },
        async *findAll() {},
        extendedVrs: async () => new Map(),
        count: async () => ({ count: 0, warnings: [] }),
      },
    });
    const response = await fetch(`${web}/studies`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(errors).toHaveLength(1);
  });

  it('lets web pages call and read what they need', async () => {
    const { web } = await serve({ corsOrigins: ['*'] });
    const preflight = await fetch(`${web}/studies`, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://viewer.example',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type, authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type, authorization');
    const exposed = (await fetch(`${web}/studies`)).headers.get('access-control-expose-headers');
    for (const name of ['Content-Location', 'Location', 'Warning', 'ETag', 'Retry-After'])
      expect(exposed).toContain(name);
  });

  it('lets only the configured web pages call', async () => {
    const { web } = await serve({ corsOrigins: ['https://viewer.example'] });
    const from = async (origin: string) => (await fetch(`${web}/studies`, { headers: { Origin: origin } })).headers;
    expect((await from('https://viewer.example')).get('access-control-allow-origin')).toBe('https://viewer.example');
    const other = await from('https://other.example');
    expect(other.get('access-control-allow-origin')).toBeNull();
    expect(other.get('vary')).toContain('Origin');
  });

  it('lets pages that this machine serves call, and no others, unless told otherwise', async () => {
    const { web } = await serve();
    const allowed = async (origin: string) =>
      (await fetch(`${web}/studies`, { headers: { Origin: origin } })).headers.get('access-control-allow-origin');
    expect(await allowed('http://localhost:3000')).toBe('http://localhost:3000');
    expect(await allowed('http://[::1]')).toBe('http://[::1]');
    expect(await allowed('https://viewer.example')).toBeNull();
    expect(await allowed('http://localhost.viewer.example')).toBeNull();
  });

  it('tells whether it lives and what it lacks', async () => {
    const state = { up: true };
    const { origin } = await serve({
      checks: {
        index: async () => {},
        blobs: async () => {
          if (!state.up) throw new Error('no such folder');
        },
      },
    });
    expect(await (await fetch(`${origin}/health/live`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
    state.up = false;
    const response = await fetch(`${origin}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'unavailable',
      checks: { index: { ok: true }, blobs: { ok: false, message: 'no such folder' } },
    });
  });

  it('tells what somebody has to see to, and is ready all the same', async () => {
    const { origin } = await serve({ warnings: async () => ['Nothing is purged: there is no proof.'] });
    const response = await fetch(`${origin}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ok',
      checks: {},
      warnings: ['Nothing is purged: there is no proof.'],
    });
  });

  it('measures each operation by its route, not by its UIDs', async () => {
    const { origin, web } = await serve({ metrics: createMetrics() });
    await (await fetch(`${web}/studies/1.2.3/metadata`)).text();
    const text = await (await fetch(`${origin}/metrics`)).text();
    expect(text).toMatch(
      /causeway_http_request_seconds_count\{method="GET",route="\/dicom-web\/studies\/\{study\}\/metadata",status="404"\} 1/,
    );
    expect(text).not.toContain('1.2.3');
  });

  it('logs requests without what they ask', async () => {
    const lines: unknown[] = [];
    const log: Log = { error() {}, warn() {}, info() {}, debug: (...all) => lines.push(all), child: () => log };
    const { web } = await serve({ log });
    await (await fetch(`${web}/studies?PatientName=Doe`)).text();
    await expect.poll(() => lines).toHaveLength(1);
    expect(lines[0]).toMatchObject(['http request', { method: 'GET', route: '/dicom-web/studies', status: '200' }]);
    expect(JSON.stringify(lines)).not.toContain('Doe');
  });

  it('closes connections on which nothing moves', async () => {
    await serve({}, { idleTimeoutMs: 100 });
    const closed = new Promise((resolve) => connect(server.port, '127.0.0.1').on('close', resolve));
    await closed;
  });

  it('keeps a connection on which nothing moves while its request is worked on', async () => {
    await serve({}, { idleTimeoutMs: 50 });
    server.house.state.finishDelayMs = 400;
    const stored = await fetch(`${server.web}/studies`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/dicom' },
      body: fakeFile({ study: '1.2.3', series: '1.2.3.4', instance: '1.2.3.4.7' }),
    });
    expect(stored.status).toBe(200);
  });

  it('closes the connection of a client that stops in the middle of its body', async () => {
    await serve({}, { idleTimeoutMs: 100 });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/dicom\r\n');
    socket.write('Content-Length: 1000\r\n\r\n{"study":');
    await new Promise((resolve) => socket.resume().on('close', resolve));
    await expect.poll(() => server.house.state.aborted).toBe(1);
  });

  it('closes the connection of a client that takes nothing of its answer', async () => {
    await serve({}, { idleTimeoutMs: 100 });
    const instance = { study: '1.2.3', series: '1.2.3.4', instance: '1.2.3.4.8' };
    await fetch(`${server.web}/studies`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/dicom' },
      body: fakeFile(instance),
    });
    server.house.state.endless = true;
    const socket = connect(server.port, '127.0.0.1').pause();
    socket.write('GET /dicom-web/studies/1.2.3 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => server.house.state.openFiles).toBe(1);
    await expect.poll(() => server.house.state.openFiles, { timeout: 5000 }).toBe(0);
    socket.destroy();
  });

  it('lets running answers end when it closes', async () => {
    await serve({});
    server.house.state.finishDelayMs = 100;
    const uids = { study: '1.2.3', series: '1.2.3.4', instance: '1.2.3.4.6' };
    const running = fetch(`${server.web}/studies`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/dicom' },
      body: fakeFile(uids),
    });
    await expect.poll(() => server.house.state.finishing).toBe(1);
    const closing = server.close();
    expect((await running).status).toBe(200);
    await closing;
  });
});
