import type { DicomJson } from '../../dicom/json-model.ts';
import { nativeDicomModel } from '../../dicom/xml-model.ts';
import { peek } from '../../kernel/peek.ts';
import type { InstanceMetadata, Retrieve } from '../../retrieve/retrieve.ts';
import { negotiate, type Offer } from '../accept.ts';
import { acceptsGzip, isKnownEtag } from '../cache-headers.ts';
import { type Operation, targetOf, urlOf } from '../exchange.ts';
import type { OutgoingPart } from '../multipart-writer.ts';
import { sendBody } from '../send-body.ts';
import { withBulkDataUrls } from './bulk-data-uris.ts';
import { asksForOriginal, versionAskedFor } from './original-version.ts';
import { sendMultipart } from './send-multipart.ts';

const offers: readonly Offer[] = [
  { type: 'application/dicom+json', packaging: 'single' },
  { type: 'application/json', packaging: 'single' },
  { type: 'application/dicom+xml', packaging: 'multipart' },
];

/** Metadata of a study, series or instance (PS3.18 §10.4.1.1.2), from the first instance on as it comes from the index. */
export function retrieveMetadata(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const { request, response, baseUrl } = exchange;
    const target = targetOf(exchange);
    const offer = negotiate(exchange.accept, offers);
    // Weak, as the text differs in its URLs and its encoding where the content is the same.
    const etag = `W/"${await retrieve.metadataEtag(target)}"`;
    response.vary('Accept, Accept-Encoding');
    // It is about the current version.
    if (!asksForOriginal(request.headers)) response.setHeader('ETag', etag);
    if (!asksForOriginal(request.headers) && isKnownEtag(request.headers['if-none-match'], etag)) {
      response.status(304).end();
      return;
    }
    const { all } = await peek(versionAskedFor(exchange, retrieve).metadata(target));
    if (offer.packaging === 'multipart') {
      await sendMultipart(exchange, offer.type, xmlParts(all, baseUrl));
      return;
    }
    const encoding = acceptsGzip(request.headers['accept-encoding']) ? 'gzip' : 'identity';
    if (encoding === 'gzip') response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Type', offer.type);
    await sendBody(response, jsonArray(all, baseUrl), encoding);
  };
}

async function* jsonArray(
  instances: AsyncIterable<InstanceMetadata>,
  baseUrl: string,
): AsyncGenerator<Buffer, void, void> {
  let separator = '[';
  for await (const instance of instances) {
    yield Buffer.concat([Buffer.from(separator), ...withBulkDataUrls(instance.json, bulkPrefix(baseUrl, instance))]);
    separator = ',\n';
  }
  yield Buffer.from(separator === '[' ? '[]' : ']');
}

async function* xmlParts(
  instances: AsyncIterable<InstanceMetadata>,
  baseUrl: string,
): AsyncGenerator<OutgoingPart, void, void> {
  for await (const instance of instances) {
    const json = Buffer.concat([...withBulkDataUrls(instance.json, bulkPrefix(baseUrl, instance))]);
    const dataSet = JSON.parse(json.toString()) as DicomJson;
    yield {
      contentType: 'application/dicom+xml',
      contentLocation: `${urlOf(baseUrl, instance)}/metadata`,
      content: Buffer.from([...nativeDicomModel(dataSet)].join('')),
    };
  }
}

function bulkPrefix(baseUrl: string, instance: InstanceMetadata): string {
  return `${urlOf(baseUrl, instance)}/bulkdata/`;
}
