import type { Activity } from '../activity/activity.ts';
import type { Commitment } from '../commitment/commitment.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Access } from '../peers/create-access.ts';
import type { Peers } from '../peers/peers.ts';
import type { StoredRetrieve } from '../retrieve/retrieve.ts';
import type { StoredSearch } from '../search/search.ts';
import type { PerformedSteps } from '../worklist/performed-steps.ts';
import type { Worklist } from '../worklist/worklist.ts';
import type { CommitmentReports } from './commitment-reports.ts';
import { createCommitmentService } from './scp/commitment.ts';
import { createEchoService } from './scp/echo.ts';
import { createEventReportService } from './scp/event-report.ts';
import { createFindService } from './scp/find.ts';
import { storedMatches } from './scp/find-matches.ts';
import { createGetService } from './scp/get.ts';
import { createMoveService, knownDestinations } from './scp/move.ts';
import { createPerformedStepServices } from './scp/performed-step.ts';
import { createStoreService } from './scp/store.ts';
import { storedInstances } from './scp/stored-instances.ts';
import { createWorklistService } from './scp/worklist.ts';
import type { PeerAssociations } from './scu/peer-associations.ts';
import type { DimseService } from './service.ts';

export interface ArchiveServicesOptions {
  /** Ours, as where to retrieve from. */
  readonly aeTitle: string;
  readonly ingest: Ingest;
  readonly search: StoredSearch;
  readonly worklist: Pick<Worklist, 'find'>;
  readonly performedSteps: PerformedSteps;
  readonly retrieve: StoredRetrieve;
  readonly access: Access;
  readonly peers: Pick<Peers, 'all'>;
  readonly associations: Pick<PeerAssociations, 'borrow'>;
  readonly commitment: Commitment;
  readonly reports: Pick<CommitmentReports, 'arrived' | 'isAnyExpected'>;
  readonly activity?: Pick<Activity, 'tell'>;
  /** UIDs of private storage SOP classes to accept besides those of the Standard. */
  readonly privateSopClassUids?: readonly string[] | undefined;
}

/** What an archive serves: Verification, Query, Retrieval, Storage and its commitment, the worklist of modalities and what becomes of it. */
export function archiveServices({ privateSopClassUids = [], ...options }: ArchiveServicesOptions): DimseService[] {
  const { aeTitle, search, retrieve, access, peers, associations } = options;
  const stored = storedInstances(search, retrieve);
  return [
    createEchoService(options.activity),
    createFindService({ source: storedMatches(search), aeTitle, access, peers }),
    createWorklistService({ worklist: options.worklist, access, peers }),
    createMoveService({ source: stored, access, destinationOf: knownDestinations(peers), associations }),
    createGetService({ source: stored, access, privateSopClassUids }),
    createCommitmentService({ commitment: options.commitment, access, aeTitle }),
    createEventReportService(options.reports),
    ...createPerformedStepServices({ performedSteps: options.performedSteps, access }),
    createStoreService({ ingest: options.ingest, access, privateSopClassUids }),
  ];
}
