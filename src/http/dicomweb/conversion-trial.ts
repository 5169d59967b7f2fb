import { createBoundedCache } from '../../kernel/bounded-cache.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { mapAhead } from '../../kernel/map-ahead.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import { notAcceptable } from '../accept.ts';
import { type Exchange, warningHeader } from '../exchange.ts';
import { type Delivery, deliver, notConvertible } from './deliver-instance.ts';
import type { InstanceOffer } from './instance-offers.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** What of an instance can go out, best first. */
export type OffersOf = (instance: IndexedInstance) => InstanceOffer[];

export interface ConversionTrial {
  /** SOP Instance UIDs of what cannot be had. */
  readonly missing: ReadonlySet<string>;
  /** Makes what is not missing. @throws CausewayError as `deliver` */
  deliver(instance: IndexedInstance): Promise<Delivery>;
}

/** Instances that are tried at the same time. */
const triedAhead = 2;

/** So many of a kind of which none could be made speak for the rest of it when time is up: one may be damaged alone. */
const failuresOfKind = 3;

/** Instances of which is known that an answer broke off at them. */
const maxSuspects = 10_000;

/**
 * Says before an answer begins what of its target will be missing from it, and makes the rest.
 *
 * Whether an instance can be had in a transfer syntax is known for sure when its first frame is made. Of a large study all would
 * be made twice, and nothing sent meanwhile: after some time only those are tried that are unlike all that could be made, and
 * unlike those of which several could not. Where one that was passed over cannot be made after all, the answer breaks off, and the
 * instance is tried whenever it is asked for again.
 * @param trialMs how long every instance is tried
 */
export function createConversionTrials(retrieve: Retrieve, trialMs: number) {
  const suspects = createBoundedCache<true>(maxSuspects);

  function suspect({ blobKey }: IndexedInstance, thrown: unknown): void {
    if (cannotBeMade(thrown)) suspects.set(blobKey, true, 1);
  }

  /** The same bytes. An answer may break off at any frame, not only at the first. */
  async function* watched(instance: IndexedInstance, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* content;
    } catch (thrown) {
      suspect(instance, thrown);
      throw thrown;
    }
  }

  async function make(instance: IndexedInstance, offersOf: OffersOf): Promise<Delivery> {
    try {
      const delivery = await deliver(retrieve, instance, offersOf(instance));
      if (delivery.offer.form === 'stored') return delivery;
      return { ...delivery, content: () => watched(instance, delivery.content()) };
    } catch (thrown) {
      suspect(instance, thrown);
      throw thrown;
    }
  }

  return {
    /** For who takes everything as it is stored, if it must be. */
    untried: (offersOf: OffersOf): ConversionTrial => ({
      missing: new Set(),
      deliver: (instance) => make(instance, offersOf),
    }),

    /** @throws CausewayError `not-acceptable` if nothing can be had */
    async try(exchange: Exchange, target: Target, offersOf: OffersOf): Promise<ConversionTrial> {
      const until = performance.now() + trialMs;
      const kindsMade = new Set<string>();
      const kindsFailed = new Map<string, { readonly count: number; readonly reason: string }>();
      /** By blob key. Who asks for one instance has it made once; of all it would be too much to keep. */
      const made = new Map<string, Delivery>();
      const check = async (instance: IndexedInstance): Promise<Checked> => {
        const offers = offersOf(instance);
        if (offers.some(({ form }) => form === 'stored')) return { instance, isTried: false };
        const kind = kindOf(instance);
        const failed = kindsFailed.get(kind);
        if (performance.now() > until) {
          const isMade = kindsMade.has(kind);
          if (isMade && suspects.get(instance.blobKey) === undefined) return { instance, isTried: false };
          if (!isMade && failed && failed.count >= failuresOfKind) {
            return { instance, isTried: false, reason: failed.reason };
          }
        }
        try {
          const delivery = await make(instance, () => offers);
          if (made.size < triedAhead) made.set(instance.blobKey, delivery);
          kindsMade.add(kind);
          return { instance, isTried: true };
        } catch (thrown) {
          if (!cannotBeMade(thrown)) throw thrown;
          const { message: reason } = thrown;
          // What may go well the next time says nothing of the others.
          if (thrown.details.passing !== true) {
            kindsFailed.set(kind, { count: (kindsFailed.get(kind)?.count ?? 0) + 1, reason });
          }
          return { instance, isTried: true, reason };
        }
      };
      const missing = new Set<string>();
      const reasons = new Set<string>();
      const possible = new Set<string>();
      let sent = 0;
      let untried = 0;
      for await (const { instance, isTried, reason } of mapAhead(retrieve.instances(target), check, triedAhead)) {
        if (reason === undefined) {
          sent += 1;
          continue;
        }
        missing.add(instance.sopInstanceUid);
        if (!isTried) untried += 1;
        if (reasons.size < shownReasons) reasons.add(reason);
        for (const uid of [instance.transferSyntaxUid, ...retrieve.producible(instance)]) possible.add(uid);
      }
      if (missing.size > 0) tell(exchange, { missing: missing.size, untried, sent, reasons, possible });
      return {
        missing,
        async deliver(instance) {
          const kept = made.get(instance.blobKey);
          made.delete(instance.blobKey);
          return kept ?? make(instance, offersOf);
        },
      };
    },
  };
}

const shownReasons = 3;

/**
 * What tells whether an instance can be made, as far as its row in the index knows: nothing is read for it, as nothing is sent
 * meanwhile. What a device writes into a series is mostly alike in all else.
 */
function kindOf({ seriesInstanceUid, sopClassUid, transferSyntaxUid, frames }: IndexedInstance): string {
  return [seriesInstanceUid, sopClassUid, transferSyntaxUid, frames].join(' ');
}

function cannotBeMade(thrown: unknown): thrown is CausewayError {
  return thrown instanceof CausewayError && (thrown.code === 'not-acceptable' || notConvertible.has(thrown.code));
}

/** What is known of an instance before it is sent. */
interface Checked {
  readonly instance: IndexedInstance;
  readonly isTried: boolean;
  /** Why it is missing, if it is. */
  readonly reason?: string;
}

interface Findings {
  readonly missing: number;
  /** Of them those that others of their kind speak for. */
  readonly untried: number;
  readonly sent: number;
  readonly reasons: ReadonlySet<string>;
  /** Transfer syntaxes in which what is missing might be had. */
  readonly possible: ReadonlySet<string>;
}

/** @throws CausewayError `not-acceptable` if nothing is left to send */
function tell({ response, baseUrl }: Exchange, { missing, untried, sent, reasons, possible }: Findings): void {
  const ofKind = `${untried} of them were not tried: all of their kind that were cannot be had so.`;
  const why = [...reasons, ...(untried > 0 ? [ofKind] : [])].join(' ');
  if (sent === 0) {
    throw notAcceptable(
      [...possible].map((transferSyntaxUid) => ({
        type: 'application/dicom',
        packaging: 'multipart',
        transferSyntaxUid,
      })),
      `Nothing can be had in the transfer syntax asked for. ${why} Ask for transfer-syntax=* to get what is stored.`,
    );
  }
  const words = `${missing} instances are not part of this answer. ${why}`;
  response.status(206).append('Warning', warningHeader(baseUrl, words));
}
