import type { PresentedFrames, Retrieve } from '../../retrieve/retrieve.ts';
import { type Exchange, queryOf, urlOf, warningHeader } from '../exchange.ts';
import type { OutgoingPart } from '../multipart-writer.ts';
import { framesOffers, multipartPictures, negotiateFrames, singlePictures } from './picture-offers.ts';
import { renderPicture, sendPicture } from './render-picture.ts';
import { type RenderParameters, renderedParameters, requireRoomForProfile } from './rendered-parameters.ts';
import { sendCine } from './send-cine.ts';
import { sendMultipart } from './send-multipart.ts';
import type { IndexedInstance } from './the-instance.ts';

/**
 * What a presentation state shows: all its frames in parts, or played one after the other, or the first where one picture is asked for. A Warning tells of what is left out.
 * @throws CausewayError as `renderPicture`
 * @see PS3.18 §10.4.1.1.3
 */
export async function sendPresented(
  exchange: Exchange,
  retrieve: Retrieve,
  state: IndexedInstance,
  { frames, missing }: PresentedFrames,
): Promise<void> {
  const { response, baseUrl } = exchange;
  const cine = frames.length > 1 ? retrieve.cineTypes : [];
  const offer = negotiateFrames(exchange.accept, framesOffers([...singlePictures, ...multipartPictures], cine), cine);
  const warnOfMissing = () => {
    if (missing === 0) return;
    const words = `${missing} of the images that the presentation state refers to are not here`;
    response.append('Warning', warningHeader(baseUrl, words));
  };
  if (offer.form === 'cine') {
    const played = { ...renderedParameters(exchange.query), mediaType: offer.type };
    requireRoomForProfile(offer.type, played);
    const content = await retrieve.presentedCine(state, frames, played);
    warnOfMissing();
    await sendCine(exchange, offer, content);
    return;
  }
  const parameters: RenderParameters = { ...renderedParameters(exchange.query), mediaType: offer.type };
  requireRoomForProfile(offer.type, parameters);
  const picture = ({ instance, frameNumber }: PresentedFrames['frames'][number]) =>
    renderPicture(retrieve, instance, frameNumber, parameters, state);
  response.vary('Accept');
  warnOfMissing();
  if (offer.packaging === 'multipart') {
    const contentLocation = `${urlOf(baseUrl, state)}/rendered${queryOf(exchange)}`;
    await sendMultipart(exchange, offer.type, parts(frames, picture, { contentType: offer.type, contentLocation }));
    return;
  }
  if (frames.length > 1) {
    const words = `The presentation state shows ${frames.length} frames, of which this is the first: multipart/related brings all`;
    response.append('Warning', warningHeader(baseUrl, words));
  }
  sendPicture(response, offer.type, await picture(frames[0]));
}

async function* parts<T>(
  frames: readonly T[],
  picture: (frame: T) => Promise<Buffer>,
  headers: Omit<OutgoingPart, 'content'>,
): AsyncGenerator<OutgoingPart, void, void> {
  for (const frame of frames) yield { ...headers, content: await picture(frame) };
}
