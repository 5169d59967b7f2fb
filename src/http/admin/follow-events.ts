import type { Activity } from '../../activity/activity.ts';
import { peek } from '../../kernel/peek.ts';
import type { Operation } from '../exchange.ts';
import { sendEventStream } from '../send-event-stream.ts';

/** What happens on this node, as server-sent events. @param stallMs a client that takes nothing for so long is dropped */
export function followEvents(activity: Activity, stallMs: number): Operation {
  return (exchange) =>
    sendEventStream(exchange, stallMs, async (signal) => {
      const recent = Number(exchange.query.get('recent') ?? 0);
      const { all } = await peek(activity.follow({ recent, signal }));
      return textOf(all);
    });
}

async function* textOf(events: ReturnType<Activity['follow']>): AsyncGenerator<Buffer, void, void> {
  for await (const event of events) {
    if (event === 'quiet') yield Buffer.from(':\n\n');
    else if (typeof event === 'number') yield Buffer.from(`event: missed\ndata: ${event}\n\n`);
    else yield Buffer.from(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}
