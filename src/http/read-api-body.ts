import type { RequestHandler } from 'express';
import { readJson } from './admin/read-json.ts';

/** A configuration may bring the certificates of a hundred endpoints. The page offers files of this size, too. */
const maxConfigurationBytes = 10_000_000;

/** Reads the JSON bodies of `/api`, so that they are validated as the OpenAPI document has them. */
export const readApiBody: RequestHandler = async (request, _response, next) => {
  const hasBody = request.headers['content-length'] !== '0' && /^(POST|PUT|PATCH)$/.test(request.method);
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  if (request.path.startsWith('/api/') && hasBody && (isChunked || request.headers['content-length'] !== undefined)) {
    const isConfiguration = /^\/api\/config(?:\/import)?$/.test(request.path);
    request.body = await readJson(request, isConfiguration ? maxConfigurationBytes : undefined);
  }
  next();
};
