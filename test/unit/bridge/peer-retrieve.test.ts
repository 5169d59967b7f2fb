import { expect, it } from 'vitest';
import { createPeerRetrieve } from '../../../src/bridge/peer-retrieve.ts';
import { grayscaleSoftcopy } from '../../../src/imaging/presentation-state/applied-states.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import type { Retrieve, Target } from '../../../src/retrieve/retrieve.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

const study = { studyInstanceUid: '1' };

/** What is shown for a study of which this is here, and that the peer has. */
async function shownOf(here: readonly string[], there: readonly string[]): Promise<Target | undefined> {
  let shown: Target | undefined;
  const retrieve: Pick<Retrieve, 'instances' | 'rendered'> = {
    async *instances() {
      for (const sopInstanceUid of here)
        yield { ...study, seriesInstanceUid: '1.1', sopInstanceUid } as IndexedInstance;
    },
    async rendered(target) {
      shown = target;
      return Buffer.alloc(0);
    },
  };
  const ofPeer = createPeerRetrieve(retrieve as Retrieve, async () => new Set(there));
  await ofPeer.rendered(study, undefined, {} as Parameters<Retrieve['rendered']>[2]);
  return shown;
}

it('for a study of a peer the middle one of its own images is shown', async () => {
  expect(await shownOf(['a', 'ours', 'b', 'c'], ['a', 'b', 'c'])).toEqual({
    ...study,
    seriesInstanceUid: '1.1',
    sopInstanceUid: 'b',
  });
  expect(await shownOf(['a', 'b'], ['a', 'b'])).toEqual(study);
});

it('metadata of a study of a peer end with an error where some of it was deleted meanwhile', async () => {
  const retrieve: Pick<Retrieve, 'metadata'> = {
    async *metadata() {
      for (const sopInstanceUid of ['a', 'ours'])
        yield { ...study, seriesInstanceUid: '1.1', sopInstanceUid, json: Buffer.alloc(0) };
    },
  };
  const given: string[] = [];
  const read = async (there: readonly string[]) => {
    const ofPeer = createPeerRetrieve(retrieve as Retrieve, async () => new Set(there));
    for await (const { sopInstanceUid } of ofPeer.metadata(study)) given.push(sopInstanceUid);
  };
  await read(['a']);
  await expect(read(['a', 'b'])).rejects.toMatchObject({ code: 'unavailable' });
  expect(given).toEqual(['a', 'a']);
});

it.each([
  ['of few images', ['a', 'b', 'c'], ['1.1/a', '1.1/b']],
  ['of many images', ['a', 'b', 'c', 'd', 'e'], ['1.1/a', '1.1']],
])('for the first that a presentation state %s shows, no others are fetched than it takes', async (_, uids, wanted) => {
  const there = new Set(uids.filter((uid) => uid !== 'a'));
  const images = uids.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } }));
  const ofSeries = ['1.1', '1.2'].map((uid) => ({
    '0020000E': { vr: 'UI', Value: [uid] },
    '00081140': { vr: 'SQ', Value: images },
  }));
  const extents: unknown[] = [];
  const retrieve = {
    attributes: async () => ({ '00081115': { vr: 'SQ', Value: ofSeries } }),
    presented: async (_state: unknown, extent: unknown) => extents.push(extent),
  } as unknown as Retrieve;
  const fetched: string[] = [];
  const ofPeer = createPeerRetrieve(retrieve, async ({ seriesInstanceUid, sopInstanceUid }) => {
    fetched.push([seriesInstanceUid, sopInstanceUid].filter((uid) => uid !== undefined).join('/'));
    if (sopInstanceUid === undefined) return there;
    if (there.has(sopInstanceUid)) return new Set([sopInstanceUid]);
    throw new CausewayError('not-found', 'The peer has nothing of this.');
  });
  await ofPeer.presented({ ...study, sopClassUid: grayscaleSoftcopy } as IndexedInstance, 'first');
  expect([fetched, extents]).toEqual([wanted, ['first']]);
});
