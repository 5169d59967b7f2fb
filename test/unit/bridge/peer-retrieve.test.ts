import { expect, it } from 'vitest';
import { createPeerRetrieve } from '../../../src/bridge/peer-retrieve.ts';
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
