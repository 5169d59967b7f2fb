import type { DicomJson } from '../../dicom/json-model.ts';
import { nativeDicomModel } from '../../dicom/xml-model.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { reportText } from '../../report/report-text.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import type { Offer } from '../accept.ts';
import { withBulkDataUrls } from '../dicomweb/bulk-data-uris.ts';
import { sendMultipart } from '../dicomweb/send-multipart.ts';
import { type Exchange, urlOf } from '../exchange.ts';
import { reportPage, reportPolicy } from './report-page.ts';

/** Bytes of a report that is rendered. */
const maxReportBytes = 33_554_432;

export interface ReportOffer extends Offer {
  readonly type: 'text/html' | 'text/plain' | 'text/xml';
}

const types = ['text/html', 'text/plain', 'text/xml'] as const;
const packagings = ['single', 'multipart'] as const;

/** How reports can be had; the first is the default (PS3.18 §8.7.4). */
export const reportOffers: readonly ReportOffer[] = packagings.flatMap((packaging) =>
  types.map((type) => ({ type, packaging })),
);

/**
 * Answers with an SR document for people to read, or as the XML that the Standard has for any data set: it has none for
 * reports alone.
 * @throws CausewayError `cannot-render` if it is too large to be shown, and as `Retrieve.metadata`
 */
export async function sendReport(
  exchange: Exchange,
  retrieve: Pick<Retrieve, 'metadata'>,
  target: Required<Target>,
  offer: ReportOffer,
): Promise<void> {
  const { response, baseUrl } = exchange;
  const bulkPrefix = offer.type === 'text/xml' ? `${urlOf(baseUrl, target)}/bulkdata/` : '';
  const dataSet = await dataSetOf(retrieve, target, bulkPrefix);
  const content = whole(writers[offer.type](dataSet, baseUrl));
  const contentType = `${offer.type}; charset=utf-8`;
  const contentLocation = `${urlOf(baseUrl, target)}/rendered`;
  response.vary('Accept');
  response.setHeader('Content-Security-Policy', reportPolicy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (offer.packaging === 'multipart') {
    await sendMultipart(exchange, offer.type, [{ contentType, contentLocation, content }]);
    return;
  }
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Location', contentLocation);
  response.setHeader('Content-Length', content.length);
  response.end(content);
}

const writers: Readonly<Record<ReportOffer['type'], (dataSet: DicomJson, baseUrl: string) => Iterable<string>>> = {
  'text/html': reportPage,
  'text/plain': reportText,
  'text/xml': nativeDicomModel,
};

async function dataSetOf(
  retrieve: Pick<Retrieve, 'metadata'>,
  target: Required<Target>,
  bulkPrefix: string,
): Promise<DicomJson> {
  for await (const { json } of retrieve.metadata(target)) {
    return JSON.parse(Buffer.concat([...withBulkDataUrls(json, bulkPrefix)]).toString()) as DicomJson;
  }
  throw new CausewayError('not-found', 'There is no such instance.');
}

/** All of it before anything is sent: what is too large is to be an answer, not half a page. */
function whole(pieces: Iterable<string>): Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const chunk = Buffer.from(piece);
    bytes += chunk.length;
    if (bytes > maxReportBytes) {
      const message = `The document takes more than ${maxReportBytes} bytes to show (maxReportBytes).`;
      throw new CausewayError('cannot-render', message, { details: { limit: 'maxReportBytes' } });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
