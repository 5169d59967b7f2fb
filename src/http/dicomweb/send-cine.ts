import { parseRangeHeader, resolveRange } from '../byte-range.ts';
import type { Exchange } from '../exchange.ts';
import { sendBody } from '../send-body.ts';
import type { CineOffer } from './picture-offers.ts';

/**
 * Answers with frames that are played, as they are made; what was made before is there in ranges of bytes, too.
 * @throws CausewayError `range-not-satisfiable`, and whatever `content` throws
 */
export async function sendCine(
  { request, response }: Exchange,
  { type }: CineOffer,
  content: Buffer | AsyncIterable<Uint8Array>,
): Promise<void> {
  response.vary('Accept');
  response.setHeader('Content-Type', type);
  if (!Buffer.isBuffer(content)) {
    await sendBody(response, content);
    return;
  }
  response.setHeader('Accept-Ranges', 'bytes');
  const range = request.method === 'HEAD' ? undefined : parseRangeHeader(request.headers.range);
  if (range === undefined) {
    response.setHeader('Content-Length', content.length);
    response.end(content);
    return;
  }
  const { first, last } = resolveRange(range, content.length);
  response.status(206).setHeader('Content-Range', `bytes ${first}-${last}/${content.length}`);
  response.setHeader('Content-Length', last - first + 1);
  response.end(content.subarray(first, last + 1));
}
