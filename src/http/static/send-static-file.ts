import { createReadStream } from 'node:fs';
import type { Request, Response } from 'express';
import { acceptsGzip, isKnownEtag } from '../cache-headers.ts';
import { sendBody } from '../send-body.ts';
import type { StaticFile } from './static-files.ts';

/** Answers GET or HEAD: gzipped for who accepts it, not at all for who has it. */
export async function sendStaticFile(request: Request, response: Response, file: StaticFile): Promise<void> {
  response.setHeader('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (file.etag !== undefined) response.setHeader('ETag', file.etag);
  if (file.gzip !== undefined) response.vary('Accept-Encoding');
  if (file.etag !== undefined && isKnownEtag(request.headers['if-none-match'], file.etag)) {
    response.status(304).end();
    return;
  }
  const gzip = acceptsGzip(request.headers['accept-encoding']) ? file.gzip : undefined;
  if (gzip !== undefined) response.setHeader('Content-Encoding', 'gzip');
  const { file: path, size } = gzip ?? file;
  response.setHeader('Content-Type', file.contentType);
  response.setHeader('Content-Length', size);
  if (request.method === 'HEAD') response.end();
  else await sendBody(response, createReadStream(path));
}
