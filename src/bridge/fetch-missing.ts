import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { RemoteInstance } from '../dimse/scu/list-instances.ts';
import type { RetrievalProgress } from '../dimse/scu/retrieval-request.ts';
import { createBoundedCache } from '../kernel/bounded-cache.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { KnownPeer } from '../peers/peers.ts';
import { presentInstances } from '../retrieve/present-instances.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import type { FetchedInstances } from './fetched-instances.ts';

export interface FetchOptions {
  readonly peer: KnownPeer & CalledPeer;
  readonly scu: Pick<Scu, 'list' | 'get' | 'move'>;
  /** Over what is here. */
  readonly retrieve: Pick<Retrieve, 'instances'>;
  /** Ours, as the destination of C-MOVE. */
  readonly aeTitle: string;
  readonly fetched: FetchedInstances;
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

/** SOP Instance UIDs. */
export type ListedUids = Pick<ReadonlySet<string>, 'has' | 'size'> & Iterable<string>;

/** What a peer has of a target is asked again after so long. */
const listedForMs = 10_000;
/** An instance that is here need not be asked for so long: frames are read one by one. */
const believedForMs = 600_000;
const maxListedBytes = 33_554_432;
const bytesOfUid = 128;

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
  const { peer, scu, retrieve, fetched, log } = options;
  const flights = createSingleFlight<ListedUids>();
  /** Those who wait for what is on its way, by the key of its target. */
  const listeners = new Map<string, Set<(listed: ListedUids) => void>>();
  const aeTitle = peer.callingAeTitle ?? options.aeTitle;
  /** What the peer had of a target when all of it was here, by its key. */
  const complete = createBoundedCache<{ readonly at: number; readonly listed: ListedUids }>(maxListedBytes);

  async function missingOf(target: Target, all: readonly RemoteInstance[]): Promise<RemoteInstance[]> {
    const here = new Set<string>();
    for await (const { sopInstanceUid } of presentInstances(retrieve, target)) here.add(sopInstanceUid);
    return all.filter(({ sopInstanceUid }) => !here.has(sopInstanceUid));
  }

  async function fetchAll(target: Target, tell: (listed: ListedUids) => void): Promise<ListedUids> {
    const startedAt = performance.now();
    const { instances: all, patientId } = await scu.list(peer, target, log);
    if (all.length === 0) throw new CausewayError('not-found', `The archive ${peer.aeTitle} has nothing of this.`);
    const listed = new Set(all.map(({ sopInstanceUid }) => sopInstanceUid));
    const arrived = (): void => tell(listed);
    const missing = await missingOf(target, all);
    if (missing.length === 0) return listed;
    const { left, trouble } = await fetch({ target, missing, all, patientId, arrived });
    const facts = {
      peer: peer.aeTitle,
      instances: missing.length,
      durationMs: Math.round(performance.now() - startedAt),
    };
    if (left === 0) {
      log.info('Instances were fetched from a peer.', facts);
      return listed;
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

  async function fly(target: Target, key: string, onArrival: ((listed: ListedUids) => void) | undefined) {
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

  /** What the peer had of a target, or of what is above an instance, not longer ago than counts. */
  function listedLately({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Target): ListedUids | undefined {
    const whole = [studyInstanceUid, seriesInstanceUid, sopInstanceUid];
    const isLately = (known: { readonly at: number } | undefined, forMs: number) =>
      known !== undefined && performance.now() - known.at < forMs;
    if (sopInstanceUid === undefined) {
      const known = complete.get(whole.join('/'));
      return isLately(known, listedForMs) ? known?.listed : undefined;
    }
    for (const parts of [whole, [studyInstanceUid, seriesInstanceUid, ''], [studyInstanceUid, '', '']]) {
      const known = complete.get(parts.join('/'));
      if (isLately(known, believedForMs) && known?.listed.has(sopInstanceUid)) return new Set([sopInstanceUid]);
    }
    return undefined;
  }

  return async (target, onArrival) => {
    await fetched.asked(target.studyInstanceUid);
    const lately = listedLately(target);
    if (lately !== undefined && (target.sopInstanceUid === undefined || (await isPresent(retrieve, target)))) {
      return lately;
    }
    const key = [target.studyInstanceUid, target.seriesInstanceUid, target.sopInstanceUid].join('/');
    const listed = await fly(target, key, onArrival).catch(async (thrown: unknown) => {
      // A peer that does not answer just now does not say that an image is gone which somebody is looking at.
      const isSilent = thrown instanceof CausewayError && ['unavailable', 'timed-out'].includes(thrown.code);
      if (!isSilent || target.sopInstanceUid === undefined || !(await isPresent(retrieve, target))) throw thrown;
      return undefined;
    });
    if (listed === undefined) return new Set([target.sopInstanceUid!]);
    // It may have taken long.
    await fetched.asked(target.studyInstanceUid);
    complete.set(key, { at: performance.now(), listed }, bytesOfUid * (1 + listed.size));
    return listed;
  };
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
