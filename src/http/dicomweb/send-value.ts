import { peek } from '../../kernel/peek.ts';
import type { BulkValue } from '../../retrieve/retrieve.ts';
import type { Offer } from '../accept.ts';
import { parseRangeHeader, type RangeHeader, resolveRange } from '../byte-range.ts';
import type { Exchange } from '../exchange.ts';
import { sendBody } from '../send-body.ts';
import { sendMultipart } from './send-multipart.ts';

/** Bytes of a stored value, which clients may ask for piece by piece. */
export interface ValueToSend {
  open(range?: { first: number; last?: number }): Promise<BulkValue>;
  /** @throws CausewayError `not-acceptable` */
  choose(mediaType: string): Offer;
  readonly contentLocation: string;
}

/**
 * Answers with a value, or with the range of its bytes that the request names (RFC 9110 §14).
 * @throws CausewayError `range-not-satisfiable`, and as `open` and `choose`
 */
export async function sendValue(exchange: Exchange, { open, choose, contentLocation }: ValueToSend): Promise<void> {
  const { request, response } = exchange;
  // RFC 9110 §14.2: ranges are for GET; HEAD tells of the whole.
  const range = request.method === 'HEAD' ? undefined : parseRangeHeader(request.headers.range);
  const value = await openRange(open, range);
  try {
    const offer = choose(value.mediaType);
    const content = (await peek<Uint8Array>(value.body)).all;
    const length = setRangeHeaders(exchange, value, range);
    if (!isInert(offer.type)) response.setHeader('Content-Security-Policy', 'sandbox');
    if (offer.packaging === 'multipart') {
      await sendMultipart(exchange, offer.type, [{ contentType: offer.type, contentLocation, content: () => content }]);
      return;
    }
    response.setHeader('Content-Type', offer.type);
    response.setHeader('Content-Location', contentLocation);
    response.setHeader('Content-Length', length);
    await sendBody(response, content);
  } finally {
    value.body.destroy();
  }
}

/** Documents say themselves what they are: one that says HTML must not run as a page of ours. */
function isInert(mediaType: string): boolean {
  return /^(?:application\/(?:octet-stream|pdf)|(?:video|audio)\/.*|image\/(?!svg).*)$/i.test(mediaType);
}

async function openRange(open: ValueToSend['open'], range: RangeHeader | undefined): Promise<BulkValue> {
  if (range === undefined) return open();
  if (!('suffix' in range)) return open(range);
  const whole = await open();
  whole.body.destroy();
  return open(resolveRange(range, whole.size));
}

/** @returns bytes of the answer */
function setRangeHeaders({ response }: Exchange, { size }: BulkValue, range: RangeHeader | undefined): number {
  response.setHeader('Accept-Ranges', 'bytes');
  response.vary('Accept');
  if (range === undefined) return size;
  const { first, last } = resolveRange(range, size);
  response.status(206).setHeader('Content-Range', `bytes ${first}-${last}/${size}`);
  return last - first + 1;
}
