import type { Ingest } from '../ingest/ingest.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { Search } from '../search/search.ts';

/** The services of the house over what a peer has, for doors that know nothing of DIMSE. */
export interface PeerServices {
  /** C-FIND. */
  readonly search: Search;
  /** What is not here is fetched first. */
  readonly retrieve: Retrieve;
  /** What is stored here goes on to the peer; success is answered when it has it. */
  readonly ingest: Ingest;
}

/** The way to what lives in archives that speak only DIMSE. */
export interface Bridge {
  /** @throws CausewayError `not-found` for a peer that nobody knows, `conflict` for one that cannot be called */
  services(aeTitle: string): Promise<PeerServices>;
}
