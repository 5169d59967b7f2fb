import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { KnownPeer } from '../known-peer.ts';
import type { AssociationFacts } from '../service.ts';

/** Why a caller may not query, in words for its log and ours; undefined if it may. */
export type QueryAccess = (caller: Pick<AssociationFacts, 'callingAeTitle' | 'address'>) => Promise<string | undefined>;

/**
 * Patient data goes to peers that are known by AE title and address, unless the house is open to anyone.
 * @param peers those that may query
 */
export function createQueryAccess(access: 'peers' | 'anyone', peers: readonly KnownPeer[]): QueryAccess {
  return async ({ callingAeTitle, address }) => {
    if (access === 'anyone') return undefined;
    const named = peers.filter(({ aeTitle }) => aeTitle === callingAeTitle);
    if (named.length === 0) return 'The calling AE title is not among the known peers.';
    for (const { host } of named) {
      if ((await addressesOf(host)).includes(plain(address))) return undefined;
    }
    return 'The peer calls from another address than is known of it.';
  };
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [plain(host)];
  // A name that cannot be resolved lets nobody in.
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => plain(address));
}

/** IPv4 addresses come as IPv6 ones where the socket takes both. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}
