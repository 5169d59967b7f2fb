import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { RemoteInstance } from '../dimse/scu/list-instances.ts';
import type { RetrievalProgress } from '../dimse/scu/retrieval-request.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { KnownPeer } from '../peers/peers.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import type { FetchedInstances } from './fetched-instances.ts';
import { present } from './instances-as-they-come.ts';

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
 */
export type FetchMissing = (target: Target, onArrival?: () => void) => Promise<void>;

/** What a peer has of a target is asked again after so long. */
const listedForMs = 10_000;
const maxListed = 1_000;

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
  const flights = createSingleFlight<void>();
  /** Those who wait for what is on its way, by the key of its target. */
  const listeners = new Map<string, Set<() => void>>();
  const aeTitle = peer.callingAeTitle ?? options.aeTitle;
  /** When all of a target was here, by its key. */
  const complete = new Map<string, number>();

  async function missingOf(target: Target, all: readonly RemoteInstance[]): Promise<RemoteInstance[]> {
    const here = new Set<string>();
    for await (const { sopInstanceUid } of present(retrieve, target)) here.add(sopInstanceUid);
    return all.filter(({ sopInstanceUid }) => !here.has(sopInstanceUid));
  }

  async function fetchAll(target: Target, arrived: () => void): Promise<void> {
    const startedAt = performance.now();
    const { instances: all, patientId } = await scu.list(peer, target, log);
    if (all.length === 0) throw new CausewayError('not-found', `The archive ${peer.aeTitle} has nothing of this.`);
    const missing = await missingOf(target, all);
    if (missing.length === 0) return;
    const { left, trouble } = await fetch({ target, missing, all, patientId, arrived });
    const facts = {
      peer: peer.aeTitle,
      instances: missing.length,
      durationMs: Math.round(performance.now() - startedAt),
    };
    if (left === 0) {
      log.info('Instances were fetched from a peer.', facts);
      return;
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

  function remember(key: string): void {
    complete.delete(key);
    complete.set(key, performance.now());
    const [oldest] = complete.keys();
    if (complete.size > maxListed && oldest !== undefined) complete.delete(oldest);
  }

  async function fly(target: Target, key: string, onArrival: (() => void) | undefined): Promise<void> {
    const listening = listeners.get(key) ?? new Set();
    if (onArrival !== undefined) listeners.set(key, listening.add(onArrival));
    const arrived = (): void => {
      for (const tell of listeners.get(key) ?? []) tell();
    };
    try {
      await flights.run(key, () => fetchAll(target, arrived));
    } finally {
      if (onArrival !== undefined && listening.delete(onArrival) && listening.size === 0) listeners.delete(key);
    }
  }

  return async (target, onArrival) => {
    await fetched.asked(target.studyInstanceUid);
    const key = [target.studyInstanceUid, target.seriesInstanceUid, target.sopInstanceUid].join('/');
    const since = complete.get(key);
    if (since !== undefined && performance.now() - since < listedForMs) return;
    // An instance never changes: one that is here need not be asked for.
    if (target.sopInstanceUid !== undefined && (await isPresent(retrieve, target))) return;
    await fly(target, key, onArrival);
    // It may have taken long.
    await fetched.asked(target.studyInstanceUid);
    remember(key);
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
  for await (const _ of present(retrieve, target)) return true;
  return false;
}
