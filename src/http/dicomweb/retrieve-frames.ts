import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { type Peeked, peek } from '../../kernel/peek.ts';
import type { Retrieve, StoredFrame } from '../../retrieve/retrieve.ts';
import { bestOffer, notAcceptable } from '../accept.ts';
import { type Exchange, instanceOf, type Operation, urlOf, warningHeader } from '../exchange.ts';
import { type OutgoingPart, partContentType } from '../multipart-writer.ts';
import { type FrameOffer, frameOffers, includesFrames } from './frame-offers.ts';
import { sendMultipart } from './send-multipart.ts';
import { theInstance } from './the-instance.ts';

/** WADO-RS of frames, in the order asked (PS3.18 §10.4.1.1.6). */
export function retrieveFrames(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const numbers = frameNumbers(exchange);
    const { transferSyntaxUid } = await theInstance(retrieve, instanceOf(exchange));
    const { offer, frames } = await acceptableFrames(exchange, retrieve, numbers, transferSyntaxUid);
    if (frames.first !== undefined) await send(exchange, offer, frames.first, frames.all);
  };
}

interface AcceptableFrames {
  readonly offer: FrameOffer;
  readonly frames: Peeked<StoredFrame>;
}

/**
 * Frames in the form that the client likes best. What cannot be decoded may still be wanted as it is stored.
 * @param storedUid transfer syntax of the frames, as far as is known before they are there
 */
async function acceptableFrames(
  exchange: Exchange,
  retrieve: Retrieve,
  numbers: readonly number[],
  storedUid: string,
): Promise<AcceptableFrames> {
  const target = instanceOf(exchange);
  const producible = retrieve.producible({ transferSyntaxUid: storedUid });
  const offers = frameOffers(storedUid, producible, numbers.length > 1);
  const best = (usable: readonly FrameOffer[]) => bestOffer(exchange.accept, usable, includesFrames(offers));
  let offer = best(offers);
  if (offer === undefined) throw notAcceptable(offers);
  const framesOf = ({ form, transferSyntaxUid }: FrameOffer) => {
    if (form === 'stored') return peek(retrieve.frames(target, numbers));
    if (form === 'native') return peek(retrieve.nativeFrames(target, numbers));
    return peek(retrieve.encodedFrames(target, numbers, transferSyntaxUid));
  };
  for (let left = offers; ; ) {
    let frames: Peeked<StoredFrame>;
    try {
      frames = await framesOf(offer);
    } catch (thrown) {
      const { form, transferSyntaxUid }: FrameOffer = offer;
      left = left.filter((one) => one.form !== form || one.transferSyntaxUid !== transferSyntaxUid);
      offer = best(left);
      if (offer === undefined || !cannotDecode(thrown)) throw thrown;
      continue;
    }
    // The instance was replaced meanwhile, or its pixels are not what its transfer syntax says.
    const foundUid = frames.first?.transferSyntaxUid ?? offer.transferSyntaxUid;
    if (foundUid === offer.transferSyntaxUid) return { offer, frames };
    await frames.all[Symbol.asyncIterator]().return?.();
    return acceptableFrames(exchange, retrieve, numbers, foundUid);
  }
}

/** @throws CausewayError `bad-request` */
export function frameNumbers({ pathParameters }: Exchange): number[] {
  const numbers = (pathParameters['frames'] ?? '').split(',').map(Number);
  if (numbers.includes(0)) {
    throw new CausewayError('bad-request', 'Frame numbers start at 1.', { details: { parameter: 'frames' } });
  }
  return numbers;
}

function cannotDecode(thrown: unknown): boolean {
  return (
    thrown instanceof CausewayError &&
    (thrown.code === 'decode-failed' || thrown.code === 'transfer-syntax-unsupported' || thrown.code === 'timed-out')
  );
}

async function send(
  exchange: Exchange,
  offer: FrameOffer,
  first: StoredFrame,
  all: AsyncIterable<StoredFrame>,
): Promise<void> {
  const { response } = exchange;
  if (offer.form === 'encoded' && transferSyntax(offer.transferSyntaxUid)?.lossy) {
    const words = 'The frames are compressed with loss; the metadata describe those that are stored';
    response.append('Warning', warningHeader(exchange.baseUrl, words));
  }
  const contentType = partContentType(offer.type, offer.transferSyntaxUid);
  const url = `${urlOf(exchange.baseUrl, instanceOf(exchange))}/frames/`;
  if (offer.packaging === 'multipart') {
    await sendMultipart(exchange, offer.type, parts(all, contentType, url));
    return;
  }
  const content = first.bytes;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Location', `${url}${first.number}`);
  response.setHeader('Content-Length', content.length);
  response.end(content);
}

async function* parts(
  frames: AsyncIterable<StoredFrame>,
  contentType: string,
  url: string,
): AsyncGenerator<OutgoingPart, void, void> {
  for await (const frame of frames) {
    yield { contentType, contentLocation: `${url}${frame.number}`, content: frame.bytes };
  }
}
