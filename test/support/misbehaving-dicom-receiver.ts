import { createHash, randomInt } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Commitment } from '../../src/commitment/commitment.ts';
import {
  failureReason,
  type LongCommitmentReport,
  type ReferencedInstance,
} from '../../src/dicom/commitment-data-set.ts';
import { createCommitmentReports } from '../../src/dimse/commitment-reports.ts';
import { createDimseServer } from '../../src/dimse/create-dimse-server.ts';
import { defaultDimseLimits } from '../../src/dimse/limits.ts';
import { createCommitmentService } from '../../src/dimse/scp/commitment.ts';
import { createEchoService } from '../../src/dimse/scp/echo.ts';
import { createStoreService } from '../../src/dimse/scp/store.ts';
import { createScu } from '../../src/dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../../src/dimse/scu/open-association.ts';
import { createPeerAssociations } from '../../src/dimse/scu/peer-associations.ts';
import type { DimseService } from '../../src/dimse/service.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createFakeIngest, dataSetOf, stored } from './dimse-server.ts';
import { filesAsTheyAre } from './files-as-they-are.ts';

/**
 * `refuse`: no connection. `reject`: A-ASSOCIATE-RJ. `hang`: what comes in the middle of it is taken and nothing is
 * answered any more. `abort`: A-ABORT, or the end of the connection, in the middle of it. `busy`: 0xA700. `baffled`: 0xC000.
 * `lie`: 0000, and nothing is kept. `forget`: it keeps what it is sent and commits to nothing. `silent`: it takes requests for
 * storage commitment, and the N-EVENT-REPORT is dropped.
 */
export type DicomManners =
  | 'well'
  | 'refuse'
  | 'reject'
  | 'hang'
  | 'abort'
  | 'busy'
  | 'baffled'
  | 'lie'
  | 'forget'
  | 'silent';

export const allDicomManners: readonly DicomManners[] = [
  'well',
  'refuse',
  'reject',
  'hang',
  'abort',
  'busy',
  'baffled',
  'lie',
  'forget',
  'silent',
];

/** A C-STORE receiver with storage commitment that keeps one copy of what it takes, and has its moods. */
export interface MisbehavingDicomReceiver {
  readonly port: number;
  /** SHA-256 of the data set, and how often it came, by SOP Instance UID. */
  readonly kept: Map<string, { readonly sha256: string; times: number }>;
  /** SOP Instance UIDs that were answered with 0xC000. */
  readonly baffledBy: Set<string>;
  /** SOP Instance UIDs that a report of it has promised to keep. */
  readonly committed: Set<string>;
  /** How often it did what. */
  readonly deeds: Record<string, number>;
  /** What came with other content than before. */
  readonly altered: Set<string>;
  behave(manners: DicomManners): void;
  close(): Promise<void>;
}

/** A-ABORT by the service user. PS3.8 §9.3.8 */
const abortPdu = Buffer.from([7, 0, 0, 0, 0, 4, 0, 0, 0, 0]);

export interface MisbehavingDicomOptions {
  readonly aeTitle: string;
  /** Where reports that were dropped are told once it behaves: over an association of its own, as archives do. */
  readonly reportTo: () => { readonly aeTitle: string; readonly port: number };
  /** The part of them that is never told. */
  readonly neverTold: number;
}

export async function startMisbehavingDicomReceiver({
  aeTitle,
  reportTo,
  neverTold,
}: MisbehavingDicomOptions): Promise<MisbehavingDicomReceiver> {
  const kept: MisbehavingDicomReceiver['kept'] = new Map();
  const [baffledBy, committed, altered] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const deeds: Record<string, number> = {};
  const did = (deed: string): void => {
    deeds[deed] = (deeds[deed] ?? 0) + 1;
  };
  let manners: DicomManners = 'well';

  const ingest = createFakeIngest();
  ingest.outcome = ({ source, bytes }) => {
    ingest.finished.length = 0;
    const uid = (source.door === 'dimse' && source.affected?.sopInstanceUid) || '';
    const refused = (code: 'storage-full' | 'malformed', message: string) =>
      ({ status: 'refused', code, message, details: {} }) as const;
    if (manners === 'busy') {
      did('A700');
      return refused('storage-full', 'It is busy.');
    }
    if (manners === 'baffled') {
      did('C000');
      baffledBy.add(uid);
      return refused('malformed', 'It makes nothing of this.');
    }
    if (manners === 'lie') {
      did('lie');
      return stored();
    }
    const sha256 = createHash('sha256').update(dataSetOf(bytes)).digest('hex');
    const known = kept.get(uid);
    if (known === undefined) kept.set(uid, { sha256, times: 1 });
    else if (known.sha256 === sha256) known.times += 1;
    else altered.add(uid);
    return stored();
  };

  const owed: LongCommitmentReport[] = [];
  const commitment: Commitment = {
    begin() {
      const instances: ReferencedInstance[] = [];
      return {
        async take(some) {
          instances.push(...some);
        },
        async finish(transactionUid) {
          did('N-ACTION');
          const forgets = manners === 'forget';
          if (forgets) did('not committed');
          const isKept = ({ sopInstanceUid }: { sopInstanceUid: string }) => !forgets && kept.has(sopInstanceUid);
          const reason = forgets ? failureReason.processingFailure : failureReason.noSuchObjectInstance;
          const promised = instances.filter(isKept);
          const failed = instances.filter((one) => !isKept(one)).map((one) => ({ ...one, failureReason: reason }));
          for (const { sopInstanceUid } of promised) committed.add(sopInstanceUid);
          const report: LongCommitmentReport = {
            transactionUid,
            hasFailures: failed.length > 0,
            async *parts() {
              yield { committed: promised, failed };
            },
          };
          return {
            report,
            committed: promised.length,
            failed: failed.length,
            acknowledged: async () => {},
            async missed() {
              if (Math.random() < neverTold) return did('report never told');
              owed.push(report);
              void tellOwed();
            },
          };
        },
        abandon: async () => {},
      };
    },
  };

  const commit = createCommitmentService({ commitment, access: async () => undefined, aeTitle, patienceMs: 20 });
  const dropping: DimseService = {
    ...commit,
    begin: (request, respond) =>
      commit.begin(
        {
          ...request,
          peer: {
            ...request.peer,
            async invoke(...message) {
              if (manners !== 'silent') return request.peer.invoke(...message);
              did('report dropped');
              throw new CausewayError('aborted', 'It says nothing.');
            },
          },
        },
        respond,
      ),
  };
  const dimse = createDimseServer({
    host: '127.0.0.1',
    port: 0,
    aeTitle,
    strictAeTitle: false,
    services: [
      createEchoService(),
      createStoreService({ ingest, access: async () => undefined, privateSopClassUids: [] }),
      dropping,
    ],
    associationAccess: async () => {
      if (manners !== 'reject') return undefined;
      did('A-ASSOCIATE-RJ');
      return 'Not today.';
    },
    log: silentLog,
  });
  const { port: behind } = await dimse.listen();

  const open = createOpenAssociation({ aeTitle, limits: defaultDimseLimits });
  const associations = createPeerAssociations({ open });
  const scu = createScu({
    open,
    associations,
    ingest,
    retrieve: filesAsTheyAre,
    reports: createCommitmentReports(),
    aeTitle,
    privateSopClassUids: [],
  });
  /** Whom it is told may be dead just now: then it is told a little later. */
  async function tellOwed(): Promise<void> {
    while (manners === 'well' && owed.length > 0) {
      const report = owed.shift()!;
      try {
        await scu.reportCommitment({ ...reportTo(), host: '127.0.0.1', maxAssociations: 2 }, report, silentLog);
        did('report told late');
      } catch {
        owed.push(report);
        await delay(200);
      }
    }
  }

  const sockets = new Set<Socket>();
  const shim = createServer({ noDelay: true }, (scuSide) => {
    const keep = (socket: Socket, other: () => Socket): void => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other().destroy();
      });
    };
    if (manners === 'refuse') {
      did('refused');
      scuSide.destroy();
      return;
    }
    const scpSide = connect({ host: '127.0.0.1', port: behind, noDelay: true });
    keep(scuSide, () => scpSide);
    keep(scpSide, () => scuSide);
    // Somewhere in what the sender says: in its A-ASSOCIATE-RQ, a command, a data set, or behind the last of it.
    let left = randomInt(60_000);
    scuSide.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0 && manners === 'hang') {
        did('hung');
        scuSide.pause();
        return;
      }
      if (left < 0 && manners === 'abort') {
        did('aborted');
        if (randomInt(2) === 0) scuSide.end(abortPdu);
        else scuSide.destroy();
        scpSide.destroy();
        return;
      }
      scpSide.write(chunk);
    });
    scuSide.on('end', () => scpSide.end());
    scpSide.on('data', (chunk: Buffer) => scuSide.write(chunk));
    scpSide.on('end', () => scuSide.end());
  });
  await new Promise<void>((resolve) => shim.listen(0, '127.0.0.1', resolve));

  return {
    port: (shim.address() as AddressInfo).port,
    kept,
    baffledBy,
    committed,
    altered,
    deeds,
    behave(next) {
      manners = next;
      // Who hung hears the end of it, and who is refused is not let in by a connection from before.
      for (const socket of sockets) socket.destroy();
      if (next === 'well') void tellOwed();
    },
    async close() {
      manners = 'refuse';
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => shim.close(resolve));
      await Promise.all([dimse.close({ graceMs: 0 }), associations.close()]);
    },
  };
}
