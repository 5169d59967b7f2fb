import { expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.ts';
import { bringPeers } from '../../../src/peers/bring-peers.ts';
import { peerDefaults } from '../../../src/peers/parse-known-peer.ts';
import type { KnownPeer, Peers } from '../../../src/peers/peers.ts';

const peer = (aeTitle: string, host: string): KnownPeer => ({
  ...peerDefaults,
  aeTitle,
  host,
  port: 104,
  transferSyntaxUids: [],
  user: undefined,
});
const others = ['A', 'B', 'C'].map((aeTitle) => peer(aeTitle, 'elsewhere'));

function peersThat(fails: Partial<Peers>) {
  const changed: string[] = [];
  const known = async () => others.map(({ aeTitle }) => ({ ...peer(aeTitle, 'here'), origin: 'api' as const }));
  const peers: Peers = {
    all: known,
    get: async () => (await known())[0]!,
    add: async (one) => ({ ...one, origin: 'api' }),
    async put(one) {
      if (one.aeTitle === 'B') throw new Error('the database is away');
      changed.push(one.aeTitle);
      return { peer: { ...one, origin: 'api' }, isNew: false };
    },
    remove: async () => {},
    changes: async () => ({ items: [], total: 0 }),
    ...fails,
  };
  return { peers, changed };
}

const options = { by: 'us', replaces: true, log: silentLog };

it('tells which peers could not be changed, and changes the others', async () => {
  const { peers, changed } = peersThat({});
  const brought = await bringPeers(peers, others, options);
  expect([...(await brought.keep()).keys()]).toEqual(['B']);
  expect(changed).toEqual(['A', 'C']);
});

it('forgets what it can of a file that is refused, and does not fail with another reason', async () => {
  const removed: string[] = [];
  const { peers } = peersThat({
    async add(one) {
      if (one.aeTitle === 'F') throw new Error('the real reason');
      return { ...one, origin: 'api' };
    },
    async remove(aeTitle) {
      removed.push(aeTitle);
      if (aeTitle === 'D') throw new Error('the database is away');
    },
  });
  const newcomers = ['D', 'E', 'F'].map((aeTitle) => peer(aeTitle, 'there'));
  await expect(bringPeers(peers, newcomers, options)).rejects.toThrow('the real reason');
  expect(removed).toEqual(['D', 'E']);
});
