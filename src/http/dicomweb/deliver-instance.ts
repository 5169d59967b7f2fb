import { CausewayError, type ErrorCode } from '../../kernel/errors.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import { unconvertible } from '../../retrieve/unconvertible.ts';
import { type AcceptRange, bestOffer, type Offer } from '../accept.ts';
import { type InstanceOffer, includesInstance, instanceOffers } from './instance-offers.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** What of an instance can go out, best first. */
export function acceptableOffers(
  ranges: readonly AcceptRange[],
  retrieve: Retrieve,
  instance: IndexedInstance,
  packaging: Offer['packaging'],
): InstanceOffer[] {
  let left = instanceOffers(instance.transferSyntaxUid, retrieve.producible(instance), packaging);
  const acceptable: InstanceOffer[] = [];
  for (;;) {
    const best = bestOffer(ranges, left, includesInstance(left));
    if (best === undefined) return acceptable;
    acceptable.push(best);
    left = left.filter((offer) => offer !== best);
  }
}

export interface Delivery {
  readonly offer: InstanceOffer;
  /** Opened when it is asked for. */
  readonly content: () => AsyncIterable<Uint8Array>;
}

/**
 * The best of the offers that can be had; those after it are for what cannot be converted.
 * @throws CausewayError why the last of the offers cannot be had
 */
export async function deliver(
  retrieve: Retrieve,
  instance: IndexedInstance,
  offers: readonly InstanceOffer[],
): Promise<Delivery> {
  let reason = new CausewayError('not-acceptable', `It is stored in transfer syntax ${instance.transferSyntaxUid}.`);
  for (const offer of offers) {
    if (offer.form === 'stored') return { offer, content: () => retrieve.file(instance) };
    try {
      const bytes = await retrieve.converted(instance, offer.transferSyntaxUid);
      return { offer, content: () => bytes };
    } catch (thrown) {
      if (!(thrown instanceof CausewayError) || !notConvertible.has(thrown.code)) throw thrown;
      reason = thrown;
    }
  }
  throw reason;
}

/** What keeps one instance from being converted and says nothing of the next. */
export const notConvertible: ReadonlySet<ErrorCode> = new Set([...unconvertible, 'timed-out']);
