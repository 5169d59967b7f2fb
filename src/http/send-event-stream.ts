import { once } from 'node:events';
import type { Response } from 'express';
import type { Exchange } from './exchange.ts';

/**
 * Sends server-sent events, one at a time: what a client does not take yet is not read yet. Ends when the client goes,
 * stalls, or the events end.
 * @param stallMs a client that takes nothing for so long is dropped; it may come back and go on
 * @param follow begins to read; what it throws becomes the answer
 */
export async function sendEventStream(
  { request, response, log }: Exchange,
  stallMs: number,
  follow: (gone: AbortSignal) => Promise<AsyncIterable<Buffer>>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('Cache-Control', 'no-store');
  // Proxies of the nginx family would gather events until a buffer is full.
  response.setHeader('X-Accel-Buffering', 'no');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const events = await follow(gone.signal);
  response.flushHeaders();
  for await (const text of events) {
    const taken = await offer(response, text, stallMs, gone.signal);
    if (!taken) {
      if (!gone.signal.aborted) log.warn('client dropped: it does not take its events', { stallMs });
      response.destroy();
      return;
    }
  }
  response.end();
}

/** @returns false if the client goes, or does not take it in time */
async function offer(response: Response, text: Buffer, stallMs: number, gone: AbortSignal): Promise<boolean> {
  if (gone.aborted) return false;
  if (response.write(text)) return true;
  const stalled = new AbortController();
  const giveUp = () => stalled.abort();
  const timer = setTimeout(giveUp, stallMs);
  gone.addEventListener('abort', giveUp);
  try {
    await once(response, 'drain', { signal: stalled.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', giveUp);
  }
}
