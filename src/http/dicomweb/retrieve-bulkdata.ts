import type { BulkValue, Retrieve } from '../../retrieve/retrieve.ts';
import { negotiate, type Offer } from '../accept.ts';
import { parseRangeHeader, type RangeHeader, resolveRange } from '../byte-range.ts';
import { type Exchange, instanceOf, type Operation, urlOf } from '../exchange.ts';
import { peek } from '../peek.ts';
import { sendBody } from '../send-body.ts';
import { sendMultipart } from './send-multipart.ts';

const octetStream = 'application/octet-stream';

/** WADO-RS of the value behind a BulkDataURI, or of a range of its bytes (PS3.18 §10.4.1.1.4, RFC 9110 §14). */
export function retrieveBulkdata(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const { request, response } = exchange;
    const target = instanceOf(exchange);
    const path = (exchange.pathParameters['path'] ?? '').toUpperCase();
    const range = parseRangeHeader(request.headers.range);
    const value = await bulkRange(retrieve, target, path, range);
    try {
      const offer = negotiate(exchange.accept, bulkOffers(value.mediaType));
      const content = (await peek<Uint8Array>(value.body)).all;
      const length = setRangeHeaders(exchange, value, range);
      if (!isInert(offer.type)) response.setHeader('Content-Security-Policy', 'sandbox');
      const contentLocation = `${urlOf(exchange.baseUrl, target)}/bulkdata/${path}`;
      if (offer.packaging === 'multipart') {
        await sendMultipart(exchange, offer.type, [
          { contentType: offer.type, contentLocation, content: () => content },
        ]);
        return;
      }
      response.setHeader('Content-Type', offer.type);
      response.setHeader('Content-Location', contentLocation);
      response.setHeader('Content-Length', length);
      await sendBody(response, content);
    } finally {
      value.body.destroy();
    }
  };
}

/** Documents say themselves what they are: one that says HTML must not run as a page of ours. */
function isInert(mediaType: string): boolean {
  return /^(?:application\/(?:octet-stream|pdf)|(?:video|audio)\/.*|image\/(?!svg).*)$/i.test(mediaType);
}

function bulkOffers(mediaType: string): Offer[] {
  return [...new Set([mediaType, octetStream])].flatMap((type) => [
    { type, packaging: 'single' } as const,
    { type, packaging: 'multipart' } as const,
  ]);
}

/** @throws CausewayError `range-not-satisfiable`, and as `Retrieve.bulk` */
async function bulkRange(
  retrieve: Retrieve,
  target: ReturnType<typeof instanceOf>,
  path: string,
  range: RangeHeader | undefined,
): Promise<BulkValue> {
  if (range === undefined) return retrieve.bulk(target, path);
  if (!('suffix' in range)) return retrieve.bulk(target, path, range);
  const whole = await retrieve.bulk(target, path);
  whole.body.destroy();
  return retrieve.bulk(target, path, resolveRange(range, whole.size));
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
