import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { RemoteInstance } from '../dimse/scu/list-instances.ts';
import type { RetrievalProgress } from '../dimse/scu/retrieval-request.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { KnownPeer } from '../peers/peers.ts';
import { presentInstances } from '../retrieve/present-instances.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import type { FetchedInstances } from './fetched-instances.ts';
import { createFetchesInTurn } from './fetches-in-turn.ts';
import { believedForMs, type ListedUids, type PeerListings } from './peer-listings.ts';

export interface FetchOptions {
  readonly peer: KnownPeer & CalledPeer;
  readonly scu: Pick<Scu, 'list' | 'get' | 'move'>;
  /** Over what is here. */
  readonly retrieve: Pick<Retrieve, 'instances'>;
  /** Ours, as the destination of C-MOVE. */
  readonly aeTitle: string;
  readonly fetched: FetchedInstances;
  readonly listings: PeerListings;
  readonly log: Log;
}

/**
 * Has the peer send what it has of a target and is not here. Whoever wants the same at the same time waits for the same.
 * @throws CausewayError `not-found` if the peer has nothing of it; `unavailable` if it did not send all of it, in words;
 * what the peer answers
 * @param onArrival told now and then while instances come, if the peer tells how far it is
 * @returns what the peer has of the target: what else is here of it did not come from there, or is not there any more
 */
export type FetchMissing = (target: Target, onArrival?: (listed: ListedUids) => void) => Promise<ListedUids>;

/** A peer that did not answer is not asked again for so long whether it has what is here anyway. */
const silentForMs = 60_000;

/** Up to so many single instances are asked for by their own, more by their series. */
const fewInstances = 4;

/** Missing instances on their way, and whom to tell that some have come. */
interface Fetch {
  readonly target: Target;
  readonly missing: readonly RemoteInstance[];
  /** What the peer has of the target, be it missing or not. */
  readonly all: readonly RemoteInstance[];
  readonly patientId: string | undefined;
  readonly arrived: () => void;
}

export function createFetchMissing(options: FetchOptions): FetchMissing {
  const { peer, scu, retrieve, fetched, listings, log } = options;
  const flights = createSingleFlight<ListedUids>();
  const fetches = createFetchesInTurn();
  const seriesFlights = createSingleFlight<void>();
  /** Those who wait for what is on its way, by the key of its target. */
  const listeners = new Map<string, Set<(listed: ListedUids) => void>>();
  const aeTitle = peer.callingAeTitle ?? options.aeTitle;
  /** Since when the peer does not answer, as it was asked last. */
  let silentAt: number | undefined;
  const isSilent = (forMs: number) => silentAt !== undefined && performance.now() - silentAt < forMs;

  async function list(target: Target) {
    try {
      const listing = await scu.list(peer, target, log);
      silentAt = undefined;
      return listing;
    } catch (thrown) {
      if (isSilence(thrown)) silentAt = performance.now();
      throw thrown;
    }
  }

  async function uidsHere(target: Target): Promise<ReadonlySet<string>> {
    const here = new Set<string>();
    for await (const { sopInstanceUid } of presentInstances(retrieve, target)) here.add(sopInstanceUid);
    return here;
  }

  async function missingOf(target: Target, all: readonly RemoteInstance[]): Promise<RemoteInstance[]> {
    const here = await uidsHere(target);
    return all.filter(({ sopInstanceUid }) => !here.has(sopInstanceUid));
  }

  /** What the peer has told lately of a target, where all of it is still here: some may have been deleted since. */
  async function listedLately(target: Target): Promise<ListedUids | undefined> {
    const listed = listings.complete(target);
    if (listed === undefined) return undefined;
    const here = await uidsHere(target);
    for (const sopInstanceUid of listed) if (!here.has(sopInstanceUid)) return undefined;
    return listed;
  }

  async function fetchAll(target: Target, tell: (listed: ListedUids) => void): Promise<ListedUids> {
    const startedAt = performance.now();
    const listedAll = (listed: ListedUids): ListedUids => {
      listings.remember(target, { listed, askedAt: startedAt, isHere: true });
      return listed;
    };
    const { instances: all, patientId } = await list(target);
    if (all.length === 0) throw new CausewayError('not-found', `The archive ${peer.aeTitle} has nothing of this.`);
    const listed = new Set(all.map(({ sopInstanceUid }) => sopInstanceUid));
    if ((await missingOf(target, all)).length === 0) return listedAll(listed);
    const { instances, left, trouble } = await fetches.run(
      keyOf(target),
      () => tell(listed),
      async (arrived) => {
        const missing = await missingOf(target, all);
        const instances = missing.length;
        if (instances === 0) return { instances, left: 0, trouble: undefined };
        return { instances, ...(await fetch({ target, missing, all, patientId, arrived })) };
      },
    );
    const facts = { peer: peer.aeTitle, instances, durationMs: Math.round(performance.now() - startedAt) };
    if (left === 0) {
      // All may have come for others while this waited in turn.
      if (instances > 0) log.info('Instances were fetched from a peer.', facts);
      return listedAll(listed);
    }
    log.warn('A peer did not send everything.', { ...facts, missing: left });
    const words = `The archive ${peer.aeTitle} did not send ${left} of ${all.length} instances.`;
    const message = trouble === undefined ? words : `${words} ${trouble.message}`;
    throw new CausewayError('unavailable', message, { cause: trouble, details: { missing: left } });
  }

  async function get({ target, missing, all, patientId, arrived }: Fetch): Promise<void> {
    for (const request of requestsFor(target, missing, all.length)) {
      const listed = missing.filter((one) => isOf(one, request));
      const { ingest } = fetched;
      await scu.get(peer, { ...request, patientId }, { onProgress: progress(arrived), listed, ingest }, log);
      arrived();
    }
  }

  async function move({ target, missing, all, patientId, arrived }: Fetch): Promise<void> {
    for (const request of requestsFor(target, missing, all.length)) {
      const moved = () => scu.move(peer, { ...request, patientId }, aeTitle, { onProgress: progress(arrived) }, log);
      // What is here already comes again with the rest of its series.
      const coming = all.filter((one) => isOf(one, request)).map(({ sopInstanceUid }) => sopInstanceUid);
      await fetched.awaiting(aeTitle, coming, moved);
      arrived();
    }
  }

  /**
   * By C-GET, and, where it may be either way, what does not come so by C-MOVE: an archive that does not convert cannot send
   * by C-GET what we did not propose, and one may offer C-GET and refuse it.
   */
  async function fetch(wanted: Fetch): Promise<{ readonly left: number; readonly trouble: CausewayError | undefined }> {
    const { target, missing } = wanted;
    if (peer.retrieveBy === 'move') {
      await move(wanted);
      return { left: (await missingOf(target, missing)).length, trouble: undefined };
    }
    let trouble: CausewayError | undefined;
    try {
      await get(wanted);
    } catch (thrown) {
      trouble = asCausewayError(thrown);
      if (peer.retrieveBy === 'get' || !isRefusal(trouble)) throw thrown;
    }
    const left = await missingOf(target, missing);
    if (left.length === 0 || peer.retrieveBy === 'get') return { left: left.length, trouble };
    try {
      await move({ ...wanted, missing: left });
    } catch (thrown) {
      // Who does not offer C-GET at all has one answer only.
      if (trouble?.code === 'sop-class-unsupported') throw thrown;
      trouble = asCausewayError(thrown);
    }
    return { left: (await missingOf(target, left)).length, trouble };
  }

  /** Who asks after the peer has got something of the study does not share what was asked before. */
  const flightKey = (target: Target): string => `${keyOf(target)} ${listings.forgottenAt(target.studyInstanceUid)}`;

  async function fly(target: Target, onArrival: ((listed: ListedUids) => void) | undefined) {
    const key = flightKey(target);
    const listening = listeners.get(key) ?? new Set();
    if (onArrival !== undefined) listeners.set(key, listening.add(onArrival));
    const tell = (listed: ListedUids): void => {
      for (const each of listeners.get(key) ?? []) each(listed);
    };
    try {
      return await flights.run(key, () => fetchAll(target, tell));
    } finally {
      if (onArrival !== undefined && listening.delete(onArrival) && listening.size === 0) listeners.delete(key);
    }
  }

  async function listSeries({ studyInstanceUid, seriesInstanceUid }: Required<Target>): Promise<void> {
    const series = { studyInstanceUid, seriesInstanceUid };
    const askedAt = performance.now();
    const { instances } = await list(series);
    const listed = new Set(instances.map(({ sopInstanceUid }) => sopInstanceUid));
    listings.remember(series, { listed, askedAt, isHere: false });
  }

  /**
   * Whether the peer is known to have an instance that is here. All of its series is asked for at once, as others of it are
   * read next, and while what the peer told before is believed. A peer that does not answer just now does not say that an
   * image is gone which somebody is looking at, nor is it waited for again with each.
   */
  async function isOfPeer(instance: Required<Target>): Promise<boolean> {
    const had = listings.had(instance);
    if (had === 'lately' || isSilent(silentForMs)) return true;
    const { studyInstanceUid, seriesInstanceUid } = instance;
    // What is not in a listing may still be there: archives answer so many matches and no more.
    if (had === undefined && listings.isListed({ studyInstanceUid, seriesInstanceUid })) return false;
    const listing = seriesFlights
      .run(flightKey({ studyInstanceUid, seriesInstanceUid }), () => listSeries(instance))
      .then(() => listings.had(instance) === 'lately', isSilence);
    return had === 'once' || isSilent(believedForMs) || listing;
  }

  return async (target, onArrival) => {
    await fetched.asked(target.studyInstanceUid);
    if (isInstance(target)) {
      if ((await isPresent(retrieve, target)) && (await isOfPeer(target))) return new Set([target.sopInstanceUid]);
    } else {
      const lately = await listedLately(target);
      if (lately !== undefined) return lately;
    }
    const listed = await fly(target, onArrival).catch(async (thrown: unknown) => {
      if (!isSilence(thrown) || !isInstance(target) || !(await isPresent(retrieve, target))) throw thrown;
      return new Set([target.sopInstanceUid]);
    });
    // It may have taken long.
    await fetched.asked(target.studyInstanceUid);
    return listed;
  };
}

function keyOf({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Target): string {
  return [studyInstanceUid, seriesInstanceUid, sopInstanceUid].join('/');
}

function isInstance(target: Target): target is Required<Target> {
  return target.seriesInstanceUid !== undefined && target.sopInstanceUid !== undefined;
}

function isSilence(thrown: unknown): boolean {
  return thrown instanceof CausewayError && ['unavailable', 'timed-out'].includes(thrown.code);
}

/** What to ask for, so that what is missing comes and little else. */
function requestsFor(target: Target, missing: readonly RemoteInstance[], total: number): Target[] {
  const { studyInstanceUid } = target;
  if (missing.length === total) return [target];
  if (missing.length <= fewInstances) {
    return missing.map(({ seriesInstanceUid, sopInstanceUid }) => ({
      studyInstanceUid,
      seriesInstanceUid,
      sopInstanceUid,
    }));
  }
  const series = new Set(missing.map(({ seriesInstanceUid }) => seriesInstanceUid));
  return [...series].map((seriesInstanceUid) => ({ studyInstanceUid, seriesInstanceUid }));
}

function isOf({ seriesInstanceUid, sopInstanceUid }: RemoteInstance, target: Target): boolean {
  return (
    (target.seriesInstanceUid ?? seriesInstanceUid) === seriesInstanceUid &&
    (target.sopInstanceUid ?? sopInstanceUid) === sopInstanceUid
  );
}

/** Calls at every progress of a retrieval that has brought something. */
function progress(arrived: () => void) {
  return ({ completed, warning }: RetrievalProgress): void => {
    if (completed + warning > 0) arrived();
  };
}

/** Whether a peer answered that it does not do so. */
function isRefusal({ code, details }: CausewayError): boolean {
  return code === 'sop-class-unsupported' || details['status'] !== undefined;
}

async function isPresent(retrieve: Pick<Retrieve, 'instances'>, target: Target): Promise<boolean> {
  for await (const _ of presentInstances(retrieve, target)) return true;
  return false;
}
