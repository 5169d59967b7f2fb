import type { Retrieve } from '../../retrieve/retrieve.ts';
import { negotiate, type Offer } from '../accept.ts';
import { instanceOf, type Operation, urlOf } from '../exchange.ts';
import { sendValue } from './send-value.ts';

const octetStream = 'application/octet-stream';

/** WADO-RS of the value behind a BulkDataURI, or of a range of its bytes (PS3.18 §10.4.1.1.4, RFC 9110 §14). */
export function retrieveBulkdata(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const target = instanceOf(exchange);
    const path = (exchange.pathParameters['path'] ?? '').toUpperCase();
    await sendValue(exchange, {
      open: (range) => retrieve.bulk(target, path, range),
      choose: (mediaType) => negotiate(exchange.accept, bulkOffers(mediaType)),
      contentLocation: `${urlOf(exchange.baseUrl, target)}/bulkdata/${path}`,
    });
  };
}

function bulkOffers(mediaType: string): Offer[] {
  return [...new Set([mediaType, octetStream])].flatMap((type) => [
    { type, packaging: 'single' } as const,
    { type, packaging: 'multipart' } as const,
  ]);
}
