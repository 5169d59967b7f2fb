import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Response } from 'express';

/**
 * Streams the answer; the headers are set already. A client that goes away stops the source, a source that fails
 * breaks the connection off, so that what is not whole cannot be taken for whole.
 * @throws whatever the source throws
 */
export async function sendBody(
  response: Response,
  body: Readable | AsyncIterable<Uint8Array>,
  encoding: 'identity' | 'gzip' = 'identity',
): Promise<void> {
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  if (response.req.method === 'HEAD' || response.destroyed) {
    source.destroy();
    response.end();
    return;
  }
  response.flushHeaders();
  try {
    if (encoding === 'gzip') await pipeline(source, createGzip({ level: 1 }), response);
    else await pipeline(source, response);
  } catch (thrown) {
    if (isPrematureClose(thrown) && response.destroyed && !source.errored) return;
    throw thrown;
  }
}

function isPrematureClose(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
