import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import { CausewayError } from '../../kernel/errors.ts';
import { answerUnread } from '../static/answer-unread.ts';
import { sendStaticFile } from '../static/send-static-file.ts';
import type { StaticFile } from '../static/static-files.ts';
import { watchFolder } from '../static/watch-folder.ts';

export interface PageOptions {
  /** What `npm run build` put together of `src/ui`; it may appear, or be replaced, while we run. */
  readonly dir: string;
  /** Of DICOMweb. */
  readonly basePath: string;
  /** Folder of the viewer that the page leads to; undefined where there is none. */
  readonly viewerDir: string | undefined;
}

/** Places within the page; a proxy may have taken a prefix off. */
const place = /^\/(?:(?:status|config|upload)(?:\/[A-Za-z0-9._~%:-]{1,256}){0,3}\/?)?$/;

const filePath = /^\/(?:assets\/.+|favicon\.svg)$/;

/** Of documents: styles that scripts of the page make carry its nonce; nothing else from elsewhere runs or is shown. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

/**
 * Serves the page at `/`, and at the paths of its places, so that they can be opened and bookmarked. The page is told how
 * it gets back to `/`, to DICOMweb and to the viewer, so that no path prefix of a proxy needs to be known.
 */
export function servePage({ dir, basePath, viewerDir }: PageOptions): RequestHandler {
  const current = watchFolder(dir);
  return async (request, response, next) => {
    const { path } = request;
    const isFile = filePath.test(path);
    if (!isFile && !place.test(path)) {
      next();
      return;
    }
    if (answerUnread(request, response, 'The page')) return;
    response.setHeader('Referrer-Policy', 'no-referrer');
    const files = await current();
    if (isFile) {
      const file = files?.get(path.slice(1));
      if (file === undefined) throw new CausewayError('not-found', 'The page has no such file.');
      response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
      await sendStaticFile(request, response, file);
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce));
    response.setHeader('Cache-Control', 'no-store');
    if (files === undefined) {
      sayNotBuilt(request, response);
      return;
    }
    await sendDocument(request, response, files.get('index.html')!, {
      base: '../'.repeat(path.split('/').length - 2) || './',
      dicomweb: basePath.slice(1),
      viewer: viewerDir !== undefined && existsSync(join(viewerDir, 'index.html')) ? 'viewer' : '',
      nonce,
    });
  };
}

async function sendDocument(
  request: Request,
  response: Response,
  { file, contentType }: StaticFile,
  values: Readonly<Record<'base' | 'dicomweb' | 'viewer' | 'nonce', string>>,
): Promise<void> {
  const text = await readFile(file, 'utf8');
  const page = text.replace(/%(base|dicomweb|viewer|nonce)%/g, (_, name: keyof typeof values) => values[name]);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(page));
  response.end(request.method === 'HEAD' ? undefined : page);
}

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Causeway</title>
<p>The page is not here yet. <code>npm start</code> and <code>npm run build</code> build it, which takes a minute at most; this
looks again every few seconds. DICOM and DICOMweb are served meanwhile.</p>`;

/** `npm start` serves before it builds the page. */
function sayNotBuilt(request: Request, response: Response): void {
  response.status(503);
  response.setHeader('Retry-After', '5');
  response.setHeader('Refresh', '5');
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(notBuilt));
  response.end(request.method === 'HEAD' ? undefined : notBuilt);
}
