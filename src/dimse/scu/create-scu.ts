import type { CommitmentReport, LongCommitmentReport, ReferencedInstance } from '../../dicom/commitment-data-set.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { storageSopClass } from '../../dicom/storage-sop-classes.ts';
import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { CommitmentReports } from '../commitment-reports.ts';
import type { MoveArrivals } from '../move-arrivals.ts';
import { createEventReportService } from '../scp/event-report.ts';
import { createStoreService } from '../scp/store.ts';
import type { SendableInstance, SendingParts } from '../send-instance.ts';
import type { Peer, PresentationContext } from '../service.ts';
import { storageCommitment } from '../storage-commitment.ts';
import type { CalledPeer } from './called-peer.ts';
import { closedWhileIdle } from './closed-while-idle.ts';
import { type CommitOptions, commit, commitContexts } from './commit.ts';
import { echo, echoContexts } from './echo.ts';
import { find, type RemoteMatch } from './find.ts';
import { getContexts } from './get-contexts.ts';
import { getInstances } from './get-instances.ts';
import { getSteps } from './get-steps.ts';
import { listInstances, type RemoteInstance, type RemoteListing } from './list-instances.ts';
import { move } from './move.ts';
import { numberedContexts } from './numbered-contexts.ts';
import type { OpenAssociation } from './open-association.ts';
import { withPatientId } from './patient-id-of.ts';
import type { PeerAssociations, Purpose } from './peer-associations.ts';
import { isRelational, queryContext, queryContexts, relationalQueries, takesRelational } from './remote-query.ts';
import { reportCommitment } from './report-commitment.ts';
import type { RetrievalOptions, RetrievalProgress, RetrievalResult } from './retrieval-request.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';
import { type SendOptions, type SendResult, sendInstances } from './send-instances.ts';
import { worklistContext, worklistContexts } from './worklist.ts';

type IndexedInstance = Parameters<SendingParts['file']>[0];

/**
 * What we can ask of peers. Every method throws CausewayError `unavailable` or `timed-out` if the peer cannot be reached
 * or refuses, `sop-class-unsupported` if it does not offer the service, `bad-request` if it takes the request for wrong,
 * and `aborted` if the association ends early, always in words that name what was answered or why it ended.
 */
export interface Scu {
  /** C-ECHO over an association of its own. @returns how long association and answer took, in milliseconds */
  echo(peer: CalledPeer, log: Log): Promise<number>;
  /**
   * C-FIND.
   * @param identifier with Query/Retrieve Level
   * @param patientId of its study, where the peer has told it: those that want it need not be asked for it then
   */
  find(peer: CalledPeer, identifier: DicomJson, log: Log, patientId?: string): AsyncGenerator<RemoteMatch, void, void>;
  /** Whether the peer agrees to queries that leave out unique keys of the levels above. */
  takesRelationalQueries(peer: CalledPeer, log: Log): Promise<boolean>;
  /** C-FIND of scheduled procedure steps. @param identifier its items within Scheduled Procedure Step Sequence */
  findWorklist(peer: CalledPeer, identifier: DicomJson, log: Log): AsyncGenerator<RemoteMatch, void, void>;
  /** C-FIND of the instances of a target, level by level. */
  list(peer: CalledPeer, target: RemoteTarget, log: Log): Promise<RemoteListing>;
  /** C-GET into our own archive. What comes is asked for first by C-FIND, unless that is known. */
  get(peer: CalledPeer, target: RemoteTarget, options: GetOptions, log: Log): Promise<RetrievalResult>;
  /** C-MOVE to the destination, an AE title that the peer knows. */
  move(
    peer: CalledPeer,
    target: RemoteTarget,
    destination: string,
    options: RetrievalOptions,
    log: Log,
  ): Promise<RetrievalResult>;
  /** C-STORE of each. An instance that cannot be sent, or that the peer refuses, is a result. */
  send(
    peer: CalledPeer,
    instances: () => AsyncIterable<IndexedInstance>,
    options: SendOptions,
    log: Log,
  ): AsyncGenerator<SendResult<IndexedInstance>, void, void>;
  /** The same of files that are not stored instances. @param files where they come from */
  sendFiles<I extends SendableInstance>(
    peer: CalledPeer,
    instances: () => AsyncIterable<I>,
    files: SendingParts<I>,
    options: SendOptions,
    log: Log,
  ): AsyncGenerator<SendResult<I>, void, void>;
  /** Which of the SOP classes, storage ones or storage commitment, the peer takes, asked over an association of its own. */
  accepted(peer: CalledPeer, sopClassUids: readonly string[], log: Log): Promise<readonly string[]>;
  /** Storage commitment. */
  commit(
    peer: CalledPeer,
    instances: readonly ReferencedInstance[],
    options: CommitOptions,
    log: Log,
  ): Promise<CommitmentReport>;
  /** N-EVENT-REPORT over an association of our own, to whoever asked us for storage commitment. */
  reportCommitment(peer: CalledPeer, report: LongCommitmentReport, log: Log): Promise<void>;
}

export interface GetOptions extends RetrievalOptions {
  /** What the peer has of the target, or what of it is wanted, where that is known. */
  readonly listed?: readonly RemoteInstance[];
  /** Where to, if not as everything else into our own archive. */
  readonly ingest?: Ingest;
}

export interface ScuOptions {
  readonly open: OpenAssociation;
  readonly associations: PeerAssociations;
  readonly ingest: Ingest;
  readonly retrieve: SendingParts;
  /** Those that come over associations which peers open. */
  readonly reports: CommitmentReports;
  /** Ours, as where to retrieve from. */
  readonly aeTitle: string;
  /** What comes to our own archive at our own C-MOVE. */
  readonly arrivals?: Pick<MoveArrivals, 'watch'>;
  /** UIDs of private storage SOP classes that we take besides those of the Standard. */
  readonly privateSopClassUids: readonly string[];
}

const relational = { extendedNegotiations: relationalQueries };

interface Question {
  readonly context: PresentationContext;
  readonly identifier: DicomJson;
}

export function createScu({ open, associations, ingest, retrieve, privateSopClassUids, ...options }: ScuOptions): Scu {
  const { arrivals, aeTitle } = options;
  // We asked for what comes over an association of ours.
  const storeInto = (into: Ingest) =>
    createStoreService({ ingest: into, privateSopClassUids, access: async () => undefined });

  async function* ask(
    peer: CalledPeer,
    purpose: Purpose,
    log: Log,
    question: (remote: Peer) => Promise<Question>,
  ): AsyncGenerator<RemoteMatch, void, void> {
    for (;;) {
      const association = await associations.borrow(peer, purpose, log);
      let isAnswered = false;
      try {
        const { context, identifier } = await question(association.peer);
        for await (const match of find(association.peer, context, identifier)) {
          isAnswered = true;
          yield match;
        }
        return;
      } catch (thrown) {
        if (isAnswered || !closedWhileIdle(association, thrown)) throw thrown;
      } finally {
        await association.giveBack();
      }
    }
  }

  async function list(peer: CalledPeer, target: RemoteTarget, log: Log): Promise<RemoteListing> {
    for (;;) {
      const association = await associations.borrow(peer, { contexts: queryContexts('find') }, log);
      try {
        return await listInstances(association.peer, target);
      } catch (thrown) {
        if (!closedWhileIdle(association, thrown)) throw thrown;
      } finally {
        await association.giveBack();
      }
    }
  }

  /** What the peer tells of a target, which is nothing where it answers no query: it may send it all the same. */
  async function listedIfTold(peer: CalledPeer, target: RemoteTarget, log: Log): Promise<RemoteListing> {
    try {
      return await list(peer, target, log);
    } catch (thrown) {
      if (!(thrown instanceof CausewayError)) throw thrown;
      const isAnswer = thrown.code === 'sop-class-unsupported' || thrown.details['status'] !== undefined;
      if (!isAnswer) throw thrown;
      log.info('A peer does not tell what it has, which is asked for all the same.', { reason: thrown.message });
      return { instances: [], patientId: undefined };
    }
  }

  return {
    async echo(peer, log) {
      const startedAt = performance.now();
      // Not one that lies idle: the question is whether the peer takes associations.
      const association = await open({ ...peer, contexts: echoContexts, log });
      try {
        await echo(association.peer);
        return performance.now() - startedAt;
      } finally {
        await association.release();
      }
    },
    find(peer, identifier, log, patientId) {
      const purpose = { contexts: queryContexts('find'), ...(isRelational(identifier) && relational) };
      return ask(peer, purpose, log, async (remote) => {
        const { root, context } = queryContext('find', remote.contexts);
        if (root !== 'patient') return { context, identifier };
        return { context, identifier: await withPatientId(remote, context, identifier, patientId) };
      });
    },
    async takesRelationalQueries(peer, log) {
      const association = await associations.borrow(peer, { contexts: queryContexts('find'), ...relational }, log);
      try {
        const { root } = queryContext('find', association.peer.contexts);
        return takesRelational(root, association.extendedNegotiations);
      } finally {
        await association.giveBack();
      }
    },
    findWorklist: (peer, identifier, log) =>
      ask(peer, { contexts: worklistContexts }, log, async ({ contexts }) => ({
        context: worklistContext(contexts),
        identifier,
      })),
    list,
    async get(peer, target, { listed, ingest: into = ingest, ...retrieval }, log) {
      const told = listed === undefined ? await listedIfTold(peer, target, log) : undefined;
      const isTaken = (uid: string) => storageSopClass(uid) !== undefined || privateSopClassUids.includes(uid);
      const known = { ...target, patientId: target.patientId ?? told?.patientId };
      return getInstances(getSteps(known, listed ?? told?.instances ?? [], isTaken), {
        ...retrieval,
        log,
        call(sopClassUids) {
          const served = { sopClassUids, services: [storeInto(into)] };
          return associations.borrow(peer, { contexts: getContexts(sopClassUids), served }, log);
        },
      });
    },
    async move(peer, target, destination, options, log) {
      // Peers need not say how far they are: that something comes is as good.
      const prolong = (restart: () => void) => arrivals?.watch(peer.callingAeTitle ?? aeTitle, restart) ?? (() => {});
      for (;;) {
        const association = await associations.borrow(peer, { contexts: queryContexts('move') }, log);
        let isAnswered = false;
        const onProgress = (progress: RetrievalProgress): void => {
          isAnswered = true;
          options.onProgress?.(progress);
        };
        try {
          return await move(association.peer, target, destination, { prolong, ...options, onProgress }, log);
        } catch (thrown) {
          if (isAnswered || !closedWhileIdle(association, thrown)) throw thrown;
        } finally {
          await association.giveBack();
        }
      }
    },
    async commit(peer, instances, waiting, log) {
      // Peers report over this association or another: on this one, a service of ours takes the report.
      const services = [createEventReportService(options.reports)];
      const purpose = { contexts: commitContexts, served: { sopClassUids: [], services } };
      const association = await associations.borrow(peer, purpose, log);
      try {
        return await commit(association.peer, instances, options.reports, waiting);
      } finally {
        await association.giveBack();
      }
    },
    async reportCommitment(peer, report, log) {
      // The one who reports is the SCP, also where it opens the association (PS3.4 §J.3.3).
      const served = { sopClassUids: [storageCommitment.sopClassUid], services: [] };
      const association = await associations.borrow(peer, { contexts: commitContexts, served }, log);
      try {
        const [context] = association.acceptedContexts;
        if (context === undefined) {
          throw new CausewayError('sop-class-unsupported', 'The peer does not take storage commitment reports.');
        }
        await reportCommitment(association.peer, context, report, options.aeTitle);
      } finally {
        await association.giveBack();
      }
    },
    send: (peer, instances, options, log) => sendInstances({ associations, retrieve, peer, instances, options, log }),
    sendFiles: (peer, instances, files, options, log) =>
      sendInstances({ associations, retrieve: files, peer, instances, options, log }),
    async accepted(peer, sopClassUids, log) {
      const { explicitVrLittleEndian, implicitVrLittleEndian } = transferSyntaxUids;
      const contexts = numberedContexts(
        sopClassUids.map((abstractSyntaxUid) => ({
          abstractSyntaxUid,
          transferSyntaxUids: [explicitVrLittleEndian, implicitVrLittleEndian],
        })),
      );
      const association = await open({ ...peer, contexts, log });
      const taken = association.acceptedContexts.map(({ abstractSyntaxUid }) => abstractSyntaxUid);
      await association.release();
      return taken;
    },
  };
}
