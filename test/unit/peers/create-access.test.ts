import { describe, expect, it } from 'vitest';
import { createAccess } from '../../../src/peers/create-access.ts';
import { parseKnownPeer } from '../../../src/peers/parse-known-peer.ts';
import type { ListedPeer, PeerOperation } from '../../../src/peers/peers.ts';

describe('a known peer', () => {
  it.each([
    ['WORK1@10.0.0.5', { aeTitle: 'WORK1', host: '10.0.0.5', port: undefined }],
    ['PACS 1@pacs.example:11112', { aeTitle: 'PACS 1', host: 'pacs.example', port: 11_112 }],
    ['WS@[fe80::1]:104', { aeTitle: 'WS', host: 'fe80::1', port: 104 }],
  ])('is read from %s', (text, peer) => {
    expect(parseKnownPeer(text)).toMatchObject(peer);
  });

  it.each([
    '',
    'WORK1',
    '@host',
    'WORK1@',
    'WORK1@host:0',
    'WORK1@host:65536',
    'WITH\\BACKSLASH@host',
    'SEVENTEENLETTERSX@h',
  ])('is not read from "%s"', (text) => {
    expect(parseKnownPeer(text)).toBeUndefined();
  });
});

describe('whoever calls', () => {
  const known = (text: string, may: readonly PeerOperation[] = ['query', 'retrieve', 'store']): ListedPeer => ({
    ...parseKnownPeer(text)!,
    may,
    origin: 'api',
  });
  const peers = {
    all: async () => [
      known('WORK1@127.0.0.1'),
      known('WORK2@localhost:104'),
      known('WORK3@no.such.host.invalid:104'),
      known('CT1@127.0.0.1', ['store']),
    ],
  };
  const access = createAccess({ query: 'peers', store: 'peers', peers });
  const from = (callingAeTitle: string, address: string, operation: PeerOperation = 'query') =>
    access(operation, { callingAeTitle, address });

  it('may where AE title and address are those of one peer, by IPv4 or as IPv6 has it', async () => {
    expect(await from('WORK1', '127.0.0.1')).toBeUndefined();
    expect(await from('WORK1', '::ffff:127.0.0.1')).toBeUndefined();
    expect(await from('WORK2', '127.0.0.1')).toBeUndefined();
  });

  it('may not with another title, from another address, or where the name of its host resolves to nothing', async () => {
    expect(await from('OTHER', '127.0.0.1')).toContain('not among the known peers');
    expect(await from('WORK1', '10.1.2.3')).toContain('another address');
    expect(await from('WORK3', '127.0.0.1')).toContain('another address');
  });

  it('may do only what it is allowed', async () => {
    expect(await from('CT1', '127.0.0.1', 'store')).toBeUndefined();
    expect(await from('CT1', '127.0.0.1', 'retrieve')).toBe('The peer is not allowed to retrieve.');
    expect(await from('OTHER', '127.0.0.1', 'store')).toContain('not among the known peers');
  });

  it('may in any case where anyone may', async () => {
    const open = createAccess({ query: 'anyone', store: 'peers', peers });
    const stranger = { callingAeTitle: 'X', address: '8.8.8.8' };
    expect(await open('query', stranger)).toBeUndefined();
    expect(await open('retrieve', stranger)).toBeUndefined();
    expect(await open('store', stranger)).toContain('not among');
  });
});
