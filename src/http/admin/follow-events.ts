import type { Activity } from '../../activity/activity.ts';
import { peek } from '../../kernel/peek.ts';
import type { Operation } from '../exchange.ts';
import { sendEventStream } from '../send-event-stream.ts';

/** What happens on this node, as server-sent events. @param stallMs a client that takes nothing for so long is dropped */
export function followEvents(activity: Activity, stallMs: number): Operation {
  return (exchange) =>
    sendEventStream(exchange, stallMs, async (signal) => {
      const recent = Number(exchange.query.get('recent') ?? 0);
      // A browser that comes back by itself sends the header; who opens a stream anew can only give a parameter.
      const after = exchange.request.headers['last-event-id'] ?? exchange.query.get('after') ?? undefined;
      const { all } = await peek(activity.follow({ recent, signal, ...(typeof after === 'string' && { after }) }));
      return textOf(all);
    });
}

async function* textOf(events: ReturnType<Activity['follow']>): AsyncGenerator<Buffer, void, void> {
  for await (const event of events) {
    if (event === 'quiet') yield Buffer.from(':\n\n');
    else if (typeof event === 'number') yield Buffer.from(`event: missed\ndata: ${event}\n\n`);
    else yield Buffer.from(`id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}
