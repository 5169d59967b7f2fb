import { calledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Log } from '../kernel/log.ts';
import type { Peers } from '../peers/peers.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { Bridge, PeerServices } from './bridge.ts';
import { createFetchMissing } from './fetch-missing.ts';
import type { FetchedInstances } from './fetched-instances.ts';
import { peerCalls } from './peer-calls.ts';
import { createPeerIngest } from './peer-ingest.ts';
import { createListingsCache, createPeerListings, type PeerListings } from './peer-listings.ts';
import { createPeerRetrieve } from './peer-retrieve.ts';
import { createPeerSearch } from './peer-search.ts';

export interface BridgeParts {
  readonly peers: Pick<Peers, 'get' | 'all'>;
  readonly scu: Scu;
  readonly ingest: Ingest;
  readonly retrieve: Retrieve;
  /** Ours, as the destination of C-MOVE. */
  readonly aeTitle: string;
  readonly fetched: FetchedInstances;
  readonly log: Log;
}

interface MadeServices {
  readonly asKnown: string;
  readonly services: PeerServices;
  readonly listings: PeerListings;
}

export function createBridge({ peers, ingest, retrieve, aeTitle, fetched, log, ...parts }: BridgeParts): Bridge {
  const scu = peerCalls(parts.scu);
  /** Made once for a peer as it is known, so that requests share what is under way. */
  const made = new Map<string, MadeServices>();
  const listingsCache = createListingsCache();

  /** Whoever is added meanwhile is not among those that were known. */
  async function dropRemoved(): Promise<void> {
    const before = [...made];
    const known = new Set((await peers.all()).map(({ aeTitle }) => aeTitle));
    for (const [title, one] of before) {
      if (known.has(title) || made.get(title) !== one) continue;
      made.delete(title);
      one.listings.end();
    }
  }

  return {
    async services(title) {
      const known = await peers.get(title);
      const asKnown = JSON.stringify(known);
      const before = made.get(title);
      if (before?.asKnown === asKnown) return before.services;
      const peer = { ...known, ...calledPeer(known) };
      const search = createPeerSearch({ scu, peer, log });
      before?.listings.end();
      const listings = createPeerListings(listingsCache);
      const fetchMissing = createFetchMissing({ peer, scu, retrieve, aeTitle, fetched, listings, log });
      const services: PeerServices = {
        search,
        retrieve: createPeerRetrieve(retrieve, fetchMissing),
        ingest: createPeerIngest({
          scu,
          peer,
          ingest,
          retrieve,
          transferSyntaxUids: known.transferSyntaxUids,
          sent: listings.forget,
          log,
        }),
      };
      made.set(title, { asKnown, services, listings });
      await dropRemoved().catch((thrown: unknown) =>
        log.warn('Peers that were removed are not forgotten yet.', { error: String(thrown) }),
      );
      return services;
    },
  };
}
