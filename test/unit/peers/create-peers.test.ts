import { expect, it } from 'vitest';
import type { KnownPeer } from '../../../src/index/known-peer.ts';
import type { PeerStore, PuttingPeer, StoredPeer } from '../../../src/index/peer-store.ts';
import { createPeers } from '../../../src/peers/create-peers.ts';

const peer: KnownPeer = {
  aeTitle: 'PACS',
  host: 'pacs',
  port: 104,
  tls: { checkHostName: true },
  callingAeTitle: undefined,
  user: { name: 'causeway', passcode: 'secret' },
  may: [],
  transferSyntaxUids: [],
  characterSets: [],
  onDifferentContent: undefined,
  retrieveBy: 'auto',
  maxAssociations: 1,
};

function peersWith(stored: StoredPeer[]) {
  const puts: PuttingPeer[] = [];
  const store: PeerStore = {
    all: async () => stored,
    add: async () => undefined,
    put: async (one, _by, change = {}) => {
      puts.push(change);
      const isNew = stored.length === 0;
      stored.splice(0, 1, { ...one, version: '2', hasPasscode: one.user?.passcode !== undefined });
      return { version: '2', isNew };
    },
    delete: async () => false,
    changes: async () => ({ items: [], total: 0 }),
  };
  return { peers: createPeers({ store, configured: [] }), puts };
}

const known = (): StoredPeer[] => [{ ...peer, version: '1', hasPasscode: true }];
const withoutPasscode = { ...peer, user: { name: 'causeway', passcode: undefined } };

it('a passcode that is not given stays where something else changes', async () => {
  const stored = known();
  const { peers } = peersWith(stored);
  expect((await peers.put({ ...withoutPasscode, may: ['query'] }, 'ops')).peer).toMatchObject({ hasPasscode: true });
  expect(stored[0]).toMatchObject({ may: ['query'], user: peer.user });
});

it.each<[string, Partial<KnownPeer>]>([
  ['the host', { host: 'elsewhere' }],
  ['the port', { port: 105 }],
  ['TLS', { tls: undefined }],
  ['the user', { user: { name: 'bob', passcode: undefined } }],
  ['the check of the host name', { tls: { checkHostName: false } }],
])('a passcode is neither sent elsewhere nor lost where %s changes: it has to be given again', async (_, change) => {
  const stored = known();
  const { peers } = peersWith(stored);
  await expect(peers.put({ ...withoutPasscode, ...change }, 'ops')).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('give it again'),
  });
  expect(stored[0]).toMatchObject(peer);
  const user = change.user ?? withoutPasscode.user;
  await peers.put({ ...peer, ...change, user: { ...user, passcode: 'new' } }, 'ops');
  expect(stored[0]?.user?.passcode).toBe('new');
  const { peers: others } = peersWith(known());
  const dropped = await others.put({ ...withoutPasscode, ...change }, 'ops', { dropsPasscode: true });
  expect(dropped.peer).toMatchObject({ ...change, user, hasPasscode: false });
});

it('a passcode goes with its user, and none is asked for where there was none', async () => {
  const { peers } = peersWith(known());
  expect((await peers.put({ ...peer, user: undefined }, 'ops')).peer).toMatchObject({
    user: undefined,
    hasPasscode: false,
  });
  const { peer: changed } = await peers.put({ ...peer, user: { name: 'bob', passcode: undefined } }, 'ops');
  expect(changed).toMatchObject({ user: { name: 'bob', passcode: undefined }, hasPasscode: false });
});

it('what somebody else has changed or removed meanwhile is not changed', async () => {
  const { peers, puts } = peersWith(known());
  await expect(peers.put(peer, 'ops', { expected: '0' })).rejects.toMatchObject({ code: 'precondition-failed' });
  await peers.put(peer, 'ops', { expected: '1' });
  expect(puts).toEqual([{ expected: '1', keepsPasscode: false }]);
  for (const expected of ['1', 'any']) {
    await expect(peersWith([]).peers.put(peer, 'ops', { expected })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
  }
});

it('a peer is known as soon as it is added, also where the peers were being read when that happened', async () => {
  const stored: StoredPeer[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reads = 0;
  const store = {
    async all() {
      const seen = [...stored];
      reads += 1;
      if (reads === 1) await held;
      return seen;
    },
    async add(one: KnownPeer) {
      stored.push({ ...one, version: '1', hasPasscode: true });
      return { version: '1' };
    },
  } as unknown as PeerStore;
  const peers = createPeers({ store, configured: [] });
  const before = peers.all();
  await peers.add(peer, 'ops');
  release();
  expect(await before).toEqual([]);
  expect(await peers.all()).toMatchObject([{ aeTitle: 'PACS' }]);
  expect(reads).toBe(2);
  await peers.all();
  expect(reads).toBe(2);
});
