import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { errnoOf } from '../../kernel/errors.ts';

/** One file of a folder that is served, as it goes out. */
export interface StaticFile {
  readonly file: string;
  readonly size: number;
  readonly contentType: string;
  /** The name changes with the content. */
  readonly immutable: boolean;
  /** Weak, as the gzipped form has the same; none where the name says it all. */
  readonly etag?: string;
  /** The gzipped form that lies beside it. */
  readonly gzip?: { readonly file: string; readonly size: number };
}

/** By path below the folder, with `/` between its parts. What is not in here is not served. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
};

/** `app.bundle.0123456789abcdef.js`, `0123456789abcdef.wasm`: the name changes with the content. */
const hashedName = /(^|[./])[0-9a-f]{16}\.[a-z0-9]+$/;

/** @returns undefined if there is no `index.html` in the folder */
export async function listStaticFiles(dir: string): Promise<StaticFiles | undefined> {
  const found = new Map<string, { file: string; size: number }>();
  try {
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      found.set(relative(dir, file).replaceAll(sep, '/'), { file, size: (await stat(file)).size });
    }
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' || errnoOf(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  }
  if (!found.has('index.html')) return undefined;
  const files = new Map<string, StaticFile>();
  for (const [path, { file, size }] of found) {
    const contentType = contentTypes[extname(path)];
    if (contentType === undefined) continue;
    const immutable = hashedName.test(path);
    const gzip = found.get(`${path}.gz`);
    files.set(path, {
      file,
      size,
      contentType,
      immutable,
      ...(immutable ? {} : { etag: await contentEtag(file) }),
      ...(gzip === undefined ? {} : { gzip }),
    });
  }
  return files;
}

async function contentEtag(file: string): Promise<string> {
  return `W/"${createHash('sha256')
    .update(await readFile(file))
    .digest('base64url')
    .slice(0, 22)}"`;
}
