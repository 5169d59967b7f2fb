import { randomUUID } from 'node:crypto';
import { type BoundedCache, createBoundedCache } from '../kernel/bounded-cache.ts';
import type { Target } from '../retrieve/retrieve.ts';

/** SOP Instance UIDs. */
export type ListedUids = Pick<ReadonlySet<string>, 'has' | 'size'> & Iterable<string>;

/** How a target was listed. */
export interface Listing {
  readonly listed: ListedUids;
  /** By `performance.now()`: when the peer was asked. What it got afterwards may not be in it. */
  readonly askedAt: number;
  /** Whether all of it was here then. */
  readonly isHere: boolean;
}

/** It counts from when it was told, and all of it had come: a peer that takes long would have to tell for ever. */
interface ToldListing extends Listing {
  readonly toldAt: number;
}

/** What a peer has told of what it has. */
export interface PeerListings {
  /** What the peer had of a study or series, not longer ago than counts, if all of it was here. */
  complete(target: Target): ListedUids | undefined;
  /** Whether the peer had an instance when it told last: lately, or longer ago. Undefined if it has not told so. */
  had(instance: Required<Target>): 'lately' | 'once' | undefined;
  /** Whether the peer has told lately of a series, be it of an instance or not. */
  isListed(series: Target): boolean;
  /** To be called once it is told and, where it is to be, here: it is believed from then on. */
  remember(target: Target, listing: Listing): void;
  /** The peer has got something of the study: what it told before is not all any more, nor what it was asked before. */
  forget(studyInstanceUid: string): void;
  /** When that was, by `performance.now()`: what was asked before does not answer who asks now. -Infinity if never. */
  forgottenAt(studyInstanceUid: string): number;
  /** Nobody asks this peer any more, or not as it was known: what it told, or tells to those who still wait, is not kept. */
  end(): void;
}

/** What a peer has of a target is asked again so long after it was told and all of it had come. */
const listedForMs = 10_000;
/** An instance that is here need not be asked for so long: frames are read one by one. */
export const believedForMs = 600_000;
/** A listing of up to an eighth is kept: of 100,000 instances. */
const maxListedBytes = 67_108_864;
const bytesOfUid = 80;
const maxForgotten = 10_000;

/** Room for what all peers tell. */
export function createListingsCache(maxBytes = maxListedBytes): BoundedCache<ToldListing> {
  return createBoundedCache(maxBytes);
}

/** @param cache shared by all peers */
export function createPeerListings(cache = createListingsCache()): PeerListings {
  const peer = randomUUID();
  const keyOf = ({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Target): string =>
    [peer, studyInstanceUid, seriesInstanceUid, sopInstanceUid].join('/');
  let isEnded = false;
  /** When a study was forgotten, the longest ago first. */
  const forgotten = new Map<string, number>();
  /** When the last one was that is not known one by one any more: any other may have been the same. */
  let othersForgottenAt = Number.NEGATIVE_INFINITY;
  const forgottenAt = (studyInstanceUid: string): number => forgotten.get(studyInstanceUid) ?? othersForgottenAt;
  const isSince = (one: ToldListing | undefined, forMs: number): boolean =>
    one !== undefined && performance.now() - one.toldAt < forMs;

  function told(target: Target): ToldListing | undefined {
    const one = cache.get(keyOf(target));
    return one !== undefined && one.askedAt > forgottenAt(target.studyInstanceUid) ? one : undefined;
  }

  return {
    complete(target) {
      const one = told(target);
      return isSince(one, listedForMs) && one?.isHere ? one.listed : undefined;
    },
    had(instance) {
      const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = instance;
      const own = told(instance);
      if (isSince(own, believedForMs)) return 'lately';
      const ofSeries = told({ studyInstanceUid, seriesInstanceUid });
      const ofStudy = told({ studyInstanceUid });
      const last = (ofSeries?.askedAt ?? 0) > (ofStudy?.askedAt ?? 0) ? ofSeries : ofStudy;
      if (last?.listed.has(sopInstanceUid)) return isSince(last, believedForMs) ? 'lately' : 'once';
      return own !== undefined && own.askedAt > (last?.askedAt ?? 0) ? 'once' : undefined;
    },
    isListed: (series) => isSince(told(series), believedForMs),
    remember(target, listing) {
      if (isEnded || forgottenAt(target.studyInstanceUid) >= listing.askedAt) return;
      cache.set(keyOf(target), { ...listing, toldAt: performance.now() }, bytesOfUid * (1 + listing.listed.size));
    },
    forget(studyInstanceUid) {
      forgotten.delete(studyInstanceUid);
      forgotten.set(studyInstanceUid, performance.now());
      const [oldest] = forgotten;
      if (forgotten.size <= maxForgotten || oldest === undefined) return;
      forgotten.delete(oldest[0]);
      othersForgottenAt = oldest[1];
    },
    forgottenAt,
    end() {
      isEnded = true;
      cache.deleteStartingWith(peer);
    },
  };
}
