import { textValues } from '../dicom/match-values.ts';
import type { Condition } from '../dicom/query.ts';
import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { RetrievalProgress, RetrievalResult } from '../dimse/scu/retrieval-request.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { KnownPeer } from '../peers/peers.ts';
import { presentInstances } from '../retrieve/present-instances.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import type { Search } from '../search/search.ts';
import type { FetchedInstances } from './fetched-instances.ts';

export interface FetchOptions {
  readonly peer: KnownPeer & CalledPeer;
  /** Over what the peer has. */
  readonly search: Pick<Search, 'findAll'>;
  readonly scu: Pick<Scu, 'get' | 'move'>;
  /** Over what is here. */
  readonly retrieve: Pick<Retrieve, 'instances'>;
  /** Ours, as the destination of C-MOVE. */
  readonly aeTitle: string;
  /** Undefined where what is fetched is kept for good. */
  readonly fetched: FetchedInstances | undefined;
  readonly log: Log;
}

/**
 * Has the peer send what it has of a target and is not here. Whoever wants the same at the same time waits for the same.
 * @throws CausewayError `not-found` if the peer has nothing of it; `unavailable` if it did not send all of it, in words;
 * what the peer answers
 * @param onArrival told now and then while instances come, if the peer tells how far it is
 */
export type FetchMissing = (target: Target, onArrival?: () => void) => Promise<void>;

interface RemoteInstance {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string | undefined;
}

/** What a peer has of a target is asked again after so long. */
const listedForMs = 10_000;
const maxListed = 1_000;

/** Up to so many single instances are asked for by their own, more by their series. */
const fewInstances = 4;

export function createFetchMissing(options: FetchOptions): FetchMissing {
  const { peer, search, scu, retrieve, fetched, log } = options;
  const flights = createSingleFlight<void>();
  /** Those who wait for what is on its way, by the key of its target. */
  const listeners = new Map<string, Set<() => void>>();
  /** When all of a target was here, by its key. */
  const complete = new Map<string, number>();

  async function listed(target: Target): Promise<RemoteInstance[]> {
    const found: RemoteInstance[] = [];
    const query = { level: 'instance', conditions: conditionsOf(target), include: [] } as const;
    for await (const { matches } of search.findAll(query)) {
      for (const match of matches) {
        const [seriesInstanceUid] = textValues(match['0020000E']);
        const [sopInstanceUid] = textValues(match['00080018']);
        const [sopClassUid] = textValues(match['00080016']);
        if (sopInstanceUid === undefined) continue;
        found.push({
          seriesInstanceUid: seriesInstanceUid ?? target.seriesInstanceUid ?? '',
          sopInstanceUid,
          sopClassUid,
        });
      }
    }
    return found;
  }

  async function missingOf(target: Target, all: readonly RemoteInstance[]): Promise<RemoteInstance[]> {
    const here = new Set<string>();
    for await (const { sopInstanceUid } of presentInstances(retrieve, target)) here.add(sopInstanceUid);
    return all.filter(({ sopInstanceUid }) => !here.has(sopInstanceUid));
  }

  async function fetchAll(target: Target, arrived: () => void): Promise<void> {
    const startedAt = performance.now();
    const all = await listed(target);
    if (all.length === 0) throw new CausewayError('not-found', `The archive ${peer.aeTitle} has nothing of this.`);
    const missing = await missingOf(target, all);
    if (missing.length === 0) return;
    const requests = requestsFor(target, missing, all.length);
    const sopClassUids = [...new Set(missing.flatMap((one) => one.sopClassUid ?? []))];
    const knowsAll = missing.every((one) => one.sopClassUid !== undefined);
    const coming = all.map(({ sopInstanceUid }) => sopInstanceUid);
    for (const request of requests) {
      await retrieved(request, knowsAll ? sopClassUids : undefined, coming, arrived);
      arrived();
    }
    const left = await missingOf(target, missing);
    const facts = {
      peer: peer.aeTitle,
      instances: missing.length,
      durationMs: Math.round(performance.now() - startedAt),
    };
    if (left.length === 0) {
      log.info('Instances were fetched from a peer.', facts);
      return;
    }
    log.warn('A peer did not send everything.', { ...facts, missing: left.length });
    const message = `The archive ${peer.aeTitle} did not send ${left.length} of ${all.length} instances.`;
    throw new CausewayError('unavailable', message, { details: { missing: left.length } });
  }

  async function retrieved(
    target: Target,
    sopClassUids: readonly string[] | undefined,
    coming: readonly string[],
    arrived: () => void,
  ): Promise<RetrievalResult> {
    const onProgress = ({ completed, warning }: RetrievalProgress): void => {
      if (completed + warning > 0) arrived();
    };
    const into = fetched && { ingest: fetched.ingest };
    const get = () => scu.get(peer, target, { onProgress, ...(sopClassUids && { sopClassUids }), ...into }, log);
    const aeTitle = peer.callingAeTitle ?? options.aeTitle;
    const moveToUs = () => scu.move(peer, target, aeTitle, { onProgress }, log);
    const move = () => fetched?.awaiting(aeTitle, coming, moveToUs) ?? moveToUs();
    if (peer.retrieveBy === 'move') return move();
    if (peer.retrieveBy === 'get') return get();
    try {
      return await get();
    } catch (thrown) {
      if (!(thrown instanceof CausewayError) || thrown.code !== 'sop-class-unsupported') throw thrown;
      return move();
    }
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
    await fetched?.asked(target.studyInstanceUid);
    const key = [target.studyInstanceUid, target.seriesInstanceUid, target.sopInstanceUid].join('/');
    const since = complete.get(key);
    if (since !== undefined && performance.now() - since < listedForMs) return;
    // An instance never changes: one that is here need not be asked for.
    if (target.sopInstanceUid !== undefined && (await isPresent(retrieve, target))) return;
    await fly(target, key, onArrival);
    // It may have taken long.
    await fetched?.asked(target.studyInstanceUid);
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

function conditionsOf({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Target): Condition[] {
  const uid = (tag: string, value: string | undefined): Condition[] =>
    value === undefined ? [] : [{ kind: 'single', path: [tag], vr: 'UI', value }];
  return [
    ...uid('0020000D', studyInstanceUid),
    ...uid('0020000E', seriesInstanceUid),
    ...uid('00080018', sopInstanceUid),
  ];
}

async function isPresent(retrieve: Pick<Retrieve, 'instances'>, target: Target): Promise<boolean> {
  for await (const _ of presentInstances(retrieve, target)) return true;
  return false;
}
