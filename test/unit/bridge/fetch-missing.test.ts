import { describe, expect, it, vi } from 'vitest';
import { createFetchMissing } from '../../../src/bridge/fetch-missing.ts';
import { createFetchedInstances } from '../../../src/bridge/fetched-instances.ts';
import { createPeerIngest } from '../../../src/bridge/peer-ingest.ts';
import { createListingsCache, createPeerListings, type ListedUids } from '../../../src/bridge/peer-listings.ts';
import type { RetrievalOptions } from '../../../src/dimse/scu/retrieval-request.ts';
import type { RemoteTarget } from '../../../src/dimse/scu/retrieve-identifier.ts';
import type { InstanceSource } from '../../../src/ingest/ingest.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { peerDefaults } from '../../../src/peers/parse-known-peer.ts';
import type { Retrieve } from '../../../src/retrieve/retrieve.ts';

const studyInstanceUid = '2.25.1';
const seriesInstanceUid = '2.25.1.1';
const result = { remaining: 0, completed: 0, failed: 0, warning: 0, cancelled: false, failedSopInstanceUids: [] };

/** A peer of which the test says what comes which way. */
function fetching({
  has,
  comes,
  refuses = {},
  retrieveBy = 'auto' as 'auto' | 'get' | 'move',
}: {
  readonly has: readonly string[];
  readonly comes: Readonly<Record<'get' | 'move', readonly string[]>>;
  readonly refuses?: Readonly<Partial<Record<'get' | 'move', CausewayError>>>;
  readonly retrieveBy?: 'auto' | 'get' | 'move';
}) {
  const here = new Set<string>();
  const asked: string[] = [];
  const list = vi.fn(async (_: unknown, target: RemoteTarget) => ({
    instances: has
      .filter((uid) => (target.sopInstanceUid ?? uid) === uid)
      .map((sopInstanceUid) => ({ studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid: '' })),
    patientId: undefined,
  }));
  const retrieval = (way: 'get' | 'move') => async (target: RemoteTarget, _: RetrievalOptions) => {
    asked.push(`${way} ${target.sopInstanceUid ?? target.seriesInstanceUid ?? target.studyInstanceUid}`);
    const refusal = refuses[way];
    if (refusal !== undefined) throw refusal;
    for (const uid of comes[way]) if ((target.sopInstanceUid ?? uid) === uid) here.add(uid);
    return result;
  };
  const get = vi.fn(retrieval('get'));
  const move = retrieval('move');
  const retrieve: Pick<Retrieve, 'instances'> = {
    async *instances(target) {
      for (const sopInstanceUid of here)
        if ((target.sopInstanceUid ?? sopInstanceUid) === sopInstanceUid)
          yield { sopInstanceUid } as Parameters<Retrieve['file']>[0];
    },
  };
  const listings = createPeerListings();
  const fetchMissing = createFetchMissing({
    peer: { ...peerDefaults, aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 104, user: undefined, retrieveBy },
    scu: {
      list,
      get: (_, target, options) => get(target, options),
      move: (_, target, _aeTitle, options) => move(target, options),
    },
    retrieve,
    aeTitle: 'CAUSEWAY',
    fetched: createFetchedInstances({ receive: () => ({}) as never }, undefined),
    listings,
    log: silentLog,
  });
  const instance = (sopInstanceUid: string) => ({ studyInstanceUid, seriesInstanceUid, sopInstanceUid });
  return {
    asked,
    get,
    here,
    list,
    listings,
    fetch: (onArrival?: (listed: ListedUids) => void) => fetchMissing({ studyInstanceUid }, onArrival),
    fetchInstance: (uid: string) => fetchMissing(instance(uid)),
  };
}

describe('what is missing here of what a peer has', () => {
  const unsupported = new CausewayError('sop-class-unsupported', 'The peer does not offer C-GET.');
  const refused = (words: string) => new CausewayError('unavailable', words, { details: { status: '0124' } });

  it('is asked for by C-MOVE as far as it does not come by C-GET', async () => {
    const { asked, fetch } = fetching({ has: ['a', 'b', 'c'], comes: { get: ['a', 'c'], move: ['b'] } });
    await fetch();
    expect(asked).toEqual([`get ${studyInstanceUid}`, 'move b']);
  });

  it.each([unsupported, refused('The peer does not allow it.')])(
    'is asked for by C-MOVE where C-GET is refused: $message',
    async (refusal) => {
      const { asked, fetch } = fetching({ has: ['a'], comes: { get: [], move: ['a'] }, refuses: { get: refusal } });
      await fetch();
      expect(asked).toEqual([`get ${studyInstanceUid}`, `move ${studyInstanceUid}`]);
    },
  );

  it('is told to be missing if it comes neither way, and why', async () => {
    const refuses = { move: refused('The peer does not know the move destination.') };
    const { fetch } = fetching({ has: ['a', 'b'], comes: { get: ['a'], move: [] }, refuses });
    await expect(fetch()).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The archive ARCHIVE did not send 1 of 2 instances. The peer does not know the move destination.',
    });
  });

  it('is asked for one way only where the peer is known for that', async () => {
    const { asked, fetch } = fetching({ has: ['a', 'b'], comes: { get: ['a'], move: ['b'] }, retrieveBy: 'get' });
    await expect(fetch()).rejects.toMatchObject({ message: 'The archive ARCHIVE did not send 1 of 2 instances.' });
    expect(asked).toEqual([`get ${studyInstanceUid}`]);
  });
});

describe('what is here of a study that a peer has', () => {
  it('is told apart by what the peer says that it has', async () => {
    const { here, fetch, fetchInstance } = fetching({ has: ['a'], comes: { get: ['a'], move: [] } });
    here.add('ours');
    expect([...(await fetch())]).toEqual(['a']);
    expect([...(await fetchInstance('a'))]).toEqual(['a']);
    await expect(fetchInstance('ours')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not asked for again for each of its frames', async () => {
    const { list, fetch, fetchInstance } = fetching({ has: ['a', 'b'], comes: { get: ['a', 'b'], move: [] } });
    await fetch();
    for (const uid of ['a', 'b', 'a']) await fetchInstance(uid);
    expect(list).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['some of it', ['a']],
    ['all of it', ['a', 'b']],
  ])('comes again if %s was deleted since', async (_, deleted) => {
    const { asked, here, fetch } = fetching({ has: ['a', 'b'], comes: { get: ['a', 'b'], move: [] } });
    await fetch();
    for (const uid of deleted) here.delete(uid);
    expect([...(await fetch())]).toEqual(['a', 'b']);
    expect([...here].sort()).toEqual(['a', 'b']);
    expect(asked).toEqual([`get ${studyInstanceUid}`, `get ${deleted.length === 1 ? 'a' : studyInstanceUid}`]);
  });

  it('can be looked at while the peer does not answer, image by image', async () => {
    const { here, list, fetch, fetchInstance } = fetching({ has: ['a'], comes: { get: ['a'], move: [] } });
    here.add('a');
    list.mockRejectedValue(new CausewayError('timed-out', 'The peer does not answer.'));
    expect([...(await fetchInstance('a'))]).toEqual(['a']);
    await expect(fetchInstance('b')).rejects.toMatchObject({ code: 'timed-out' });
    await expect(fetch()).rejects.toMatchObject({ code: 'timed-out' });
  });
});

describe('the images of a series that is here', () => {
  const stored = (uids: readonly string[]) => {
    const series = fetching({ has: uids, comes: { get: [], move: [] } });
    for (const uid of uids) series.here.add(uid);
    return series;
  };
  const silence = new CausewayError('timed-out', 'The peer does not answer.');

  it('are asked for once, with their series', async () => {
    const { list, fetchInstance } = stored(['a', 'b', 'c']);
    await Promise.all(['a', 'b'].map(fetchInstance));
    await fetchInstance('c');
    expect(list.mock.calls.map(([, target]) => target)).toEqual([{ studyInstanceUid, seriesInstanceUid }]);
  });

  it('do not each wait for a peer that does not answer', async () => {
    const { list, fetch, fetchInstance } = stored(['a', 'b', 'c']);
    list.mockRejectedValue(silence);
    for (const uid of ['a', 'b', 'c']) expect([...(await fetchInstance(uid))]).toEqual([uid]);
    expect(list).toHaveBeenCalledTimes(1);
    await expect(fetch()).rejects.toBe(silence);
  });

  it('do not wait for a peer that has told of them long ago, which is asked meanwhile', async () => {
    const now = vi.spyOn(performance, 'now');
    try {
      const { list, fetchInstance } = stored(['a']);
      await fetchInstance('a');
      const later = performance.now() + 3_600_000;
      now.mockReturnValue(later);
      let answer = (_: Awaited<ReturnType<typeof list>>): void => {};
      list.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
      expect([...(await fetchInstance('a'))]).toEqual(['a']);
      expect(list).toHaveBeenCalledTimes(2);
      answer({ instances: [], patientId: undefined });
      list.mockResolvedValue({ instances: [], patientId: undefined });
      await new Promise((resolve) => setImmediate(resolve));
      await expect(fetchInstance('a')).rejects.toMatchObject({ code: 'not-found' });
    } finally {
      now.mockRestore();
    }
  });

  it('are asked for by their own where the peer leaves them out of the series', async () => {
    const { list, fetchInstance } = stored(['a', 'b']);
    list.mockResolvedValueOnce({ instances: [], patientId: undefined });
    for (const uid of ['a', 'b', 'a', 'b']) expect([...(await fetchInstance(uid))]).toEqual([uid]);
    expect(list).toHaveBeenCalledTimes(3);
  });
});

describe('what the peer has told of a study', () => {
  it('is asked anew when something of it was sent there, even if that was asked before', async () => {
    const has = ['a'];
    const { here, list, listings, fetch } = fetching({ has, comes: { get: ['a'], move: [] } });
    await fetch();
    const uids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid: 'b', sopClassUid: '' };
    const ingest = createPeerIngest({
      scu: {
        async *send(_peer, instances) {
          for await (const instance of instances()) {
            has.push('b');
            yield { instance, outcome: 'stored', reason: undefined } as never;
          }
        },
      },
      peer: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 104, maxAssociations: 1 },
      ingest: {
        receive: () => ({
          write: () => undefined,
          finish: async () => ({ status: 'stored', warnings: [], ...uids }),
          abort: async () => {},
        }),
      },
      retrieve: {
        async *instances() {
          yield uids as Parameters<Retrieve['file']>[0];
        },
      },
      transferSyntaxUids: [],
      sent: listings.forget,
      log: silentLog,
    });
    const askedAt = performance.now();
    here.add('b');
    await ingest.receive({ door: 'stow', id: 'test' }).finish();
    expect([...(await fetch())]).toEqual(['a', 'b']);
    expect(list).toHaveBeenCalledTimes(2);
    listings.forget(studyInstanceUid);
    listings.remember({ studyInstanceUid }, { listed: new Set(['a']), askedAt, isHere: true });
    expect(listings.complete({ studyInstanceUid })).toBeUndefined();
  });

  it('is asked anew by who asks when something of it was sent there, while it is still asked for somebody else', async () => {
    const has = ['a'];
    const { list, listings, fetch } = fetching({ has, comes: { get: ['a', 'b'], move: [] } });
    const before = await list(undefined, { studyInstanceUid });
    let answer = (_: typeof before): void => {};
    const asked = new Promise<void>((resolve) => {
      list.mockImplementationOnce(() => {
        resolve();
        return new Promise((told) => (answer = told));
      });
    });
    const first = fetch();
    await asked;
    has.push('b');
    listings.forget(studyInstanceUid);
    const second = fetch();
    answer(before);
    expect([...(await first)]).toEqual(['a']);
    expect([...(await second)]).toEqual(['a', 'b']);
    expect([...(await fetch())]).toEqual(['a', 'b']);
  });

  it('is asked anew while others of it are on their way, which do not come twice', async () => {
    const has = ['a'];
    const { asked, get, here, listings, fetch } = fetching({ has, comes: { get: ['a', 'b'], move: [] } });
    let arrive = (): void => {};
    const begun = new Promise<void>((resolve) => {
      get.mockImplementationOnce(async (_target, { onProgress }) => {
        resolve();
        await new Promise<void>((arrived) => (arrive = arrived));
        here.add('a');
        onProgress?.({ ...result, completed: 1 });
        return result;
      });
    });
    const first = fetch();
    await begun;
    has.push('b');
    listings.forget(studyInstanceUid);
    const told: string[] = [];
    const second = fetch((listed) => told.push(`${[...listed].join()} of which ${[...here].join()} came`));
    await new Promise((resolve) => setImmediate(resolve));
    arrive();
    expect([...(await first)]).toEqual(['a']);
    expect([...(await second)]).toEqual(['a', 'b']);
    expect(told[0]).toBe('a,b of which a came');
    expect(asked).toEqual(['get b']);
  });

  it('is not waited for again by who asks after something was sent there, where it does not send', async () => {
    const { get, listings, fetch } = fetching({ has: ['a'], comes: { get: ['a'], move: [] } });
    let fail = (_: unknown): void => {};
    const begun = new Promise<void>((resolve) => {
      get.mockImplementationOnce(() => {
        resolve();
        return new Promise((_, reject) => (fail = reject));
      });
    });
    const first = fetch();
    await begun;
    listings.forget(studyInstanceUid);
    const second = fetch();
    await new Promise((resolve) => setImmediate(resolve));
    const silence = new CausewayError('timed-out', 'The peer does not answer.');
    fail(silence);
    expect(await Promise.allSettled([first, second])).toEqual(
      [silence, silence].map((reason) => ({ status: 'rejected', reason })),
    );
    expect(get).toHaveBeenCalledTimes(1);
    expect([...(await fetch())]).toEqual(['a']);
  });

  it('is believed for 10 s after all of it has come, however long that took', async () => {
    const now = vi.spyOn(performance, 'now');
    try {
      const { get, here, list, fetch } = fetching({ has: ['a'], comes: { get: ['a'], move: [] } });
      let at = 1_000;
      now.mockImplementation(() => at);
      get.mockImplementationOnce(async () => {
        at += 30_000;
        here.add('a');
        return result;
      });
      await fetch();
      at += 9_999;
      await fetch();
      expect(list).toHaveBeenCalledTimes(1);
      at += 1;
      await fetch();
      expect(list).toHaveBeenCalledTimes(2);
    } finally {
      now.mockRestore();
    }
  });

  it('is not believed if it was asked before so many studies got something that it may be one of them', () => {
    const listings = createPeerListings();
    const listing = { listed: new Set(['a']), askedAt: performance.now(), isHere: true };
    listings.forget(studyInstanceUid);
    for (let other = 0; other < 10_000; other += 1) listings.forget(`2.25.2.${other}`);
    listings.remember({ studyInstanceUid }, listing);
    expect(listings.complete({ studyInstanceUid })).toBeUndefined();
    listings.remember({ studyInstanceUid }, { ...listing, askedAt: performance.now() });
    expect(listings.complete({ studyInstanceUid })?.size).toBe(1);
  });

  it('takes its room from what other peers have told, however many there are', () => {
    const cache = createListingsCache(10_000);
    const peers = Array.from({ length: 20 }, () => createPeerListings(cache));
    const listed = new Set(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']);
    const listing = { listed, askedAt: performance.now(), isHere: true };
    for (const peer of peers) peer.remember({ studyInstanceUid }, listing);
    expect(peers.filter((peer) => peer.complete({ studyInstanceUid })).length).toBe(11);
    expect(cache.bytes).toBeLessThan(10_000);
    for (const peer of peers) peer.end();
    expect(cache.bytes).toBe(0);
    peers[0]!.remember({ studyInstanceUid }, listing);
    expect(cache.bytes).toBe(0);
  });

  it('is remembered of many instances', () => {
    const listings = createPeerListings();
    const listed = new Set(Array.from({ length: 100_000 }, (_, index) => `2.25.${index}`));
    listings.remember({ studyInstanceUid }, { listed, askedAt: performance.now(), isHere: true });
    expect(listings.complete({ studyInstanceUid })).toBe(listed);
  });
});

describe('what is fetched', () => {
  it.each([
    ['is kept for good', undefined, false],
    ['is not', { asked: async () => {} }, true],
  ])('never takes the place of other content, whether it %s', async (_, studies, isFetched) => {
    const sources: InstanceSource[] = [];
    const ingest = {
      receive(source: InstanceSource) {
        sources.push(source);
        return {} as never;
      },
    };
    const fetched = createFetchedInstances(ingest, studies);
    fetched.ingest.receive({ door: 'dimse', id: 'get' });
    const affected = { sopClassUid: '1.2', sopInstanceUid: 'a' };
    await fetched.awaiting('CAUSEWAY', ['a'], async () => {
      const source = { door: 'dimse', moveOriginatorAeTitle: 'CAUSEWAY', affected } as const;
      fetched.doorIngest.receive({ ...source, id: 'move' });
      fetched.doorIngest.receive({ ...source, id: 'of its own accord' });
    });
    const told = sources.map(({ id, neverReplaces = false, isFetched: is = false }) => [id, neverReplaces, is]);
    expect(told).toEqual([
      ['get', true, isFetched],
      ['move', true, isFetched],
      ['of its own accord', false, false],
    ]);
  });
});
