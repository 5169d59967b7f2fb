import type { ChangeFeed, FeedEntry } from '../../changes/change-feed.ts';
import { peek } from '../../kernel/peek.ts';
import type { Exchange } from '../exchange.ts';
import { sendEventStream } from '../send-event-stream.ts';
import { changeText } from './change-text.ts';

export interface EventStream {
  /** Last sequence that the client has seen. */
  readonly after: number;
  readonly withMetadata: boolean;
  /** A client that takes nothing for so long is dropped; it may come back and go on. */
  readonly stallMs: number;
}

/** Sends every change as a server-sent event whose id is its sequence. */
export async function sendEvents(exchange: Exchange, feed: ChangeFeed, stream: EventStream): Promise<void> {
  await sendEventStream(exchange, stream.stallMs, async (signal) => {
    // One client too many is told so in an answer.
    const { all } = await peek(feed.follow({ ...stream, signal }));
    return textOf(all, exchange.baseUrl);
  });
}

async function* textOf(
  entries: AsyncIterable<FeedEntry | 'quiet'>,
  baseUrl: string,
): AsyncGenerator<Buffer, void, void> {
  for await (const entry of entries) {
    if (entry === 'quiet') {
      // A comment; it tells proxies and the client that the connection lives.
      yield Buffer.from(':\n\n');
      continue;
    }
    const head = Buffer.from(`id: ${entry.change.sequence}\ndata: `);
    yield Buffer.concat([head, ...changeText(entry, baseUrl), Buffer.from('\n\n')]);
  }
}
