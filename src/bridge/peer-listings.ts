import { createBoundedCache } from '../kernel/bounded-cache.ts';
import type { Target } from '../retrieve/retrieve.ts';

/** SOP Instance UIDs. */
export type ListedUids = Pick<ReadonlySet<string>, 'has' | 'size'> & Iterable<string>;

/** How a target was listed. */
export interface Listing {
  readonly listed: ListedUids;
  /** By `performance.now()`: when the peer was asked. */
  readonly askedAt: number;
  /** Whether all of it was here then. */
  readonly isHere: boolean;
}

/** What a peer has told of what it has. */
export interface PeerListings {
  /** What the peer had of a study or series, not longer ago than counts, if all of it was here. */
  complete(target: Target): ListedUids | undefined;
  /** Whether the peer had an instance when it told last: lately, or longer ago. Undefined if it has not told so. */
  had(instance: Required<Target>): 'lately' | 'once' | undefined;
  /** Whether the peer has told lately of a series, be it of an instance or not. */
  isListed(series: Target): boolean;
  remember(target: Target, listing: Listing): void;
  /** The peer has got something of the study: what it told before is not all any more, nor what it was asked before. */
  forget(studyInstanceUid: string): void;
}

/** What a peer has of a target is asked again after so long. */
const listedForMs = 10_000;
/** An instance that is here need not be asked for so long: frames are read one by one. */
export const believedForMs = 600_000;
/** A listing of up to an eighth is kept: of 100,000 instances. */
const maxListedBytes = 67_108_864;
const bytesOfUid = 80;
const maxForgotten = 1_000;

interface Known extends Listing {
  readonly at: number;
}

export function createPeerListings(): PeerListings {
  const known = createBoundedCache<Known>(maxListedBytes);
  /** When a study was forgotten. */
  const forgotten = createBoundedCache<number>(maxForgotten);
  const isSince = (one: Known | undefined, forMs: number): boolean =>
    one !== undefined && performance.now() - one.at < forMs;

  return {
    complete(target) {
      const one = known.get(keyOf(target));
      return isSince(one, listedForMs) && one?.isHere ? one.listed : undefined;
    },
    had(instance) {
      const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = instance;
      const own = known.get(keyOf(instance));
      if (isSince(own, believedForMs)) return 'lately';
      const ofSeries = known.get(keyOf({ studyInstanceUid, seriesInstanceUid }));
      const ofStudy = known.get(keyOf({ studyInstanceUid }));
      const last = (ofSeries?.at ?? 0) > (ofStudy?.at ?? 0) ? ofSeries : ofStudy;
      if (last?.listed.has(sopInstanceUid)) return isSince(last, believedForMs) ? 'lately' : 'once';
      return own !== undefined && own.at > (last?.at ?? 0) ? 'once' : undefined;
    },
    isListed: (series) => isSince(known.get(keyOf(series)), believedForMs),
    remember(target, listing) {
      if ((forgotten.get(target.studyInstanceUid) ?? -1) >= listing.askedAt) return;
      known.set(keyOf(target), { ...listing, at: performance.now() }, bytesOfUid * (1 + listing.listed.size));
    },
    forget(studyInstanceUid) {
      known.deleteStartingWith(`${studyInstanceUid}/`);
      forgotten.set(studyInstanceUid, performance.now(), 1);
    },
  };
}

function keyOf({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Target): string {
  return [studyInstanceUid, seriesInstanceUid, sopInstanceUid].join('/');
}
