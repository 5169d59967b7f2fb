import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ProgramResult, runProgram } from '../support/peer-programs.ts';

const script = resolve(import.meta.dirname, '../../scripts/viewer.mjs');

/** A whole npm package of one file, which could be anybody's. */
function foreignPackage(): Buffer {
  const manifest = Buffer.from('{"name":"@ohif/app","version":"3.13.2"}');
  const header = Buffer.alloc(512);
  header.write('package/package.json', 0, 'latin1');
  header.write('0000644\0', 100, 'latin1');
  header.write(manifest.length.toString(8).padStart(11, '0'), 124, 'latin1');
  header.fill(' ', 148, 156);
  header.write('0', 156, 'latin1');
  header.write('ustar\0' + '00', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return gzipSync(Buffer.concat([header, manifest, Buffer.alloc(512 - manifest.length + 1024)]));
}

describe('npm run viewer', () => {
  let registry: Server;
  let url: string;
  let answer: RequestListener;
  let asked: string[];
  let folder: string;
  let target: string;

  beforeAll(async () => {
    registry = createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request, response);
    });
    await new Promise<void>((listening) => registry.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    folder = mkdtempSync(join(tmpdir(), 'causeway-viewer-fetch-'));
    target = join(folder, 'viewer');
    mkdirSync(target);
    writeFileSync(join(target, 'index.html'), 'the viewer of yesterday');
    writeFileSync(join(target, 'edition'), 'of yesterday');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  afterAll(() => new Promise((closed) => registry.close(closed)));

  /** As a user with this registry runs it, whose npm keeps nothing from before. */
  function fetchViewer(): Promise<ProgramResult> {
    return runProgram(process.execPath, [script, target], {
      env: {
        npm_config_registry: url,
        npm_config_cache: join(folder, 'npm'),
        npm_config_userconfig: join(folder, 'npmrc'),
        npm_config_fetch_retries: '0',
        npm_config_update_notifier: 'false',
        TMPDIR: folder,
      },
    });
  }

  function whatIsThere(): Record<string, string> {
    return Object.fromEntries(readdirSync(target).map((name) => [name, readFileSync(join(target, name), 'utf8')]));
  }

  const yesterdays = { 'index.html': 'the viewer of yesterday', edition: 'of yesterday' };
  /** Nothing half done: only the viewer, and what npm itself writes. */
  const left = () => readdirSync(folder).filter((name) => !/^(npm|node-compile-cache)/.test(name));

  it('refuses a package that is not the one this version was made with, though the registry vouches for it', async () => {
    const tarball = foreignPackage();
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const manifest = { name: '@ohif/app', version: '3.13.2', dist: { tarball: `${url}/app.tgz`, integrity } };
    answer = (request, response) => {
      if (request.url === '/app.tgz') response.end(tarball);
      else response.end(JSON.stringify({ name: '@ohif/app', versions: { '3.13.2': manifest } }));
    };
    const { code, output } = await fetchViewer();
    expect(asked).toContain('/app.tgz');
    expect(output).toContain('There is no viewer: What the registry gave as @ohif/app@3.13.2 is not what it was');
    expect(code).toBe(1);
    expect(whatIsThere()).toEqual(yesterdays);
    expect(left()).toEqual(['viewer']);
  });

  it('says what npm said where the registry has no such package, and leaves the former viewer', async () => {
    answer = (_request, response) => response.writeHead(404).end('{}');
    const { code, output } = await fetchViewer();
    expect(output).toMatch(/There is no viewer: npm pack @ohif\/app@3\.13\.2 failed: .*E404/);
    expect(code).toBe(1);
    expect(whatIsThere()).toEqual(yesterdays);
    expect(left()).toEqual(['viewer']);
  });

  it('asks nobody where this edition is there already', async () => {
    const pinned = /integrity = '([^']+)'/.exec(readFileSync(script, 'utf8'))?.[1];
    const move = readFileSync(join(script, '../move-viewer.mjs'));
    const edition = createHash('sha256').update(`${pinned}${move}`).digest('hex');
    writeFileSync(join(target, 'edition'), edition);
    expect(await fetchViewer()).toEqual({ code: 0, output: '' });
    expect(asked).toEqual([]);
    expect(whatIsThere()).toEqual({ ...yesterdays, edition });
  });
});
