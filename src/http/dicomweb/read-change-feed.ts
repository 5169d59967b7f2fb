import type { ChangeFeed, FeedEntry } from '../../changes/change-feed.ts';
import { peek } from '../../kernel/peek.ts';
import { negotiate, type Offer } from '../accept.ts';
import type { Exchange, Operation } from '../exchange.ts';
import { sendBody } from '../send-body.ts';
import { feedPage, parametersOf, streamStart, wantsMetadata } from './change-feed-request.ts';
import { changeText } from './change-text.ts';
import { sendEvents } from './send-events.ts';

const json: Offer = { type: 'application/json', packaging: 'single' };
const events: Offer = { type: 'text/event-stream', packaging: 'single' };

/** The change feed, a page or a stream of it. @param stallMs a client that takes nothing of its stream for so long is dropped */
export function readChangeFeed(feed: ChangeFeed, stallMs: number): Operation {
  return async (exchange) => {
    const { request, response, baseUrl } = exchange;
    const offer = negotiate(exchange.accept, [json, events]);
    const parameters = parametersOf(exchange.query);
    response.vary('Accept');
    if (offer === events) {
      const after = streamStart(parameters, request.get('last-event-id'));
      await sendEvents(exchange, feed, { after, withMetadata: wantsMetadata(parameters), stallMs });
      return;
    }
    const { all } = await peek(feed.read(feedPage(parameters)));
    response.setHeader('Content-Type', json.type);
    await sendBody(response, jsonArray(all, baseUrl));
  };
}

/** The last change of all; 204 if nothing has happened yet. */
export function readLatestChange(feed: ChangeFeed): Operation {
  return async (exchange: Exchange) => {
    const { response, baseUrl } = exchange;
    negotiate(exchange.accept, [json]);
    const latest = await feed.latest(wantsMetadata(parametersOf(exchange.query)));
    if (latest === undefined) {
      response.status(204).end();
      return;
    }
    response.setHeader('Content-Type', json.type);
    response.end(Buffer.concat([...changeText(latest, baseUrl)]));
  };
}

async function* jsonArray(entries: AsyncIterable<FeedEntry>, baseUrl: string): AsyncGenerator<Buffer, void, void> {
  let separator = '[';
  for await (const entry of entries) {
    yield Buffer.concat([Buffer.from(separator), ...changeText(entry, baseUrl)]);
    separator = ',\n';
  }
  yield Buffer.from(separator === '[' ? '[]' : ']');
}
