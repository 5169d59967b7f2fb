import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeServers } from './serve-fakes.ts';

const servers = fakeServers();
const bundle = 'app.bundle.0123456789abcdef.js';
const code = `/* ${'code '.repeat(1000)}*/`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'causeway-viewer-'));
  await put(join(dir, 'viewer'));
  await writeFile(join(dir, 'secret.txt'), 'secret');
});
afterEach(() => rm(dir, { recursive: true }));

async function put(folder: string, title = 'Viewer'): Promise<void> {
  const files = {
    'index.html': `<title>${title}</title><script src="%base%base.js" data-dicomweb="%dicomweb%"></script>`,
    'app-config.js': 'window.config = {};',
    [bundle]: code,
    [`${bundle}.gz`]: gzipSync(code),
    'assets/logo.svg': '<svg/>',
    'fedcba9876543210.wasm': '\0asm',
    notes: 'of nobody’s business',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function serve(options: { basePath?: string } = {}): Promise<string> {
  const { origin } = await servers({ viewerDir: join(dir, 'viewer'), ...options });
  return `${origin}/viewer`;
}

describe('the viewer', () => {
  it.each([
    ['/', './'],
    ['/index.html', './'],
    ['/viewer?StudyInstanceUIDs=1.2.3', './'],
    ['/viewer/causeway', '../'],
    ['/viewer/causeway/', '../../'],
  ])('answers %s with its page, which finds back to the viewer by %s', async (path, base) => {
    const response = await fetch((await serve()) + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain(`<script src="${base}base.js" data-dicomweb="../dicom-web">`);
  });

  it('tells its page where DICOMweb lives', async () => {
    const response = await fetch(`${await serve({ basePath: '/a/b' })}/`);
    expect(await response.text()).toContain('data-dicomweb="../a/b"');
  });

  it('leads from /viewer to /viewer/ below any prefix, and keeps the query', async () => {
    const response = await fetch(`${await serve()}?StudyInstanceUIDs=1.2`, { redirect: 'manual' });
    expect(response.status).toBe(308);
    expect(response.headers.get('location')).toBe('viewer/?StudyInstanceUIDs=1.2');
  });

  it('sends its files with their types, those with a hash in their names for ever', async () => {
    const viewer = await serve();
    const immutable = 'public, max-age=31536000, immutable';
    for (const [path, type, caching] of [
      [bundle, 'text/javascript; charset=utf-8', immutable],
      ['fedcba9876543210.wasm', 'application/wasm', immutable],
      ['app-config.js', 'text/javascript; charset=utf-8', 'no-cache'],
      ['assets/logo.svg', 'image/svg+xml', 'no-cache'],
    ]) {
      const { status, headers } = await fetch(`${viewer}/${path}`);
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, type, caching]);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('answers 304 to who has the current content, and again 200 when it has changed', async () => {
    const viewer = await serve();
    const ask = (etag: string) => fetch(`${viewer}/app-config.js`, { headers: { 'If-None-Match': etag } });
    const first = (await ask('"other"')).headers.get('etag') ?? '';
    expect((await ask(first)).status).toBe(304);
    await put(join(dir, 'next'));
    await writeFile(join(dir, 'next/app-config.js'), 'window.config = { changed: true };');
    await rename(join(dir, 'viewer'), join(dir, 'old'));
    await rename(join(dir, 'next'), join(dir, 'viewer'));
    const changed = await ask(first);
    expect([changed.status, await changed.text()]).toEqual([200, 'window.config = { changed: true };']);
  });

  it('sends the gzipped form to who accepts it', async () => {
    const viewer = await serve();
    const ask = (encoding: string) => fetch(`${viewer}/${bundle}`, { headers: { 'Accept-Encoding': encoding } });
    const gzipped = await ask('gzip');
    expect(gzipped.headers.get('content-encoding')).toBe('gzip');
    expect(gzipped.headers.get('vary')).toContain('Accept-Encoding');
    expect(await gzipped.text()).toBe(code);
    const plain = await ask('identity');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(code);
  });

  it('answers HEAD without a body', async () => {
    const viewer = await serve();
    for (const path of ['', bundle, 'app-config.js']) {
      const response = await fetch(`${viewer}/${path}`, { method: 'HEAD', headers: { 'Accept-Encoding': 'identity' } });
      expect(response.status).toBe(200);
      expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
      expect(await response.text()).toBe('');
    }
  });

  it.each([
    '/missing.js',
    '/app.bundle.0000000000000000.js',
    '/assets/missing.png',
    '/notes.',
    `/${bundle}.gz`,
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//etc/passwd%00.js',
  ])('has no %s', async (path) => {
    const { port } = new URL(await serve());
    // fetch would take the dots out of the path.
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`GET /viewer${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      });
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toContain('secret');
  });

  it('is only read', async () => {
    const response = await fetch(`${await serve()}/`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  it('says how it is installed where it is not, and appears when it is', async () => {
    await rename(join(dir, 'viewer'), join(dir, 'away'));
    const viewer = await serve();
    const missing = await fetch(`${viewer}/`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ detail: expect.stringContaining('npm run viewer') });
    await rename(join(dir, 'away'), join(dir, 'viewer'));
    expect((await fetch(`${viewer}/`)).status).toBe(200);
  });

  it('is nowhere when it is switched off', async () => {
    const { origin } = await servers();
    expect((await fetch(`${origin}/viewer/`)).status).toBe(404);
  });
});
