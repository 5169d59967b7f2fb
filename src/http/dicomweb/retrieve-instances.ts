import { CausewayError } from '../../kernel/errors.ts';
import { mapAhead } from '../../kernel/map-ahead.ts';
import { peek } from '../../kernel/peek.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import { type AcceptRange, bestOffer, includes, notAcceptable, type Offer } from '../accept.ts';
import { type Exchange, type Operation, targetOf, warningHeader } from '../exchange.ts';
import { type OutgoingPart, partContentType } from '../multipart-writer.ts';
import { acceptableOffers, deliver, notConvertible } from './deliver-instance.ts';
import { type InstanceOffer, locationOf } from './instance-offers.ts';
import { versionAskedFor } from './original-version.ts';
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
  return (exchange) => sendInstances(exchange, versionAskedFor(exchange, retrieve), [multipart, single, zip]);
}

async function sendInstances(exchange: Exchange, retrieve: Retrieve, forms: readonly Offer[]): Promise<void> {
  const target = targetOf(exchange);
  const form = formOf(exchange, target, forms);
  const offersOf: OffersOf = (instance) =>
    form === zip
      ? storedOffers(exchange.accept, instance)
      : acceptableOffers(exchange.accept, retrieve, instance, form.packaging);
  const takesAny = exchange.accept.some((range) => acceptsAnySyntax(range, form));
  const missing = takesAny ? new Set<string>() : await findMissing(exchange, retrieve, target, offersOf);
  if (form === zip) await checkZipInstances(without(missing, retrieve.instances(target)));
  const found = await peek(without(missing, retrieve.instances(target)));
  if (found.first === undefined) throw notAcceptable([{ ...form, transferSyntaxUid: '*' }]);
  if (form === zip) return sendZip(exchange, target, retrieve, found.all);
  if (form === multipart) {
    return sendMultipart(exchange, 'application/dicom', partsOf(exchange.baseUrl, retrieve, found.all, offersOf));
  }
  const instance = await onlyOf(found.all);
  if (instance !== undefined) return sendInstance(exchange, retrieve, instance, offersOf(instance));
  // Several do not go without packaging: what the client likes next may hold them.
  exchange.response.status(200).removeHeader('Warning');
  return sendInstances(exchange, retrieve, [multipart, zip]);
}

/** What of an instance can go out, best first. */
type OffersOf = (instance: IndexedInstance) => InstanceOffer[];

/** An instance may go out without packaging; of a study or series that is known only when its instances are. */
function formOf({ accept }: Exchange, target: Target, forms: readonly Offer[]): Offer {
  const offer = bestOffer(accept, forms, (range, candidate) =>
    includes({ ...range, transferSyntax: undefined }, candidate),
  );
  if (offer === undefined) throw notAcceptable(target.sopInstanceUid === undefined ? [multipart, zip] : forms);
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
      contentLocation: locationOf(offer, baseUrl, instance),
      content,
    };
  }
}

/** @returns undefined if there are several */
async function onlyOf(instances: AsyncIterable<IndexedInstance>): Promise<IndexedInstance | undefined> {
  let only: IndexedInstance | undefined;
  for await (const instance of instances) {
    if (only !== undefined) return undefined;
    only = instance;
  }
  return only;
}
