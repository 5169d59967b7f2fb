import { isReport } from '../../report/is-report.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import { negotiate, type Offer } from '../accept.ts';
import { type Exchange, instanceOf, type Operation, queryOf, targetOf, urlOf } from '../exchange.ts';
import type { OutgoingPart } from '../multipart-writer.ts';
import { reportOffers, sendReport } from '../report/send-report.ts';
import { framesOffers, multipartPictures, negotiateFrames, singlePictures } from './picture-offers.ts';
import { renderPicture, sendPicture } from './render-picture.ts';
import {
  type RenderParameters,
  renderedParameters,
  requireRoomForProfile,
  thumbnailParameters,
} from './rendered-parameters.ts';
import { frameNumbers } from './retrieve-frames.ts';
import { sendCine } from './send-cine.ts';
import { sendMultipart } from './send-multipart.ts';
import { sendPresented } from './send-presented.ts';
import { sendValue } from './send-value.ts';
import { theInstance } from './the-instance.ts';

/**
 * WADO-RS of an instance for people: its document or video as it is stored, a report as a page, the images that a presentation
 * state shows, else a picture of it (PS3.18 §8.7.4, §10.4.1.1.3). Parameters are about pictures; they are checked, and pass what is none by.
 */
export function retrieveRenderedInstance(retrieve: Retrieve): Operation {
  const frames = retrieveRenderedFrames(retrieve);
  return async (exchange) => {
    const instance = await theInstance(retrieve, instanceOf(exchange));
    if (isReport(instance)) {
      renderedParameters(exchange.query);
      await sendReport(exchange, retrieve, instance, negotiate(exchange.accept, reportOffers));
      return;
    }
    const mediaType = await retrieve.mediaType(instance);
    if (mediaType === undefined) {
      const presented = await retrieve.presented(instance);
      return presented === undefined ? frames(exchange) : sendPresented(exchange, retrieve, instance, presented);
    }
    renderedParameters(exchange.query);
    const offer = negotiate<Offer>(exchange.accept, [
      { type: mediaType, packaging: 'single' },
      { type: mediaType, packaging: 'multipart' },
    ]);
    await sendValue(exchange, {
      open: (range) => retrieve.media(instance, range),
      choose: () => offer,
      contentLocation: `${urlOf(exchange.baseUrl, instance)}/rendered`,
    });
  };
}

/** WADO-RS of a small picture of an instance; of what a presentation state shows, the first frame (PS3.18 §10.4.1.1.5). */
export function retrieveInstanceThumbnail(retrieve: Retrieve): Operation {
  const thumbnail = retrieveRendered(retrieve, 'thumbnail');
  return async (exchange) => {
    const state = await theInstance(retrieve, instanceOf(exchange));
    const presented = await retrieve.presented(state, 'first');
    if (presented === undefined) return thumbnail(exchange);
    const offer = negotiate(exchange.accept, singlePictures);
    const parameters: RenderParameters = { ...thumbnailParameters(exchange.query), mediaType: offer.type };
    const { instance, frameNumber } = presented.frames[0];
    exchange.response.vary('Accept');
    sendPicture(exchange.response, offer.type, await renderPicture(retrieve, instance, frameNumber, parameters, state));
  };
}

/**
 * WADO-RS of an instance or some of its frames: played one after the other where that is asked for, else as `retrieveRendered`
 * (PS3.18 §8.7.4).
 */
export function retrieveRenderedFrames(retrieve: Retrieve): Operation {
  const rendered = retrieveRendered(retrieve, 'rendered');
  return async (exchange) => {
    const numbers = exchange.pathParameters['frames'] === undefined ? undefined : frameNumbers(exchange);
    if (numbers?.length === 1) return rendered(exchange);
    const instance = await theInstance(retrieve, instanceOf(exchange));
    const cine = await retrieve.cineMediaTypes(instance);
    const pictures = numbers === undefined ? [...singlePictures, ...multipartPictures] : multipartPictures;
    const offer = negotiateFrames(exchange.accept, framesOffers(pictures, cine), cine);
    if (offer.form !== 'cine') return rendered(exchange);
    const parameters = { ...renderedParameters(exchange.query), mediaType: offer.type };
    requireRoomForProfile(offer.type, parameters);
    const wanted = numbers === undefined ? { parameters } : { parameters, frameNumbers: numbers };
    await sendCine(exchange, offer, await retrieve.cine(instance, wanted));
  };
}

/** WADO-RS of pictures for people: rendered resources and thumbnails (PS3.18 §10.4.1.1.3, §10.4.1.1.5). */
export function retrieveRendered(retrieve: Retrieve, kind: 'rendered' | 'thumbnail'): Operation {
  const parametersOf = kind === 'rendered' ? renderedParameters : thumbnailParameters;
  return async (exchange) => {
    const { response, query } = exchange;
    const target = targetOf(exchange);
    const frames = exchange.pathParameters['frames'] === undefined ? [undefined] : frameNumbers(exchange);
    const pictures = frames.length === 1 ? [...singlePictures, ...multipartPictures] : multipartPictures;
    const offer = negotiate(exchange.accept, pictures);
    const parameters: RenderParameters = { ...parametersOf(query), mediaType: offer.type };
    requireRoomForProfile(offer.type, parameters);
    response.vary('Accept');
    const picture = (frame: number | undefined) => renderPicture(retrieve, target, frame, parameters);
    if (offer.packaging === 'multipart') {
      await sendMultipart(exchange, offer.type, parts(exchange, kind, frames, offer.type, picture));
      return;
    }
    sendPicture(response, offer.type, await picture(frames[0]));
  };
}

async function* parts(
  exchange: Exchange,
  kind: string,
  frames: readonly (number | undefined)[],
  contentType: string,
  picture: (frame: number | undefined) => Promise<Buffer>,
): AsyncGenerator<OutgoingPart, void, void> {
  const url = urlOf(exchange.baseUrl, targetOf(exchange));
  const query = queryOf(exchange);
  for (const frame of frames) {
    const content = await picture(frame);
    const contentLocation = `${url}${frame === undefined ? '' : `/frames/${frame}`}/${kind}${query}`;
    yield { contentType, contentLocation, content };
  }
}
