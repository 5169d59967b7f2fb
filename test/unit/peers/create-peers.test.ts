import { expect, it } from 'vitest';
import type { KnownPeer } from '../../../src/index/known-peer.ts';
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

it.each<[string, Partial<KnownPeer>, string | undefined]>([
  ['something else', { may: ['query'] }, 'secret'],
  ['the host', { host: 'elsewhere' }, undefined],
  ['the port', { port: 105 }, undefined],
  ['TLS', { tls: undefined }, undefined],
  ['the check of the host name', { tls: { checkHostName: false } }, undefined],
])('where %s changes a passcode that is not given is kept only if it goes nowhere else', async (_, change, kept) => {
  const stored: KnownPeer[] = [peer];
  const store = {
    all: async () => stored,
    put: async (one: KnownPeer) => {
      stored.splice(0, 1, one);
      return false;
    },
    delete: async () => false,
  };
  await createPeers({ store, configured: [] }).put({
    ...peer,
    user: { name: 'causeway', passcode: undefined },
    ...change,
  });
  expect(stored[0]?.user).toEqual({ name: 'causeway', passcode: kept });
});
