import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { isReport } from '../../report/is-report.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import { type AcceptRange, parseAccept } from '../accept.ts';
import { acceptableOffers, deliver } from '../dicomweb/deliver-instance.ts';
import type { InstanceOffer } from '../dicomweb/instance-offers.ts';
import {
  type CineOffer,
  framesOffers,
  negotiateFrames,
  type PictureOffer,
  singlePictures,
} from '../dicomweb/picture-offers.ts';
import { renderPicture, sendPicture } from '../dicomweb/render-picture.ts';
import { refusedParameter, requireRoomForProfile } from '../dicomweb/rendered-parameters.ts';
import { sendCine } from '../dicomweb/send-cine.ts';
import { sendInstance } from '../dicomweb/send-instance.ts';
import { sendValue } from '../dicomweb/send-value.ts';
import { type IndexedInstance, theInstance } from '../dicomweb/the-instance.ts';
import { type Exchange, type Operation, urlOf, warningHeader } from '../exchange.ts';
import { type ReportOffer, reportOffers, sendReport } from '../report/send-report.ts';
import { pictureParameterNames, pictureParameters, presentationStateOf } from './picture-parameters.ts';

/** `media`: the video or document as it is stored; `report`: an SR document for people to read. */
type UriOffer =
  | PictureOffer
  | CineOffer
  | ({ readonly packaging: 'single' } & (
      | { readonly form: 'instance'; readonly type: 'application/dicom' }
      | { readonly form: 'media'; readonly type: string }
      | { readonly form: 'report'; readonly type: ReportOffer['type'] }
    ));

const instanceOffer: UriOffer = { form: 'instance', type: 'application/dicom', packaging: 'single' };
const reportForms = reportOffers.flatMap(({ type, packaging }): UriOffer[] =>
  packaging === 'single' ? [{ form: 'report', type, packaging }] : [],
);
const instanceParameterNames = ['transferSyntax', 'anonymize'] as const;

/** WADO-URI: one instance, as it is or as people see it: a picture, a video, a document, a report as a page (PS3.18 §9). */
export function retrieveByUri(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const { query, response } = exchange;
    const instance = await theInstance(retrieve, targetOf(query));
    const { ranges, parameter } = acceptedTypes(exchange);
    const cine = query.has('frameNumber') ? [] : await retrieve.cineMediaTypes(instance);
    const offers = offersOf(instance, await retrieve.mediaType(instance), query, cine);
    const offer = negotiateFrames(ranges, offers, cine, parameter);
    response.vary('Accept');
    if (offer.form === 'instance') {
      refuse(query, pictureParameterNames, 'goes with pictures: application/dicom is the instance as it is');
      if (query.has('charset')) {
        const words = 'charset has no effect: the instance goes out in the character set that it is stored in';
        response.append('Warning', warningHeader(exchange.baseUrl, words));
      }
      const forms = instanceOffersOf(query, retrieve, instance);
      if (query.has('anonymize')) await sendDeidentified(exchange, retrieve, instance, forms);
      else await sendInstance(exchange, instance, await deliver(retrieve, instance, forms));
      return;
    }
    refuse(query, instanceParameterNames, 'goes with contentType=application/dicom only');
    if (offer.form === 'media') {
      refuse(query, pictureParameterNames, `goes with pictures: ${offer.type} is sent as it is stored`);
      await sendValue(exchange, {
        open: (range) => retrieve.media(instance, range),
        choose: () => offer,
        contentLocation: `${urlOf(exchange.baseUrl, instance)}/rendered`,
      });
      return;
    }
    if (offer.form === 'report') {
      refuse(query, pictureParameterNames, `goes with pictures: ${offer.type} is text`);
      await sendReport(exchange, retrieve, instance, offer);
      return;
    }
    const how = pictureParameters(query);
    requireRoomForProfile(offer.type, how);
    const frame = query.has('frameNumber') ? Number(query.get('frameNumber')) : undefined;
    const state = presentationStateOf(query, instance.studyInstanceUid);
    if (offer.form === 'cine') {
      const wanted = { parameters: { ...how, mediaType: offer.type } };
      await sendCine(exchange, offer, await retrieve.cine(instance, wanted, state));
      return;
    }
    const parameters = { ...how, mediaType: offer.type };
    const presented =
      state === undefined && frame === undefined ? await retrieve.presented(instance, 'first') : undefined;
    if (presented !== undefined) {
      const { instance: shown, frameNumber } = presented.frames[0];
      sendPicture(response, offer.type, await renderPicture(retrieve, shown, frameNumber, parameters, instance));
      return;
    }
    sendPicture(response, offer.type, await renderPicture(retrieve, instance, frame, parameters, state));
  };
}

function targetOf(query: URLSearchParams): Required<Target> {
  return {
    studyInstanceUid: query.get('studyUID') ?? '',
    seriesInstanceUid: query.get('seriesUID') ?? '',
    sopInstanceUid: query.get('objectUID') ?? '',
  };
}

/**
 * `contentType` says it all where it is given.
 * @throws CausewayError `bad-request` if it holds no media type
 */
function acceptedTypes({ query, accept }: Exchange): { ranges: readonly AcceptRange[]; parameter: string } {
  const contentType = query.get('contentType') ?? '';
  if (contentType.trim() === '') return { ranges: accept, parameter: 'accept' };
  const ranges = parseAccept(undefined, contentType);
  if (ranges.length === 0) throw refusedParameter('contentType', 'holds no media type');
  return { ranges, parameter: 'contentType' };
}

/** The first is what a request gets that does not say: what has no pixels is no picture. */
function offersOf(
  instance: IndexedInstance,
  mediaType: string | undefined,
  query: URLSearchParams,
  cine: readonly CineOffer['type'][],
): readonly UriOffer[] {
  if (mediaType !== undefined) {
    const media: UriOffer = { form: 'media', type: mediaType, packaging: 'single' };
    return instance.frames > 0 ? [media, instanceOffer] : [instanceOffer, media];
  }
  if (isReport(instance)) return [instanceOffer, ...reportForms];
  const picture = instance.frames > 0 || pictureParameterNames.some((name) => query.has(name));
  const pictures = framesOffers(singlePictures, cine);
  return picture ? [...pictures, instanceOffer] : [instanceOffer, ...pictures];
}

/** @throws CausewayError `bad-request` that names the first of the parameters that is there */
function refuse(query: URLSearchParams, names: readonly string[], why: string): void {
  const parameter = names.find((name) => query.has(name));
  if (parameter !== undefined) throw refusedParameter(parameter, why);
}

/**
 * The instance by the Basic Profile of PS3.15 Annex E, with a Warning for what somebody has to look at.
 * @throws CausewayError `not-acceptable` where it would still tell who somebody is
 */
async function sendDeidentified(
  exchange: Exchange,
  retrieve: Retrieve,
  instance: IndexedInstance,
  offers: readonly InstanceOffer[],
): Promise<void> {
  const { refusal, warnings: found } = await retrieve.deidentification(instance);
  const warnings = [...found];
  if (refusal !== undefined) throw notAnonymous(refusal);
  const readable = offers.filter(({ form }) => form === 'converted' || !instance.deflated);
  if (readable.length === 0) throw notAnonymous('It is deflated: ask for another transfer syntax.');
  // A picture from a camera has its place and time in its codestream, which goes where it is decoded.
  const converted = readable.filter(({ form }) => form === 'converted');
  const silent = hasCodestreams(instance) && converted.length > 0 ? converted : readable;
  if (silent[0]?.form === 'stored' && hasCodestreams(instance)) warnings.push(codestreamsAreStored);
  for (const words of warnings) exchange.response.append('Warning', warningHeader(exchange.baseUrl, words));
  const delivery = await deliver(retrieve, instance, silent);
  await sendInstance(exchange, instance, delivery, (content, transferSyntaxUid) =>
    retrieve.deidentified(instance, content, transferSyntaxUid),
  );
}

const codestreamsAreStored =
  'The codestreams are as stored, and may hold comments, or the place and time of a photograph';

/** JPEG and its successors have segments and boxes for whatever somebody wants to say. */
function hasCodestreams({ transferSyntaxUid }: IndexedInstance): boolean {
  const codec = transferSyntax(transferSyntaxUid)?.codec ?? 'native';
  return codec !== 'native' && codec !== 'rle' && codec !== 'deflated-frame';
}

function notAnonymous(reason: string): CausewayError {
  return new CausewayError('not-acceptable', `The instance cannot be de-identified. ${reason}`, {
    details: { parameter: 'anonymize' },
  });
}

/**
 * Explicit VR Little Endian unless something else is asked for, as over WADO-RS.
 * @throws CausewayError `not-acceptable` where what is asked for cannot be produced
 * @see PS3.18 §9
 */
function instanceOffersOf(query: URLSearchParams, retrieve: Retrieve, instance: IndexedInstance): InstanceOffer[] {
  const transferSyntax = query.get('transferSyntax') ?? undefined;
  const range: AcceptRange = { ...instanceOffer, transferSyntax, q: 1 };
  const offers = acceptableOffers([range], retrieve, instance, 'single');
  if (offers.length > 0) return offers;
  const { transferSyntaxUid } = instance;
  const words = `The transfer syntax asked for cannot be produced: the instance is stored in ${transferSyntaxUid}.`;
  throw new CausewayError('not-acceptable', words, {
    details: { parameter: 'transferSyntax', acceptable: [transferSyntaxUid, ...retrieve.producible(instance)] },
  });
}
