import type { ReferencedInstance } from '../dicom/commitment-data-set.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { type Attributes, attributesOf, dataSetOf } from '../dicom/keyword-attributes.ts';
import { statusText } from '../dimse/command/status.ts';
import { createCommitmentReports } from '../dimse/commitment-reports.ts';
import { createDimseServer, type DimseServer } from '../dimse/create-dimse-server.ts';
import type { FileInstance } from '../dimse/file-instances.ts';
import { type DimseLimits, defaultDimseLimits } from '../dimse/limits.ts';
import { createMoveArrivals } from '../dimse/move-arrivals.ts';
import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import { createScu } from '../dimse/scu/create-scu.ts';
import type { RemoteMatch } from '../dimse/scu/find.ts';
import { createOpenAssociation } from '../dimse/scu/open-association.ts';
import { createPeerAssociations } from '../dimse/scu/peer-associations.ts';
import type { RetrievalProgress, RetrievalResult } from '../dimse/scu/retrieval-request.ts';
import type { RemoteTarget } from '../dimse/scu/retrieve-identifier.ts';
import type { ClientCertificate } from '../dimse/tls/tls-acceptor.ts';
import { createTlsIdentity, type TlsFiles, type TlsIdentity } from '../dimse/tls/tls-identity.ts';
import type { TlsProfile } from '../dimse/tls/tls-profile.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { CausewayError } from '../kernel/errors.ts';
import { type Log, silentLog } from '../kernel/log.ts';
import type { AnswerQuery, IncomingWorklistQuery, QueryLevel } from './answer-queries.ts';
import { type CheckUser, identityCheck } from './check-user.ts';
import { commitmentsBy } from './commitments.ts';
import { contentOf } from './file-content.ts';
import { createFileConverter } from './file-converter.ts';
import type { CommitToInstances } from './incoming-commitment.ts';
import { type Caller, ingestInto, type ReceiveInstance } from './incoming-instance.ts';
import { instancesOf } from './instances-of.ts';
import { type PeerAddress, peerAt } from './peer-address.ts';
import type { DicomFile } from './read-attributes.ts';
import type { RetrieveInstances } from './retrieved-instances.ts';
import { sendingParts } from './sending-parts.ts';
import { servicesOf } from './services-of.ts';
import { committedOf, type UncommittedInstance, uncommittedOf } from './uncommitted-instances.ts';

export interface ApplicationEntityOptions {
  /** At most sixteen characters. */
  readonly aeTitle: string;
  /** Takes what peers send, whether we asked for it (`get`, `move` to ourselves) or not. Without it nothing is accepted. */
  readonly receive?: ReceiveInstance;
  /** Answers C-FIND of peers. Without it nobody can ask; so it is with those that follow. */
  readonly search?: AnswerQuery;
  /** Finds what peers want by C-GET, and, where `addressOf` tells where to send it, by C-MOVE. */
  readonly retrieve?: RetrieveInstances;
  /** Answers C-FIND of scheduled procedure steps. */
  readonly worklist?: AnswerQuery<IncomingWorklistQuery>;
  /** Answers requests for storage commitment. */
  readonly commitment?: CommitToInstances;
  /** Where an AE title can be called: destinations of C-MOVE, and those who are not there any more to hear of storage commitment. */
  readonly addressOf?: (aeTitle: string) => PeerAddress | undefined | Promise<PeerAddress | undefined>;
  /** Who may do what: anybody everything unless this says otherwise. @returns why not, for the caller and the log */
  readonly refuse?: Refuse;
  /** Who may open associations: anybody, whatever user it says to be, unless this says otherwise. */
  readonly checkUser?: CheckUser;
  /** UIDs of private storage SOP classes to accept besides those of the Standard. */
  readonly privateSopClassUids?: readonly string[];
  /** Paths of PEM files: what we show to peers by TLS, and whom we believe. */
  readonly tls?: TlsFiles & { readonly profile?: TlsProfile };
  /** Bounds of what peers can make grow or last; those not given are the usual ones. */
  readonly limits?: Partial<DimseLimits>;
  /** Structured lines without patient data; none unless given. */
  readonly log?: Log;
}

/** What a peer is about to do. `store`: C-STORE and storage commitment; `query`: C-FIND; `retrieve`: C-GET and C-MOVE. */
export type PeerOperation = 'store' | 'query' | 'retrieve';

export type Refuse = (caller: Caller, operation: PeerOperation) => string | undefined | Promise<string | undefined>;

export interface ListenOptions {
  /** Every address unless given. */
  readonly host?: string;
  /** A second port, for TLS. */
  readonly tls?: { readonly port: number; readonly clientCertificate?: ClientCertificate };
}

/** One answer to a query. */
export interface Match {
  readonly attributes: Attributes;
  /** The same with value representations, in the DICOM JSON Model. */
  readonly dataSet: DicomJson;
  /** False where the peer did not look at every key: it need not match all of them (FF01). */
  readonly complete: boolean;
}

/** What to retrieve, by the UIDs of what it is in: an answer to a query will do. */
export interface RetrieveKeys {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID?: string;
  readonly SOPInstanceUID?: string;
  /** Needed by peers that know the patient root only. */
  readonly PatientID?: string;
}

export interface RetrieveOptions {
  /** Sends C-CANCEL. */
  readonly signal?: AbortSignal;
  onProgress?(progress: RetrievalProgress): void;
}

export interface StoreOptions {
  /** False: what the peer does not take as it is is not sent. Unless given, it is converted, without loss. */
  readonly convert?: boolean;
  /** Ends it before the next instance. */
  readonly signal?: AbortSignal;
}

/** What became of one instance that was sent, or was not as its file cannot be read: its UIDs are empty then. */
export interface StoreResult extends ReferencedInstance {
  /** Undefined for bytes. */
  readonly path: string | undefined;
  /** Transfer syntax in which it went out, where that is not the one of the file. */
  readonly convertedTo: string | undefined;
  /** `warning`: the peer has stored it, but for what it says. */
  readonly outcome: 'stored' | 'warning' | 'failed';
  /** Status of the C-STORE response, four hexadecimal digits; undefined if none came. */
  readonly status: string | undefined;
  /** Why not, or what the warning is about. */
  readonly reason: string | undefined;
}

/** What became of a request for storage commitment. PS3.4 §J. */
export interface CommitmentResult {
  readonly transactionUid: string;
  /** Of what was asked about, as it was asked about. */
  readonly committed: readonly ReferencedInstance[];
  /** Everything else that was asked about. */
  readonly failed: readonly UncommittedInstance[];
}

/**
 * A DICOM application entity: what it asks of peers, and what it serves to them. Every method that calls a peer throws
 * CausewayError `unavailable` or `timed-out` if the peer cannot be reached or refuses, `sop-class-unsupported` if it does not
 * offer the service, `bad-request` if it takes the request for wrong, and `aborted` if the association ends early, in words
 * that name what was answered.
 */
export interface ApplicationEntity {
  /** Serves Verification, reports of storage commitment, and what there are functions for. @param port 0 takes a free one @returns the ports
   * @throws CausewayError `configuration-invalid` for TLS files that cannot be used, `unavailable` */
  listen(
    port: number,
    options?: ListenOptions,
  ): Promise<{ readonly port: number; readonly tlsPort: number | undefined }>;
  /** C-ECHO. @returns how long it took, in milliseconds */
  echo(peer: PeerAddress): Promise<number>;
  /**
   * C-FIND, one match at a time as they come; whoever stops taking them cancels the query.
   * @param keys to match, and, where they are empty, to be told
   */
  find(peer: PeerAddress, level: QueryLevel, keys: Attributes): AsyncGenerator<Match, void, void>;
  /** C-FIND of scheduled procedure steps, whose keys lie in `ScheduledProcedureStepSequence`. */
  worklist(peer: PeerAddress, keys: Attributes): AsyncGenerator<Match, void, void>;
  /** C-GET: the instances come over the same association, to `receive`. */
  get(peer: PeerAddress, target: RetrieveKeys | Attributes, options?: RetrieveOptions): Promise<RetrievalResult>;
  /** C-MOVE. @param destination AE title that the peer knows; ourselves unless given */
  move(
    peer: PeerAddress,
    target: RetrieveKeys | Attributes,
    options?: RetrieveOptions & { readonly destination?: string },
  ): Promise<RetrievalResult>;
  /**
   * C-STORE, one after the other. Files are sent as they are, or converted without loss where the peer takes nothing else.
   * @param sources DICOM files, folders with such, bytes of such
   */
  store(
    peer: PeerAddress,
    sources: readonly DicomFile[],
    options?: StoreOptions,
  ): AsyncGenerator<StoreResult, void, void>;
  /**
   * Storage commitment. The report comes over the same association, or over one that the peer opens: for that `listen`.
   * @param timeoutMs for the report, a minute unless given
   * @returns what of all that was asked about the peer commits to, and what not, whether its report names it or not
   */
  commit(
    peer: PeerAddress,
    instances: readonly ReferencedInstance[],
    options?: { readonly timeoutMs?: number },
  ): Promise<CommitmentResult>;
  /** Stops listening, lets running operations end for at most `graceMs`, and releases what is open. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

const commitmentTimeoutMs = 60_000;
const closeGraceMs = 10_000;

/** Makes an application entity; nothing is opened yet. */
export function createApplicationEntity(options: ApplicationEntityOptions): ApplicationEntity {
  const { aeTitle, log = silentLog, privateSopClassUids = [], addressOf, checkUser } = options;
  const limits: DimseLimits = { ...defaultDimseLimits, ...options.limits };
  const tlsIdentity = lazyTlsIdentity(options.tls, log);
  const open = createOpenAssociation({ aeTitle, limits, tlsIdentity });
  const associations = createPeerAssociations({ open });
  const reports = createCommitmentReports();
  const arrivals = createMoveArrivals();
  const ingest = options.receive === undefined ? undefined : arrivals.through(ingestInto(options.receive, log));
  const servers: DimseServer[] = [];

  const converter = createFileConverter(log);
  const scu = createScu({
    open,
    associations,
    ingest: ingest ?? nothingIn,
    retrieve: sendingParts<FileInstance>({ contentOf: ({ blobKey }) => contentOf(blobKey), converter }),
    reports,
    aeTitle,
    privateSopClassUids,
    arrivals,
  });

  async function calledAt(title: string): Promise<CalledPeer | undefined> {
    const address = await addressOf?.(title);
    return address === undefined ? undefined : peerAt(address);
  }
  const commitments =
    options.commitment &&
    commitmentsBy({
      commit: options.commitment,
      async tell(title, report) {
        const asker = await calledAt(title);
        if (asker === undefined) throw new CausewayError('not-found', `Nobody knows where ${title} can be called.`);
        await scu.reportCommitment(asker, report, log);
      },
      log,
    });

  return {
    async listen(port, { host = '::', tls } = {}) {
      // Files that cannot be used are told of now, not to the first caller.
      if (tls !== undefined) await tlsIdentity.current();
      const server = createDimseServer({
        host,
        port,
        aeTitle,
        strictAeTitle: false,
        limits,
        services: servicesOf({
          ...options,
          privateSopClassUids,
          ingest,
          reports,
          commitment: commitments?.commitment,
          calledAt: addressOf && calledAt,
          associations,
          converter,
          log,
        }),
        checkUserIdentity: checkUser && identityCheck(checkUser, log),
        tlsIdentity,
        ...(tls === undefined
          ? {}
          : { tls: { host, port: tls.port, clientCertificate: tls.clientCertificate ?? 'required' } }),
        log,
      });
      const ports = await server.listen();
      if (servers.length === 0) commitments?.teller.start();
      servers.push(server);
      return ports;
    },
    echo: (peer) => scu.echo(peerAt(peer), log),
    find(peer, level, keys) {
      const identifier: DicomJson = { ...dataSetOf(keys), '00080052': { vr: 'CS', Value: [level] } };
      return matchesOf(scu.find(peerAt(peer), identifier, log));
    },
    worklist: (peer, keys) => matchesOf(scu.findWorklist(peerAt(peer), dataSetOf(keys), log)),
    async get(peer, target, retrieval = {}) {
      if (ingest === undefined) throw new CausewayError('conflict', 'Nobody is there to `receive` what comes.');
      return scu.get(peerAt(peer), targetOf(target), retrieval, log);
    },
    async move(peer, target, { destination = aeTitle, ...retrieval } = {}) {
      return scu.move(peerAt(peer), targetOf(target), destination, retrieval, log);
    },
    async *store(peer, sources, sending = {}) {
      const { convert = true, signal } = sending;
      const { instances, unreadable, pathOf, contentOf } = await instancesOf(sources);
      for (const { path, error } of unreadable) {
        const unknown = { sopClassUid: '', sopInstanceUid: '', convertedTo: undefined, status: undefined };
        yield { ...unknown, path, outcome: 'failed', reason: error.message };
      }
      const walk = async function* () {
        yield* instances;
      };
      const converted = new Map<FileInstance, string>();
      const parts = sendingParts<FileInstance>({
        contentOf,
        converter: convert ? converter : undefined,
        onConverted: (instance, uid) => void converted.set(instance, uid),
      });
      const results = scu.sendFiles(peerAt(peer), walk, parts, { signal }, log);
      for await (const { instance, outcome, response, reason } of results) {
        yield {
          sopClassUid: instance.sopClassUid,
          sopInstanceUid: instance.sopInstanceUid,
          path: pathOf(instance),
          convertedTo: converted.get(instance),
          outcome: outcome === 'sent' ? 'stored' : outcome,
          status: response?.status === undefined ? undefined : statusText(response.status),
          reason: reason?.message,
        };
      }
    },
    async commit(peer, instances, { timeoutMs = commitmentTimeoutMs } = {}) {
      const report = await scu.commit(peerAt(peer), instances, { timeoutMs }, log);
      return {
        transactionUid: report.transactionUid,
        committed: committedOf(instances, report),
        failed: uncommittedOf(instances, report),
      };
    },
    async close({ graceMs = closeGraceMs } = {}) {
      await Promise.all(servers.splice(0).map((server) => server.close({ graceMs })));
      await commitments?.teller.close();
      await associations.close();
      await converter.close();
    },
  };
}

const nothingIn: Ingest = {
  receive() {
    throw new CausewayError('conflict', 'Nobody is there to `receive` what comes.');
  },
};

async function* matchesOf(found: AsyncIterable<RemoteMatch>): AsyncGenerator<Match, void, void> {
  for await (const { identifier, complete } of found) {
    yield { attributes: attributesOf(identifier), dataSet: identifier, complete };
  }
}

/** What a match tells of itself, if it is one, may be empty. @throws CausewayError `bad-request` */
function targetOf(keys: RetrieveKeys | Attributes): RemoteTarget {
  const uid = (keyword: keyof RetrieveKeys): string | undefined => {
    const value = (keys as Attributes)[keyword];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const studyInstanceUid = uid('StudyInstanceUID');
  if (studyInstanceUid === undefined) throw new CausewayError('bad-request', 'Say what to retrieve: StudyInstanceUID.');
  return {
    studyInstanceUid,
    seriesInstanceUid: uid('SeriesInstanceUID'),
    sopInstanceUid: uid('SOPInstanceUID'),
    patientId: uid('PatientID'),
  };
}

/** Files are read when a connection is the first to need them: unlike another, this identity rejects if they cannot be used. */
function lazyTlsIdentity(
  { profile = 'bcp195', ...files }: ApplicationEntityOptions['tls'] = {},
  log: Log,
): TlsIdentity {
  let made: Promise<TlsIdentity> | undefined;
  return {
    async current() {
      made ??= createTlsIdentity(files, profile, log).catch((thrown: unknown) => {
        made = undefined; // somebody may mend the files
        throw thrown;
      });
      return (await made).current();
    },
  };
}
