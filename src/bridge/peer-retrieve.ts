import { createHash } from 'node:crypto';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { groupBy } from '../kernel/group-by.ts';
import { presentedImages } from '../retrieve/presented-frames.ts';
import type { PresentedExtent, Retrieve, Target } from '../retrieve/retrieve.ts';
import { checkAllGiven } from './check-all-given.ts';
import type { FetchMissing } from './fetch-missing.ts';
import { instancesAsTheyCome } from './instances-as-they-come.ts';
import type { ListedUids } from './peer-listings.ts';

/** So many images of a series that a presentation state shows are asked for one by one, more with all of their series. */
const fewImages = 4;

/**
 * Retrieves what a peer has: what is not here is fetched before it is answered; instances of a study or series are given
 * while the others come. What else is here of a target is not the peer's, and not given.
 */
export function createPeerRetrieve(retrieve: Retrieve, fetchMissing: FetchMissing): Retrieve {
  /** @returns what the peer has of the target, be it nothing */
  async function fetchIfThere(target: Target): Promise<ListedUids> {
    return fetchMissing(target).catch((thrown: unknown) => {
      if (thrown instanceof CausewayError && thrown.code === 'not-found') return new Set<string>();
      throw thrown;
    });
  }

  /** What a presentation state shows, or the first of it; what the peer has not of it is shown without. */
  async function fetchPresented(state: IndexedInstance, extent: PresentedExtent): Promise<void> {
    const images = (await presentedImages(state, retrieve.attributes)) ?? [];
    for (const ofSeries of groupBy(images, ({ target }) => target.seriesInstanceUid).values()) {
      const targets = ofSeries.map(({ target }) => target);
      const { studyInstanceUid, seriesInstanceUid } = targets[0]!;
      const series = { studyInstanceUid, seriesInstanceUid };
      const alone = targets.length <= fewImages ? targets : targets.slice(0, extent === 'first' ? 1 : 0);
      for (const target of alone.length === targets.length ? alone : [...alone, series]) {
        const listed = await fetchIfThere(target);
        if (extent === 'first' && targets.some(({ sopInstanceUid }) => listed.has(sopInstanceUid))) return;
      }
    }
  }

  /** What stands for a study or series: of what is the peer's, not of what else is here of it. */
  async function middleOf(target: Target, listed: ListedUids): Promise<Target> {
    const found: IndexedInstance[] = [];
    let others = 0;
    for await (const instance of retrieve.instances(target)) {
      if (listed.has(instance.sopInstanceUid)) found.push(instance);
      else others += 1;
    }
    const middle = found[Math.floor((found.length - 1) / 2)];
    if (others === 0 || middle === undefined) return target;
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = middle;
    return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  }

  return {
    ...retrieve,
    async *instances(target) {
      if (target.sopInstanceUid === undefined) return yield* instancesAsTheyCome(retrieve, fetchMissing, target);
      await fetchMissing(target);
      yield* retrieve.instances(target);
    },
    async *metadata(target) {
      const listed = await fetchMissing(target);
      let given = 0;
      for await (const instance of retrieve.metadata(target)) {
        if (!listed.has(instance.sopInstanceUid)) continue;
        given += 1;
        yield instance;
      }
      checkAllGiven(given, listed);
    },
    async metadataEtag(target) {
      const listed = await fetchMissing(target);
      const ofAll = await retrieve.metadataEtag(target);
      return target.sopInstanceUid === undefined ? `${ofAll}.${digestOf(listed)}` : ofAll;
    },
    async *frames(target, numbers) {
      await fetchMissing(target);
      yield* retrieve.frames(target, numbers);
    },
    async *nativeFrames(target, numbers) {
      await fetchMissing(target);
      yield* retrieve.nativeFrames(target, numbers);
    },
    async *encodedFrames(target, numbers, transferSyntaxUid) {
      await fetchMissing(target);
      yield* retrieve.encodedFrames(target, numbers, transferSyntaxUid);
    },
    async bulk(target, path, range) {
      await fetchMissing(target);
      return retrieve.bulk(target, path, range);
    },
    async rendered(target, frameNumber, parameters, presentationState) {
      const listed = await fetchMissing(target);
      if (presentationState !== undefined) await fetchMissing(presentationState);
      const shown = target.sopInstanceUid === undefined ? await middleOf(target, listed) : target;
      return retrieve.rendered(shown, frameNumber, parameters, presentationState);
    },
    async cine(instance, wanted, presentationState) {
      if (presentationState !== undefined) await fetchMissing(presentationState);
      return retrieve.cine(instance, wanted, presentationState);
    },
    async presented(instance, extent = 'all') {
      await fetchPresented(instance, extent);
      return retrieve.presented(instance, extent);
    },
  };
}

/** The same for the same UIDs, whatever their order. */
function digestOf(listed: ListedUids): string {
  return createHash('sha256')
    .update([...listed].sort().join())
    .digest('base64url');
}
