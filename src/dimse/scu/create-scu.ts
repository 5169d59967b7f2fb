import type { DicomJson } from '../../dicom/json-model.ts';
import { storageSopClass } from '../../dicom/storage-sop-classes.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import type { Log } from '../../kernel/log.ts';
import { createStoreService } from '../scp/store.ts';
import type { SendingParts } from '../send-instance.ts';
import type { CalledPeer } from './called-peer.ts';
import { commonSopClasses } from './common-sop-classes.ts';
import { echo, echoContexts } from './echo.ts';
import { find, type RemoteMatch } from './find.ts';
import { get, getContexts } from './get.ts';
import { move } from './move.ts';
import type { OpenAssociation } from './open-association.ts';
import type { PeerAssociations } from './peer-associations.ts';
import { queryContexts } from './remote-query.ts';
import type { RetrievalOptions, RetrievalResult } from './retrieval-request.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';
import { type SendOptions, type SendResult, sendInstances } from './send-instances.ts';

type IndexedInstance = Parameters<SendingParts['file']>[0];

/**
 * What we can ask of peers. Every method throws CausewayError `unavailable` or `timed-out` if the peer cannot be reached
 * or refuses, `sop-class-unsupported` if it does not offer the service, `bad-request` if it takes the request for wrong,
 * and `aborted` if the association ends early, always in words that name what was answered.
 */
export interface Scu {
  /** C-ECHO over an association of its own. @returns how long association and answer took, in milliseconds */
  echo(peer: CalledPeer, log: Log): Promise<number>;
  /** C-FIND. @param identifier with Query/Retrieve Level */
  find(peer: CalledPeer, identifier: DicomJson, log: Log): AsyncGenerator<RemoteMatch, void, void>;
  /** C-GET into our own archive. */
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
  ): AsyncGenerator<SendResult, void, void>;
}

export interface GetOptions extends RetrievalOptions {
  /** SOP classes of what will come, where they are known. */
  readonly sopClassUids?: readonly string[];
}

export interface ScuOptions {
  readonly open: OpenAssociation;
  readonly associations: PeerAssociations;
  readonly ingest: Ingest;
  readonly retrieve: SendingParts;
  /** UIDs of private storage SOP classes that we take besides those of the Standard. */
  readonly privateSopClassUids: readonly string[];
}

export function createScu({ open, associations, ingest, retrieve, privateSopClassUids }: ScuOptions): Scu {
  // We asked for what comes over an association of ours.
  const store = createStoreService({ ingest, privateSopClassUids, access: async () => undefined });

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
    async *find(peer, identifier, log) {
      const association = await associations.borrow(peer, { contexts: queryContexts('find') }, log);
      try {
        yield* find(association.peer, identifier);
      } finally {
        await association.giveBack();
      }
    },
    async get(peer, target, { sopClassUids = commonSopClasses, ...options }, log) {
      const taken = sopClassUids.filter(
        (uid) => storageSopClass(uid) !== undefined || privateSopClassUids.includes(uid),
      );
      const served = { sopClassUids: taken, services: [store] };
      const association = await associations.borrow(peer, { contexts: getContexts(taken), served }, log);
      try {
        return await get(association.peer, target, options);
      } finally {
        await association.giveBack();
      }
    },
    async move(peer, target, destination, options, log) {
      const association = await associations.borrow(peer, { contexts: queryContexts('move') }, log);
      try {
        return await move(association.peer, target, destination, options);
      } finally {
        await association.giveBack();
      }
    },
    send: (peer, instances, options, log) => sendInstances({ associations, retrieve, peer, instances, options, log }),
  };
}
