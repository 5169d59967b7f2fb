import { readFile } from 'node:fs/promises';
import type { Request, RequestHandler, Response } from 'express';
import { CausewayError } from '../../kernel/errors.ts';
import { answerUnread } from '../static/answer-unread.ts';
import { sendStaticFile } from '../static/send-static-file.ts';
import type { StaticFile } from '../static/static-files.ts';
import { watchFolder } from '../static/watch-folder.ts';

/**
 * Where the viewer lives; a study opens at `/viewer/viewer?StudyInstanceUIDs=…`, one that a peer has at
 * `/peers/{aeTitle}/viewer/viewer?StudyInstanceUIDs=…`.
 */
export const viewerPath = '/viewer';

/** The viewer over what a peer has; its page finds DICOMweb beside itself. */
const ofPeer = /^\/peers\/[^/]{1,48}(?=\/viewer(?:\/|$))/;

/** Of pages that hold one: the viewer compiles WebAssembly and shaders' wrappers, starts workers, and shows PDF and video from blobs. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' data: blob:",
  "media-src 'self' blob:",
  "object-src 'self' blob:",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/**
 * Serves the viewer that `npm run viewer` put into a folder; it may appear, or be replaced, while we run.
 * Paths that name no file are places within the viewer: its page answers them, told how it gets back to `/viewer/` and to
 * DICOMweb, so that no path prefix of a proxy needs to be known.
 * @param basePath of DICOMweb
 */
export function serveViewer({ dir, basePath }: { readonly dir: string; readonly basePath: string }): RequestHandler {
  const current = watchFolder(dir);
  return async (request, response, next) => {
    const path = request.path.replace(ofPeer, '');
    if (path !== viewerPath && !path.startsWith(`${viewerPath}/`)) {
      next();
      return;
    }
    if (answerUnread(request, response, 'The viewer')) return;
    const files = await current();
    if (files === undefined) {
      throw new CausewayError('not-found', 'The viewer is not installed: run `npm run viewer`.');
    }
    if (path === viewerPath) {
      // Relative, as a proxy may have taken a prefix off the path.
      response.setHeader('Location', `${viewerPath.slice(1)}/${/\?.*/.exec(request.url)?.[0] ?? ''}`);
      response.status(308).end();
      return;
    }
    const rest = path.slice(viewerPath.length + 1);
    response.setHeader('Content-Security-Policy', contentSecurityPolicy);
    response.setHeader('Referrer-Policy', 'no-referrer');
    const file = files.get(rest);
    if (file !== undefined && rest !== 'index.html') {
      await sendStaticFile(request, response, file);
    } else if (file !== undefined || isPlace(rest)) {
      await sendPage(request, response, files.get('index.html')!, rest, basePath);
    } else {
      throw new CausewayError('not-found', 'The viewer has no such file.');
    }
  };
}

/** The viewer's own routes are words, a file has an extension. */
function isPlace(rest: string): boolean {
  return /^[A-Za-z0-9_/-]{0,255}$/.test(rest);
}

async function sendPage(
  request: Request,
  response: Response,
  { file, contentType }: StaticFile,
  rest: string,
  basePath: string,
): Promise<void> {
  const page = (await readFile(file, 'utf8'))
    .replaceAll('%base%', '../'.repeat(rest.split('/').length - 1) || './')
    .replaceAll('%dicomweb%', `..${basePath}`);
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(page));
  response.end(request.method === 'HEAD' ? undefined : page);
}
