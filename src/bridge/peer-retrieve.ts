import { createHash } from 'node:crypto';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import type { FetchMissing, ListedUids } from './fetch-missing.ts';
import { instancesAsTheyCome } from './instances-as-they-come.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/**
 * Retrieves what a peer has: what is not here is fetched before it is answered; instances of a study or series are given
 * while the others come. What else is here of a target is not the peer's, and not given.
 */
export function createPeerRetrieve(retrieve: Retrieve, fetchMissing: FetchMissing): Retrieve {
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
      for await (const instance of retrieve.metadata(target)) if (listed.has(instance.sopInstanceUid)) yield instance;
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
  };
}

/** The same for the same UIDs, whatever their order. */
function digestOf(listed: ListedUids): string {
  return createHash('sha256')
    .update([...listed].sort().join())
    .digest('base64url');
}
