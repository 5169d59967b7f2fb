import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Retrieve, StoredFrame } from '../../retrieve/retrieve.ts';
import { bestOffer, notAcceptable } from '../accept.ts';
import { type Exchange, instanceOf, type Operation, urlOf } from '../exchange.ts';
import { type OutgoingPart, partContentType } from '../multipart-writer.ts';
import { peek } from '../peek.ts';
import { type FrameOffer, frameOffers, includesFrames } from './frame-offers.ts';
import { sendMultipart } from './send-multipart.ts';

/** WADO-RS of frames, in the order asked (PS3.18 §10.4.1.1.6). */
export function retrieveFrames(retrieve: Retrieve): Operation {
  return async (exchange) => {
    const target = instanceOf(exchange);
    const numbers = frameNumbers(exchange);
    const stored = await storedSyntax(retrieve, target);
    const offers = frameOffers(stored, numbers.length > 1);
    const matches = includesFrames(offers);
    let usable: readonly FrameOffer[] = offers;
    for (;;) {
      const offer = bestOffer(exchange.accept, usable, matches);
      if (offer === undefined) throw notAcceptable(offers);
      try {
        const frames = await peek(framesAs(offer, retrieve, target, numbers, stored));
        if (frames.first !== undefined) await send(exchange, offer, frames.first, frames.all);
        return;
      } catch (thrown) {
        // What cannot be decoded may still be wanted as it is stored.
        usable = usable.filter(({ form }) => form !== offer.form);
        if (
          exchange.response.headersSent ||
          !cannotDecode(thrown) ||
          bestOffer(exchange.accept, usable, matches) === undefined
        )
          throw thrown;
      }
    }
  };
}

/** @throws CausewayError `bad-request` */
export function frameNumbers({ pathParameters }: Exchange): number[] {
  const numbers = (pathParameters['frames'] ?? '').split(',').map(Number);
  if (numbers.includes(0)) {
    throw new CausewayError('bad-request', 'Frame numbers start at 1.', { details: { parameter: 'frames' } });
  }
  return numbers;
}

async function storedSyntax(retrieve: Retrieve, target: ReturnType<typeof instanceOf>): Promise<string> {
  for await (const instance of retrieve.instances(target)) return instance.transferSyntaxUid;
  throw new CausewayError('not-found', 'There is no such instance.');
}

function framesAs(
  { form }: FrameOffer,
  retrieve: Retrieve,
  target: ReturnType<typeof instanceOf>,
  numbers: readonly number[],
  stored: string,
): AsyncIterable<StoredFrame> {
  const syntax = transferSyntax(stored);
  // Uncompressed pixels go out as they lie in the file where that is what the web wants: little endian.
  const asStored = form === 'stored' || (syntax?.codec === 'native' && !syntax.bigEndian);
  return asStored ? retrieve.frames(target, numbers) : retrieve.nativeFrames(target, numbers);
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
  const contentType = partContentType(offer.type, offer.transferSyntaxUid);
  const url = `${urlOf(exchange.baseUrl, instanceOf(exchange))}/frames/`;
  if (offer.packaging === 'multipart') {
    await sendMultipart(exchange, offer.type, parts(all, contentType, url));
    return;
  }
  const content = wholeBytes(first);
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
    yield { contentType, contentLocation: `${url}${frame.number}`, content: wholeBytes(frame) };
  }
}

/** A frame of one bit a pixel may start within a byte of the file (PS3.5 §8.1.1); on the web each starts with one. */
function wholeBytes({ bytes, bitOffset }: StoredFrame): Uint8Array {
  if (bitOffset === 0) return bytes;
  const aligned = Buffer.alloc(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) {
    aligned[at] = ((bytes[at] ?? 0) >> bitOffset) | ((bytes[at + 1] ?? 0) << (8 - bitOffset));
  }
  return aligned;
}
