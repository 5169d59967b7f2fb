import { describe, expect, it } from 'vitest';
import { parseKnownPeer } from '../../../src/dimse/known-peer.ts';
import { createQueryAccess } from '../../../src/dimse/scp/query-access.ts';

describe('a known peer', () => {
  it.each([
    ['WORK1@10.0.0.5', { aeTitle: 'WORK1', host: '10.0.0.5', port: undefined }],
    ['PACS 1@pacs.example:11112', { aeTitle: 'PACS 1', host: 'pacs.example', port: 11_112 }],
    ['WS@[fe80::1]:104', { aeTitle: 'WS', host: 'fe80::1', port: 104 }],
  ])('is read from %s', (text, peer) => {
    expect(parseKnownPeer(text)).toEqual(peer);
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

describe('whoever queries', () => {
  const access = createQueryAccess('peers', [
    { aeTitle: 'WORK1', host: '127.0.0.1', port: undefined },
    { aeTitle: 'WORK2', host: 'localhost', port: 104 },
    { aeTitle: 'WORK3', host: 'no.such.host.invalid', port: 104 },
  ]);
  const from = (callingAeTitle: string, address: string) => access({ callingAeTitle, address });

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

  it('may in any case where anyone may', async () => {
    expect(await createQueryAccess('anyone', [])({ callingAeTitle: 'X', address: '8.8.8.8' })).toBeUndefined();
  });
});
