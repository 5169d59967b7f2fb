import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import { type AcceptRange, bestOffer, includes, notAcceptable, type Offer } from '../accept.ts';
import { type Exchange, type Operation, targetOf, urlOf, warningHeader } from '../exchange.ts';
import { type OutgoingPart, partContentType } from '../multipart-writer.ts';
import { peek } from '../peek.ts';
import { sendBody } from '../send-body.ts';
import { sendMultipart } from './send-multipart.ts';
import { checkZipInstances, sendZip } from './send-zip.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

const multipart: Offer = { type: 'application/dicom', packaging: 'multipart' };
const single: Offer = { type: 'application/dicom', packaging: 'single' };
const zip: Offer = { type: 'application/zip', packaging: 'single' };

/**
 * WADO-RS of a study, series or instance (PS3.18 §10.4). Instances go out as they are stored: where the request names
 * no transfer syntax, too, as nothing is transcoded yet; where it names another one, that instance cannot be had.
 */
export function retrieveInstances(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const target = targetOf(exchange);
    const form = formOf(exchange, target);
    const deliverable = (instance: IndexedInstance) => accepts(exchange.accept, instance, form);
    if (!exchange.accept.some((range) => acceptsAnySyntax(range, form))) {
      await checkTransferSyntaxes(exchange, retrieve.instances(target), deliverable);
    }
    if (form === zip) await checkZipInstances(only(retrieve.instances(target), deliverable));
    const found = await peek(only(retrieve.instances(target), deliverable));
    if (found.first === undefined) throw notAcceptable([{ ...form, transferSyntaxUid: '*' }]);
    if (form === zip) await sendZip(exchange, target, retrieve, found.all);
    else if (form === single) await sendSingle(exchange, retrieve, found.all);
    else await sendMultipart(exchange, 'application/dicom', partsOf(exchange.baseUrl, retrieve, found.all));
  };
}

/** An instance may go out without packaging; of a study or series that is known only when its instances are. */
function formOf({ accept }: Exchange, target: Target): Offer {
  const offers = [multipart, single, zip];
  const offer = bestOffer(accept, offers, (range, candidate) =>
    includes({ ...range, transferSyntax: undefined }, candidate),
  );
  if (offer === undefined) throw notAcceptable(target.sopInstanceUid === undefined ? [multipart, zip] : offers);
  return offer;
}

function acceptsAnySyntax(range: AcceptRange, form: Offer): boolean {
  return range.q > 0 && includes(range, { ...form, transferSyntaxUid: '' });
}

function accepts(ranges: readonly AcceptRange[], { transferSyntaxUid }: IndexedInstance, form: Offer): boolean {
  return bestOffer(ranges, [{ ...form, transferSyntaxUid }]) !== undefined;
}

/** Says before the answer begins what of the target will be missing from it. */
async function checkTransferSyntaxes(
  { response, baseUrl }: Exchange,
  instances: AsyncIterable<IndexedInstance>,
  deliverable: (instance: IndexedInstance) => boolean,
): Promise<void> {
  const stored = new Set<string>();
  let sent = 0;
  let missing = 0;
  for await (const instance of instances) {
    if (deliverable(instance)) {
      sent += 1;
    } else {
      missing += 1;
      stored.add(instance.transferSyntaxUid);
    }
  }
  if (missing === 0) return;
  const syntaxes = [...stored].join(', ');
  if (sent === 0) {
    throw notAcceptable(
      [...stored].map((transferSyntaxUid) => ({
        type: 'application/dicom',
        packaging: 'multipart',
        transferSyntaxUid,
      })),
      `The transfer syntax asked for cannot be produced: stored is ${syntaxes}. Ask for it, or for transfer-syntax=*.`,
    );
  }
  const words = `${missing} instances are not part of this answer: they are stored in transfer syntax ${syntaxes}`;
  response.status(206).append('Warning', warningHeader(baseUrl, words));
}

async function* only(
  instances: AsyncIterable<IndexedInstance>,
  deliverable: (instance: IndexedInstance) => boolean,
): AsyncGenerator<IndexedInstance, void, void> {
  for await (const instance of instances) if (deliverable(instance)) yield instance;
}

async function* partsOf(
  baseUrl: string,
  retrieve: Retrieve,
  instances: AsyncIterable<IndexedInstance>,
): AsyncGenerator<OutgoingPart, void, void> {
  for await (const instance of instances) {
    yield {
      contentType: partContentType('application/dicom', instance.transferSyntaxUid),
      contentLocation: urlOf(baseUrl, instance),
      content: () => retrieve.file(instance),
    };
  }
}

/** @throws CausewayError `not-acceptable` if there are several instances, which one part cannot hold */
async function sendSingle(
  { response, baseUrl }: Exchange,
  retrieve: Retrieve,
  instances: AsyncIterable<IndexedInstance>,
): Promise<void> {
  let instance: IndexedInstance | undefined;
  for await (const next of instances) {
    if (instance !== undefined) throw notAcceptable([multipart, zip]);
    instance = next;
  }
  if (instance === undefined) return;
  const file = await peek<Uint8Array>(retrieve.file(instance));
  response.setHeader('Content-Type', partContentType('application/dicom', instance.transferSyntaxUid));
  response.setHeader('Content-Length', instance.size);
  response.setHeader('Content-Location', urlOf(baseUrl, instance));
  await sendBody(response, file.all);
}
