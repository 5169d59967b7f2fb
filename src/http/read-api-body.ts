import type { RequestHandler } from 'express';
import { readJson } from './admin/read-json.ts';

/** Reads the JSON bodies of `/api`, so that they are validated as the OpenAPI document has them. */
export const readApiBody: RequestHandler = async (request, _response, next) => {
  const hasBody = request.headers['content-length'] !== '0' && /^(POST|PUT|PATCH)$/.test(request.method);
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  if (request.path.startsWith('/api/') && hasBody && (isChunked || request.headers['content-length'] !== undefined)) {
    request.body = await readJson(request);
  }
  next();
};
