import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeServers } from './serve-fakes.ts';

const servers = fakeServers();
const bundle = 'assets/index.0123456789abcdef.js';
const code = `/* ${'code '.repeat(1000)}*/`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'causeway-page-'));
  await put(join(dir, 'ui'));
});
afterEach(() => rm(dir, { recursive: true }));

async function put(folder: string, title = 'Causeway'): Promise<void> {
  const files = {
    'index.html': `<title>${title}</title><base href="%base%"><meta name="dicomweb" content="%dicomweb%"><meta name="viewer" content="%viewer%"><meta name="style-nonce" content="%nonce%">`,
    'favicon.svg': '<svg/>',
    [bundle]: code,
    [`${bundle}.gz`]: gzipSync(code),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function serve(options: { basePath?: string; viewerDir?: string } = {}): Promise<string> {
  return (await servers({ pageDir: join(dir, 'ui'), ...options })).origin;
}

describe('the page', () => {
  it('is answered at each of its places, and told how it finds back to its root', async () => {
    const origin = await serve();
    for (const [path, base] of [
      ['/', './'],
      ['/?from=2024-01-01', './'],
      ['/status', './'],
      ['/status/studies', '../'],
      ['/status/studies/1.2.840.10008', '../../'],
      ['/config/publishers', '../'],
      ['/upload', './'],
    ]) {
      const response = await fetch(origin + path);
      expect([path, response.status, response.headers.get('content-type')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
      ]);
      expect(await response.text()).toContain(`<base href="${base}">`);
    }
  });

  it('is told where DICOMweb lives, and whether there is a viewer', async () => {
    const without = await (await fetch(await serve({ basePath: '/a/b', viewerDir: join(dir, 'none') }))).text();
    expect(without).toContain('name="dicomweb" content="a/b"');
    expect(without).toContain('name="viewer" content=""');
    await mkdir(join(dir, 'viewer'));
    await writeFile(join(dir, 'viewer/index.html'), '');
    const withOne = await (await fetch(await serve({ viewerDir: join(dir, 'viewer') }))).text();
    expect(withOne).toContain('name="viewer" content="viewer"');
  });

  it('lets nothing run or be shown that is not its own: a nonce that is never the same marks its styles', async () => {
    const origin = await serve();
    const nonces = new Set<string>();
    for (let time = 0; time < 2; time++) {
      const response = await fetch(origin);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe');
      const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? [];
      expect(await response.text()).toContain(`content="${nonce}"`);
      expect(response.headers.get('cache-control')).toBe('no-store');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(2);
  });

  it('sends files with a hash in their names for ever, gzipped to who takes it', async () => {
    const origin = await serve();
    const { status, headers } = await fetch(`${origin}/${bundle}`);
    expect([
      status,
      headers.get('cache-control'),
      headers.get('content-encoding'),
      headers.get('content-type'),
    ]).toEqual([200, 'public, max-age=31536000, immutable', 'gzip', 'text/javascript; charset=utf-8']);
    const icon = await fetch(`${origin}/favicon.svg`);
    expect([icon.status, icon.headers.get('cache-control')]).toEqual([200, 'no-cache']);
  });

  it('has no files but its own, and no places but those that it knows', async () => {
    const origin = await serve();
    for (const path of [
      '/assets/index.fedcba9876543210.js',
      '/assets/%2e%2e/index.html',
      '/favicon.ico',
      '/statuses',
      '/api/nowhere',
    ]) {
      const { status, headers } = await fetch(origin + path);
      expect([path, status, headers.get('content-type')]).toEqual([path, 404, 'application/problem+json']);
    }
  });

  it('is only read', async () => {
    const origin = await serve();
    const response = await fetch(`${origin}/status/studies`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const head = await fetch(`${origin}/status/studies`, { method: 'HEAD' });
    expect([head.status, Number(head.headers.get('content-length')) > 100, await head.text()]).toEqual([200, true, '']);
  });

  it('says that it is coming while it is not built, and is there as soon as it is', async () => {
    const { origin } = await servers({ pageDir: join(dir, 'later') });
    const early = await fetch(origin);
    expect([early.status, early.headers.get('refresh')]).toEqual([503, '5']);
    expect(await early.text()).toContain('npm run build');
    expect((await fetch(`${origin}/${bundle}`)).status).toBe(404);
    await rename(join(dir, 'ui'), join(dir, 'later'));
    expect((await fetch(origin)).status).toBe(200);
    await put(join(dir, 'another'), 'Another');
    await rename(join(dir, 'later'), join(dir, 'old'));
    await rename(join(dir, 'another'), join(dir, 'later'));
    expect(await (await fetch(origin)).text()).toContain('Another');
  });
});
