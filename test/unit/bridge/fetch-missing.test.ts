import { describe, expect, it, vi } from 'vitest';
import { createFetchMissing } from '../../../src/bridge/fetch-missing.ts';
import { createFetchedInstances } from '../../../src/bridge/fetched-instances.ts';
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
  const retrieval = (way: 'get' | 'move') => async (target: RemoteTarget) => {
    asked.push(`${way} ${target.sopInstanceUid ?? target.seriesInstanceUid ?? target.studyInstanceUid}`);
    const refusal = refuses[way];
    if (refusal !== undefined) throw refusal;
    for (const uid of comes[way]) if ((target.sopInstanceUid ?? uid) === uid) here.add(uid);
    return result;
  };
  const get = retrieval('get');
  const move = retrieval('move');
  const retrieve: Pick<Retrieve, 'instances'> = {
    async *instances(target) {
      for (const sopInstanceUid of here)
        if ((target.sopInstanceUid ?? sopInstanceUid) === sopInstanceUid)
          yield { sopInstanceUid } as Parameters<Retrieve['file']>[0];
    },
  };
  const fetchMissing = createFetchMissing({
    peer: { ...peerDefaults, aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 104, user: undefined, retrieveBy },
    scu: {
      list,
      get: (_, target) => get(target),
      move: (_, target) => move(target),
    },
    retrieve,
    aeTitle: 'CAUSEWAY',
    fetched: createFetchedInstances({ receive: () => ({}) as never }, undefined),
    log: silentLog,
  });
  const instance = (sopInstanceUid: string) => ({ studyInstanceUid, seriesInstanceUid, sopInstanceUid });
  return {
    asked,
    here,
    list,
    fetch: () => fetchMissing({ studyInstanceUid }),
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

  it('can be looked at while the peer does not answer, image by image', async () => {
    const { here, list, fetch, fetchInstance } = fetching({ has: ['a'], comes: { get: ['a'], move: [] } });
    here.add('a');
    list.mockRejectedValue(new CausewayError('timed-out', 'The peer does not answer.'));
    expect([...(await fetchInstance('a'))]).toEqual(['a']);
    await expect(fetchInstance('b')).rejects.toMatchObject({ code: 'timed-out' });
    await expect(fetch()).rejects.toMatchObject({ code: 'timed-out' });
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
