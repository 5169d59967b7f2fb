import { describe, expect, it } from 'vitest';
import { instancesAsTheyCome } from '../../../src/bridge/instances-as-they-come.ts';
import type { ListedUids } from '../../../src/bridge/peer-listings.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import type { Retrieve } from '../../../src/retrieve/retrieve.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** A peer of which the test says what it sends, and when. */
function createPeer(size = 0) {
  const here: string[] = [];
  let told = (_: ListedUids): void => {};
  let settle: { done(): void; fail(thrown: unknown): void };
  const listed = { has: (uid: string) => !uid.startsWith('ours'), size, *[Symbol.iterator]() {} };
  const fetched = new Promise<ListedUids>((done, fail) => {
    settle = { done: () => done(listed), fail };
  });
  fetched.catch(() => {});
  const retrieve: Pick<Retrieve, 'instances'> = {
    async *instances() {
      if (here.length === 0) throw new CausewayError('not-found', 'There is no such study.');
      for (const sopInstanceUid of [...here].sort()) yield { sopInstanceUid } as IndexedInstance;
    },
  };
  const instances = instancesAsTheyCome(
    retrieve,
    (_, onArrival = () => {}) => {
      told = onArrival;
      return fetched;
    },
    { studyInstanceUid: '2.25.1' },
  );
  return {
    here,
    sends(uid: string): void {
      here.push(uid);
      told(listed);
    },
    ends: () => settle.done(),
    fails: (thrown: unknown) => settle.fail(thrown),
    next: async () => (await instances.next()).value?.sopInstanceUid,
  };
}

describe('instances of a study that a peer sends', () => {
  it('are given before the last has come, each once', async () => {
    const peer = createPeer();
    peer.here.push('3');
    const first = peer.next();
    peer.sends('2');
    expect([await first, await peer.next()]).toEqual(['2', '3']);
    const third = peer.next();
    peer.sends('1');
    expect(await third).toBe('1');
    peer.here.push('4');
    peer.ends();
    expect([await peer.next(), await peer.next()]).toEqual(['4', undefined]);
  });

  it('break off where the peer does not send the rest', async () => {
    const peer = createPeer();
    const first = peer.next();
    peer.sends('1');
    expect(await first).toBe('1');
    const second = peer.next();
    peer.fails(new CausewayError('unavailable', 'The archive did not send 1 of 2 instances.'));
    await expect(second).rejects.toThrow('did not send 1 of 2');
  });

  it('do not begin before the peer has sent any, whatever is here, so that its refusal is the answer', async () => {
    const peer = createPeer();
    peer.here.push('1');
    const first = peer.next();
    peer.fails(new CausewayError('unavailable', 'The peer cannot be reached.'));
    await expect(first).rejects.toThrow('cannot be reached');
  });

  it('are given when all is here, where the peer tells nothing on its way', async () => {
    const peer = createPeer();
    const first = peer.next();
    peer.here.push('1', '2');
    peer.ends();
    expect([await first, await peer.next(), await peer.next()]).toEqual(['1', '2', undefined]);
  });

  it('break off at the end where one of them was deleted before its turn', async () => {
    const peer = createPeer(2);
    const first = peer.next();
    peer.sends('1');
    expect(await first).toBe('1');
    peer.ends();
    await expect(peer.next()).rejects.toThrow('1 of 2 instances were deleted here');
  });

  it('are not given where the peer does not have them, be it while others come or when all is here', async () => {
    const peer = createPeer();
    peer.here.push('ours before');
    const first = peer.next();
    peer.sends('1');
    expect(await first).toBe('1');
    peer.here.push('ours after');
    peer.ends();
    expect(await peer.next()).toBeUndefined();
  });
});
