import { CausewayError } from '../../kernel/errors.ts';
import { mapAhead } from '../../kernel/map-ahead.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import { type AcceptRange, bestOffer, includes, notAcceptable, type Offer } from '../accept.ts';
import { type Exchange, type Operation, targetOf, urlOf, warningHeader } from '../exchange.ts';
import { type OutgoingPart, partContentType } from '../multipart-writer.ts';
import { peek } from '../peek.ts';
import { acceptableOffers, deliver, notConvertible } from './deliver-instance.ts';
import type { InstanceOffer } from './instance-offers.ts';
import { sendInstance } from './send-instance.ts';
import { sendMultipart } from './send-multipart.ts';
import { checkZipInstances, sendZip } from './send-zip.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

const multipart: Offer = { type: 'application/dicom', packaging: 'multipart' };
const single: Offer = { type: 'application/dicom', packaging: 'single' };
const zip: Offer = { type: 'application/zip', packaging: 'single' };

/** Instances that are checked at the same time for whether they can be converted. */
const checkedAhead = 2;

/**
 * WADO-RS of a study, series or instance (PS3.18 §10.4). Who takes any transfer syntax, or leaves the choice to us, gets
 * every instance, as it is stored where it cannot be converted; who names some learns with 206 what cannot be had in them.
 */
export function retrieveInstances(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const target = targetOf(exchange);
    const form = formOf(exchange, target);
    const offersOf: OffersOf = (instance) =>
      form === zip
        ? storedOffers(exchange.accept, instance)
        : acceptableOffers(exchange.accept, retrieve, instance, form.packaging);
    const takesAny = exchange.accept.some((range) => acceptsAnySyntax(range, form));
    const missing = takesAny ? new Set<string>() : await findMissing(exchange, retrieve, target, offersOf);
    if (form === zip) await checkZipInstances(without(missing, retrieve.instances(target)));
    const found = await peek(without(missing, retrieve.instances(target)));
    if (found.first === undefined) throw notAcceptable([{ ...form, transferSyntaxUid: '*' }]);
    if (form === zip) await sendZip(exchange, target, retrieve, found.all);
    else if (form === single) await sendSingle(exchange, retrieve, found.all, offersOf);
    else await sendMultipart(exchange, 'application/dicom', partsOf(exchange.baseUrl, retrieve, found.all, offersOf));
  };
}

/** What of an instance can go out, best first. */
type OffersOf = (instance: IndexedInstance) => InstanceOffer[];

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

/** A file-set holds instances as they are stored. */
function storedOffers(ranges: readonly AcceptRange[], { transferSyntaxUid }: IndexedInstance): InstanceOffer[] {
  const offer: InstanceOffer = { ...zip, form: 'stored', transferSyntaxUid };
  return bestOffer(ranges, [offer]) === undefined ? [] : [offer];
}

/** Says before the answer begins what of the target will be missing from it. @returns the SOP Instance UIDs */
async function findMissing(
  { response, baseUrl }: Exchange,
  retrieve: Retrieve,
  target: Target,
  offersOf: OffersOf,
): Promise<Set<string>> {
  const missing = new Set<string>();
  const reasons = new Set<string>();
  const stored = new Set<string>();
  let sent = 0;
  const check = async (instance: IndexedInstance) => {
    try {
      await deliver(retrieve, instance, offersOf(instance));
      return { instance, reason: undefined };
    } catch (thrown) {
      if (thrown instanceof CausewayError && (thrown.code === 'not-acceptable' || notConvertible.has(thrown.code)))
        return { instance, reason: thrown.message };
      throw thrown;
    }
  };
  for await (const { instance, reason } of mapAhead(retrieve.instances(target), check, checkedAhead)) {
    if (reason === undefined) {
      sent += 1;
      continue;
    }
    missing.add(instance.sopInstanceUid);
    if (reasons.size < shownReasons) reasons.add(reason);
    for (const uid of [instance.transferSyntaxUid, ...retrieve.producible(instance)]) stored.add(uid);
  }
  if (missing.size === 0) return missing;
  const why = [...reasons].join(' ');
  if (sent === 0) {
    throw notAcceptable(
      [...stored].map((transferSyntaxUid) => ({
        type: 'application/dicom',
        packaging: 'multipart',
        transferSyntaxUid,
      })),
      `Nothing can be had in the transfer syntax asked for. ${why} Ask for transfer-syntax=* to get what is stored.`,
    );
  }
  const words = `${missing.size} instances are not part of this answer. ${why}`;
  response.status(206).append('Warning', warningHeader(baseUrl, words));
  return missing;
}

const shownReasons = 3;

async function* without(
  missing: ReadonlySet<string>,
  instances: AsyncIterable<IndexedInstance>,
): AsyncGenerator<IndexedInstance, void, void> {
  for await (const instance of instances) if (!missing.has(instance.sopInstanceUid)) yield instance;
}

async function* partsOf(
  baseUrl: string,
  retrieve: Retrieve,
  instances: AsyncIterable<IndexedInstance>,
  offersOf: OffersOf,
): AsyncGenerator<OutgoingPart, void, void> {
  for await (const instance of instances) {
    const { offer, content } = await deliver(retrieve, instance, offersOf(instance));
    yield {
      contentType: partContentType('application/dicom', offer.transferSyntaxUid),
      contentLocation: urlOf(baseUrl, instance),
      content,
    };
  }
}

/** @throws CausewayError `not-acceptable` if there are several instances, which one part cannot hold */
async function sendSingle(
  exchange: Exchange,
  retrieve: Retrieve,
  instances: AsyncIterable<IndexedInstance>,
  offersOf: OffersOf,
): Promise<void> {
  let instance: IndexedInstance | undefined;
  for await (const next of instances) {
    if (instance !== undefined) throw notAcceptable([multipart, zip]);
    instance = next;
  }
  if (instance === undefined) return;
  await sendInstance(exchange, retrieve, instance, offersOf(instance));
}
