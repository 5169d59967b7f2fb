import type { DicomJson } from '../../dicom/json-model.ts';
import { dicomJsonText } from '../../dicom/json-text.ts';
import { parseQidoQuery, type QidoDefaults } from '../../dicom/qido-query.ts';
import type { QueryLevel } from '../../dicom/query.ts';
import { nativeDicomModel } from '../../dicom/xml-model.ts';
import type { Target } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import { bestOffer, negotiate, type Offer } from '../accept.ts';
import { appendWarnings, type Operation, urlOf, warningHeader } from '../exchange.ts';
import type { OutgoingPart } from '../multipart-writer.ts';
import { sendMultipart } from './send-multipart.ts';

export interface SearchOptions {
  readonly defaults: QidoDefaults;
  /** Of an answer without matches: old clients want 204, CP-2473 wants 200. */
  readonly emptyStatus: 200 | 204;
}

const inOnePiece: readonly Offer[] = [
  { type: 'application/dicom+json', packaging: 'single' },
  { type: 'application/json', packaging: 'single' },
];

const offers: readonly Offer[] = [...inOnePiece, { type: 'application/dicom+xml', packaging: 'multipart' }];

/** QIDO-RS (PS3.18 §10.6). */
export function searchTransaction(search: Search, options: SearchOptions, level: QueryLevel): Operation {
  return async (exchange) => {
    const { response, baseUrl, pathParameters } = exchange;
    const offer = negotiate(exchange.accept, offers);
    const { query, warnings } = parseQidoQuery(
      {
        level,
        studyInstanceUid: pathParameters['study'],
        seriesInstanceUid: pathParameters['series'],
        parameters: [...exchange.query],
        vrs: await search.extendedVrs(),
      },
      options.defaults,
    );
    const page = await search.find(query);
    appendWarnings(exchange, [...warnings, ...page.warnings]);
    if (page.remaining !== undefined && page.remaining > 0) {
      const words = `There are ${page.remaining} additional results that can be requested`;
      response.append('Warning', warningHeader(baseUrl, words));
    }
    // As the Azure dicom-server tells of tags that were enabled in spite of their errors.
    const { erroneousAttributes = [] } = page;
    if (erroneousAttributes.length > 0) {
      response.setHeader('erroneous-dicom-attributes', erroneousAttributes.join(','));
    }
    response.vary('Accept');
    // XML is a part a match: of none there is nothing to send but to who takes JSON as well.
    const empty = offer.packaging === 'single' ? offer : bestOffer(exchange.accept, inOnePiece);
    if (page.matches.length === 0 && (options.emptyStatus === 204 || empty === undefined)) {
      response.status(204).end();
      return;
    }
    const matches = page.matches.map((match) => withRetrieveUrl(match, baseUrl, pathParameters));
    if (matches.length > 0 && offer.packaging === 'multipart') {
      await sendMultipart(exchange, offer.type, xmlParts(matches));
      return;
    }
    response.setHeader('Content-Type', (empty ?? offer).type);
    response.end(`[${matches.map(dicomJsonText).join(',')}]`);
  };
}

function withRetrieveUrl(
  match: DicomJson,
  baseUrl: string,
  { study, series }: Readonly<Record<string, string>>,
): DicomJson {
  const studyInstanceUid = uid(match, '0020000D') ?? study;
  if (studyInstanceUid === undefined) return match;
  const seriesInstanceUid = uid(match, '0020000E') ?? series;
  const sopInstanceUid = uid(match, '00080018');
  const target: Target = {
    studyInstanceUid,
    ...(seriesInstanceUid === undefined ? {} : { seriesInstanceUid }),
    ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
  };
  return { ...match, '00081190': { vr: 'UR', Value: [urlOf(baseUrl, target)] } };
}

function uid(match: DicomJson, tag: string): string | undefined {
  const value = match[tag]?.Value?.[0];
  return typeof value === 'string' ? value : undefined;
}

function* xmlParts(matches: readonly DicomJson[]): Generator<OutgoingPart, void, void> {
  for (const match of matches) {
    const url = match['00081190']?.Value?.[0];
    yield {
      contentType: 'application/dicom+xml',
      contentLocation: typeof url === 'string' ? url : '',
      content: Buffer.from([...nativeDicomModel(match)].join('')),
    };
  }
}
