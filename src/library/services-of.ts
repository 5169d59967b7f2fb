import type { Commitment } from '../commitment/commitment.ts';
import type { CommitmentReports } from '../dimse/commitment-reports.ts';
import { createCommitmentService } from '../dimse/scp/commitment.ts';
import { createEchoService } from '../dimse/scp/echo.ts';
import { createEventReportService } from '../dimse/scp/event-report.ts';
import { createFindService } from '../dimse/scp/find.ts';
import { createGetService } from '../dimse/scp/get.ts';
import { createMoveService } from '../dimse/scp/move.ts';
import { createStoreService } from '../dimse/scp/store.ts';
import { createWorklistService } from '../dimse/scp/worklist.ts';
import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { PeerAssociations } from '../dimse/scu/peer-associations.ts';
import type { DimseService } from '../dimse/service.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Log } from '../kernel/log.ts';
import type { Access } from '../peers/create-access.ts';
import { queriesTo, worklistTo } from './answer-queries.ts';
import type { ApplicationEntityOptions } from './application-entity.ts';
import type { FileConverter } from './file-converter.ts';
import { callerOf } from './incoming-instance.ts';
import { retrievalsFrom } from './retrieved-instances.ts';

type Handlers = Pick<ApplicationEntityOptions, 'aeTitle' | 'refuse' | 'search' | 'retrieve' | 'worklist'>;

export interface ServicesOptions extends Handlers {
  readonly privateSopClassUids: readonly string[];
  readonly ingest: Ingest | undefined;
  readonly reports: CommitmentReports;
  readonly commitment: Commitment | undefined;
  /** Where an AE title can be called; undefined where nobody knows of any. */
  readonly calledAt: ((aeTitle: string) => Promise<CalledPeer | undefined>) | undefined;
  readonly associations: Pick<PeerAssociations, 'borrow'>;
  readonly converter: FileConverter;
  readonly log: Log;
}

/** Callers are answered in the character sets that they ask in: nothing else is known of them. */
const noPeers = { all: async () => [] };

/** What an application entity serves: what it has functions for. */
export function servicesOf(options: ServicesOptions): DimseService[] {
  const { aeTitle, privateSopClassUids, ingest, search, retrieve, worklist, commitment, calledAt, refuse } = options;
  const access: Access = async (operation, caller) => refuse?.(callerOf(caller), operation);
  const services = [createEchoService(), createEventReportService(options.reports)];
  if (ingest !== undefined) services.push(createStoreService({ ingest, access, privateSopClassUids }));
  if (search !== undefined)
    services.push(createFindService({ source: queriesTo(search), aeTitle, access, peers: noPeers }));
  if (worklist !== undefined)
    services.push(createWorklistService({ worklist: worklistTo(worklist), access, peers: noPeers }));
  if (commitment !== undefined) services.push(createCommitmentService({ commitment, access, aeTitle }));
  if (retrieve === undefined) return services;
  const source = retrievalsFrom(retrieve, options);
  services.push(createGetService({ source, access, privateSopClassUids }));
  if (calledAt === undefined) return services;
  async function destinationOf(title: string) {
    const peer = await calledAt?.(title);
    return peer && { peer, transferSyntaxUids: [] };
  }
  services.push(createMoveService({ source, access, destinationOf, associations: options.associations }));
  return services;
}
