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
  if (response.req.method === 'HEAD' || response.destroyed) {
    await giveUp(body);
    response.end();
    return;
  }
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
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

/** Started first: a generator that has not started does not close what it would read from. */
async function giveUp(body: AsyncIterable<unknown>): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.return?.();
}
