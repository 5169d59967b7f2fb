import { once } from 'node:events';
import type { Response } from 'express';
import type { ChangeFeed, FeedEntry } from '../../changes/change-feed.ts';
import { peek } from '../../kernel/peek.ts';
import type { Exchange } from '../exchange.ts';
import { changeText } from './change-text.ts';

export interface EventStream {
  /** Last sequence that the client has seen. */
  readonly after: number;
  readonly withMetadata: boolean;
  /** A client that takes nothing for so long is dropped; it may come back and go on. */
  readonly stallMs: number;
}

/**
 * Sends every change as a server-sent event whose id is its sequence, one at a time: what a client does not take yet is
 * not read yet. Ends when the client goes, stalls, or the feed closes.
 */
export async function sendEvents(exchange: Exchange, feed: ChangeFeed, stream: EventStream): Promise<void> {
  const { request, response, log, baseUrl } = exchange;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const following = feed.follow({ ...stream, signal: gone.signal });
  response.setHeader('Content-Type', 'text/event-stream');
  response.setHeader('Cache-Control', 'no-store');
  // Proxies of the nginx family would gather events until a buffer is full.
  response.setHeader('X-Accel-Buffering', 'no');
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // One client too many is told so in an answer.
  const { all } = await peek(following);
  response.flushHeaders();
  for await (const entry of all) {
    const taken = await offer(response, eventText(entry, baseUrl), stream.stallMs, gone.signal);
    if (!taken) {
      if (!gone.signal.aborted) log.warn('client dropped: it does not take its events', { stallMs: stream.stallMs });
      response.destroy();
      return;
    }
  }
  response.end();
}

function eventText(entry: FeedEntry | 'quiet', baseUrl: string): Buffer {
  // A comment; it tells proxies and the client that the connection lives.
  if (entry === 'quiet') return Buffer.from(':\n\n');
  const head = Buffer.from(`id: ${entry.change.sequence}\ndata: `);
  return Buffer.concat([head, ...changeText(entry, baseUrl), Buffer.from('\n\n')]);
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
