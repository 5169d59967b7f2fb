import type { FetchedStudies } from '../index/fetched-studies.ts';
import type { Ingest, InstanceSource } from '../ingest/ingest.ts';

/**
 * Tells what is fetched from peers from what they send of their own accord: it never takes the place of other content, and
 * is not kept for good where that is so.
 */
export interface FetchedInstances {
  /** For what comes by a C-GET of ours: nothing else can. */
  readonly ingest: Ingest;
  /** For whatever comes to the DIMSE door, what comes by a C-MOVE of ours among it. */
  readonly doorIngest: Ingest;
  /** @param aeTitle as which we ask for them by C-MOVE while `work` is under way */
  awaiting<T>(aeTitle: string, sopInstanceUids: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Somebody asks for something of the study: what was fetched of it stays for as long again. */
  asked(studyInstanceUid: string): Promise<void>;
}

/** Not every request for a frame writes down that its study was asked for. */
const askedEveryMs = 10_000;
const maxRemembered = 1_000;

/** @param studies undefined where what is fetched is kept for good */
export function createFetchedInstances(
  ingest: Ingest,
  studies: Pick<FetchedStudies, 'asked'> | undefined,
): FetchedInstances {
  // An archive may send a converted copy of what is here as it was made, whatever may replace what otherwise.
  const asFetched = (source: InstanceSource): InstanceSource => ({
    ...source,
    neverReplaces: true,
    isFetched: studies !== undefined,
  });
  const awaited = new Set<{ readonly aeTitle: string; readonly sopInstanceUids: Set<string> }>();
  const lastAsked = new Map<string, number>();

  /**
   * An instance is awaited once: one that comes a second time was asked for by somebody else of the same title, and is
   * kept, as is whatever the sender does not say to come at a C-MOVE.
   */
  function isAwaited({ moveOriginatorAeTitle, affected }: InstanceSource): boolean {
    if (moveOriginatorAeTitle === undefined || affected === undefined) return false;
    for (const { aeTitle, sopInstanceUids } of awaited) {
      if (aeTitle === moveOriginatorAeTitle.trim() && sopInstanceUids.delete(affected.sopInstanceUid)) return true;
    }
    return false;
  }

  return {
    ingest: { receive: (source) => ingest.receive(asFetched(source)) },
    doorIngest: {
      receive: (source) => ingest.receive(isAwaited(source) ? asFetched(source) : source),
    },
    async awaiting(aeTitle, sopInstanceUids, work) {
      const one = { aeTitle, sopInstanceUids: new Set(sopInstanceUids) };
      awaited.add(one);
      try {
        return await work();
      } finally {
        awaited.delete(one);
      }
    },
    async asked(studyInstanceUid) {
      if (studies === undefined) return;
      const since = lastAsked.get(studyInstanceUid);
      if (since !== undefined && performance.now() - since < askedEveryMs) return;
      const askedAt = performance.now();
      await studies.asked(studyInstanceUid);
      lastAsked.delete(studyInstanceUid);
      lastAsked.set(studyInstanceUid, askedAt);
      const [oldest] = lastAsked.keys();
      if (lastAsked.size > maxRemembered && oldest !== undefined) lastAsked.delete(oldest);
    },
  };
}
