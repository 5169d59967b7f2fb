import { peek } from '../../kernel/peek.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import { type AcceptRange, bestOffer, includes, notAcceptable, type Offer } from '../accept.ts';
import { type Exchange, type Operation, targetOf } from '../exchange.ts';
import { type OutgoingPart, partContentType } from '../multipart-writer.ts';
import { type ConversionTrial, createConversionTrials, type OffersOf } from './conversion-trial.ts';
import { acceptableOffers } from './deliver-instance.ts';
import { type InstanceOffer, locationOf } from './instance-offers.ts';
import { versionAskedFor } from './original-version.ts';
import { sendInstance } from './send-instance.ts';
import { sendMultipart } from './send-multipart.ts';
import { checkZipInstances, sendZip } from './send-zip.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

const multipart: Offer = { type: 'application/dicom', packaging: 'multipart' };
const single: Offer = { type: 'application/dicom', packaging: 'single' };
const zip: Offer = { type: 'application/zip', packaging: 'single' };

/**
 * WADO-RS of a study, series or instance (PS3.18 §10.4). Who takes any transfer syntax, or leaves the choice to us, gets
 * every instance, as it is stored where it cannot be converted; who names some learns with 206 what cannot be had in them.
 */
export function retrieveInstances(retrieve: Retrieve, trialMs: number): Operation {
  const trials = createConversionTrials(retrieve, trialMs);
  return (exchange) => sendInstances(exchange, versionAskedFor(exchange, retrieve), trials, [multipart, single, zip]);
}

async function sendInstances(
  exchange: Exchange,
  retrieve: Retrieve,
  trials: ReturnType<typeof createConversionTrials>,
  forms: readonly Offer[],
): Promise<void> {
  const target = targetOf(exchange);
  const form = formOf(exchange, target, forms);
  const offersOf: OffersOf = (instance) =>
    form === zip
      ? storedOffers(exchange.accept, instance)
      : acceptableOffers(exchange.accept, retrieve, instance, form.packaging);
  const takesAny = exchange.accept.some((range) => acceptsAnySyntax(range, form));
  const trial = takesAny ? trials.untried(offersOf) : await trials.try(exchange, target, offersOf);
  const { missing } = trial;
  if (form === zip) await checkZipInstances(without(missing, retrieve.instances(target)));
  const found = await peek(without(missing, retrieve.instances(target)));
  if (found.first === undefined) throw notAcceptable([{ ...form, transferSyntaxUid: '*' }]);
  if (form === zip) return sendZip(exchange, target, retrieve, found.all);
  if (form === multipart) {
    return sendMultipart(exchange, 'application/dicom', partsOf(exchange.baseUrl, trial, found.all));
  }
  const instance = await onlyOf(found.all);
  if (instance !== undefined) return sendInstance(exchange, instance, await trial.deliver(instance));
  // Several do not go without packaging: what the client likes next may hold them.
  exchange.response.status(200).removeHeader('Warning');
  return sendInstances(exchange, retrieve, trials, [multipart, zip]);
}

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

async function* without(
  missing: ReadonlySet<string>,
  instances: AsyncIterable<IndexedInstance>,
): AsyncGenerator<IndexedInstance, void, void> {
  for await (const instance of instances) if (!missing.has(instance.sopInstanceUid)) yield instance;
}

async function* partsOf(
  baseUrl: string,
  trial: ConversionTrial,
  instances: AsyncIterable<IndexedInstance>,
): AsyncGenerator<OutgoingPart, void, void> {
  for await (const instance of instances) {
    const { offer, content } = await trial.deliver(instance);
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
