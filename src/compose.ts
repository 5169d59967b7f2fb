import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createActivity } from './activity/create-activity.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { createBridge } from './bridge/create-bridge.ts';
import { createFetchedInstances } from './bridge/fetched-instances.ts';
import { createForgetFetched } from './bridge/forget-fetched.ts';
import { createChangeFeed } from './changes/create-change-feed.ts';
import { createCommitment } from './commitment/create-commitment.ts';
import { createReportTeller } from './commitment/report-teller.ts';
import { composePublishing } from './compose-publishing.ts';
import type { Settings } from './config.ts';
import { archiveServices } from './dimse/archive-services.ts';
import { createCommitmentReports } from './dimse/commitment-reports.ts';
import { createDimseServer } from './dimse/create-dimse-server.ts';
import { type DimseLimits, defaultDimseLimits } from './dimse/limits.ts';
import { createMoveArrivals } from './dimse/move-arrivals.ts';
import { calledPeer } from './dimse/scu/called-peer.ts';
import { createScu, type Scu } from './dimse/scu/create-scu.ts';
import { createOpenAssociation } from './dimse/scu/open-association.ts';
import { createPeerAssociations } from './dimse/scu/peer-associations.ts';
import { tlsDoor } from './dimse/tls/tls-door.ts';
import { createTlsIdentity } from './dimse/tls/tls-identity.ts';
import { createUserIdentityCheck } from './dimse/user-identity.ts';
import { createErase } from './erase/create-erase.ts';
import type { Erase } from './erase/erase.ts';
import type { HttpServer } from './http/create-http-server.ts';
import { findVideoEncoder } from './imaging/cine/encode-video.ts';
import { createImaging } from './imaging/create-imaging.ts';
import { createArrivalTables } from './index/arrival-tables.ts';
import { createCommitmentStore } from './index/commitment-store.ts';
import { createIndex } from './index/create-index.ts';
import { createExtendedTagStore } from './index/extended-tag-store.ts';
import { createFetchedStudies } from './index/fetched-studies.ts';
import type { Index } from './index/instance-index.ts';
import { createPeerStore } from './index/peer-store.ts';
import { createPerformedStepStore } from './index/performed-step-store.ts';
import { createTagReindex } from './index/reindex-extended-tags.ts';
import { createSearchIndex } from './index/search-index.ts';
import { createUpdateOperationStore } from './index/update-operations.ts';
import { createWorklistStore } from './index/worklist-store.ts';
import { createBlobCustody } from './ingest/blob-custody.ts';
import { createBulkUpdate, createBulkUpdateWorker } from './ingest/bulk-update.ts';
import { createIngest } from './ingest/create-ingest.ts';
import type { Ingest } from './ingest/ingest.ts';
import { createJanitor } from './ingest/janitor.ts';
import type { SourcePolicy } from './ingest/source-policy.ts';
import { systemClock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import { createMetrics } from './kernel/metrics.ts';
import { createSealing } from './kernel/sealing.ts';
import { openStores } from './open-stores.ts';
import { createAccess, createAssociationAccess } from './peers/create-access.ts';
import { createPeers } from './peers/create-peers.ts';
import type { Peers } from './peers/peers.ts';
import type { Configurations } from './publisher/configurations.ts';
import { createRetrieve } from './retrieve/create-retrieve.ts';
import type { Retrieve } from './retrieve/retrieve.ts';
import { createSearch } from './search/create-search.ts';
import { createTables } from './search/create-tables.ts';
import { createExtendedQueryTags } from './search/extended-query-tags.ts';
import type { Search } from './search/search.ts';
import { readSecretKey } from './secret-key.ts';
import { createPerformedSteps } from './worklist/create-performed-steps.ts';
import { createWorklist } from './worklist/create-worklist.ts';

/** Every part of a running Causeway, wired. */
export interface House {
  readonly ingest: Ingest;
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly erase: Erase;
  readonly index: Index;
  readonly blobs: BlobStore;
  readonly peers: Peers;
  readonly configurations: Configurations;
  readonly scu: Scu;
  /** Opens both doors and starts the janitor. @throws CausewayError `unavailable` if a port is taken */
  listen(): Promise<Listening>;
  /** Lets what is running end for at most `graceMs`, then closes everything. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/** Where the doors are. */
export interface Listening {
  readonly dimsePort: number;
  readonly httpPort: number;
  /** Undefined where there is none. */
  readonly dimseTlsPort: number | undefined;
  /** `http://host:port` or the public URL. */
  readonly webUrl: string;
}

/** What peers are to do with different content, where somebody has said so for them. */
async function policiesOfPeers(peers: Peers): Promise<SourcePolicy[]> {
  return (await peers.all()).flatMap(({ aeTitle, onDifferentContent: policy }) =>
    policy === undefined ? [] : [{ door: 'dimse', sender: aeTitle, policy }],
  );
}

/** Beside `src/` and `dist/`, where `npm run viewer` puts it. */
const ownViewerDir = fileURLToPath(new URL('../viewer', import.meta.url));

/** Where `npm run build` puts the page, seen from `src/` and from `dist/`. */
const ownPageDir = fileURLToPath(new URL('../dist/ui', import.meta.url));
async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return String(version);
}

/**
 * The one place where parts are made and put together. Nothing listens yet.
 * @throws CausewayError `unavailable` if database or blob store cannot be used
 */
export async function compose(settings: Settings, log: Log): Promise<House> {
  // Refused before anything is opened that would have to be closed.
  const tlsIdentity = await createTlsIdentity(
    { key: settings.dimseTlsKey, certificate: settings.dimseTlsCertificate, ca: settings.dimseTlsCa },
    settings.dimseTlsProfile,
    log,
  );
  const tlsPort = tlsDoor(settings);
  const metrics = createMetrics();
  const activity = createActivity({ clock: systemClock, maxFollowers: settings.maxFeedClients });
  await mkdir(settings.dataDir, { recursive: true });
  const secretKey = await readSecretKey(settings, log);
  const findingEncoder = findVideoEncoder(process.env['PATH']);
  const stores = await openStores(settings, log);
  const encodeVideo = await findingEncoder;
  const { pool, secrets, blobs, spoolFolder } = stores;

  const { writePool, erasePool, insertGroups: maxInsertGroups } = stores;
  const index = createIndex({ pool, writePool, erasePool, maxInsertGroups });
  const custody = createBlobCustody(systemClock.now);
  const imaging = createImaging({
    workers: settings.imagingWorkers,
    jobTimeoutMs: settings.imagingTimeoutMs,
    maxFrameBytes: settings.maxFrameBytes,
    metrics,
    log,
  });
  const sealing = createSealing({
    key: secretKey,
    isShared: (fingerprint) => secrets.agree('secret-key-fingerprint', fingerprint),
  });
  const peers = createPeers({
    store: createPeerStore({ pool, sealing, log }),
    configured: settings.peers,
  });
  const ingest = createIngest({
    blobs,
    index,
    custody,
    limits: { maxInstanceBytes: settings.maxInstanceBytes, maxMetadataBytes: settings.maxMetadataBytes },
    acceptance: {
      storageSopClasses: settings.storageSopClasses,
      acceptUnknownSopClasses: settings.acceptUnknownSopClasses,
    },
    onDifferentContent: settings.onDifferentContent,
    sourcePolicies: async () => [
      ...settings.onDifferentContentOf,
      ...(await policiesOfPeers(peers)),
      // A copy that was changed elsewhere does not replace what it was made of.
      { door: 'publisher', sender: undefined, policy: 'keep' },
    ],
    keepPreamble: settings.keepPreamble,
    log,
    metrics,
    activity,
  });
  const tagReindex = createTagReindex({ pool, log });
  const extendedTags = createExtendedTagStore(pool, tagReindex.wake);
  const updateOperations = createUpdateOperationStore(pool, () => bulkUpdateWorker.wake());
  const bulkUpdateWorker = createBulkUpdateWorker({
    operations: updateOperations,
    index,
    blobs,
    custody,
    maxMetadataBytes: settings.maxMetadataBytes,
    corrected: (studyInstanceUid) => activity.tell({ kind: 'corrected', studyInstanceUid }),
    log,
  });
  const search = createSearch({ index: createSearchIndex({ pool }), extendedTags });
  const retrieve = createRetrieve({
    spoolFolder,
    blobs,
    index,
    imaging,
    encodeVideo,
    readUidKey: () => secrets.read('uid-pseudonyms'),
    limits: { maxFrameBytes: settings.maxFrameBytes, imagingCacheBytes: settings.imagingCacheBytes },
  });
  const erase = createErase({
    index,
    blobs,
    forget: retrieve.forget,
    erased: (target) => activity.tell({ kind: 'deleted', ...target }),
    log,
  });
  const changes = createChangeFeed({ index, retrieve, maxFollowers: settings.maxFeedClients });
  const janitor = createJanitor({ blobs, index, custody, clock: systemClock, log });

  const keepFetchedMs = settings.keepFetched === 'forever' ? undefined : settings.keepFetched * 1_000;
  const fetchedStudies = createFetchedStudies(pool);
  const fetched = createFetchedInstances(ingest, keepFetchedMs === undefined ? undefined : fetchedStudies);
  const forgetFetched =
    keepFetchedMs === undefined
      ? undefined
      : createForgetFetched({ studies: fetchedStudies, erase, keepMs: keepFetchedMs, log });

  const dimseLimits: DimseLimits = {
    ...defaultDimseLimits,
    maxAssociations: settings.maxAssociations,
    maxPduBytes: settings.maxPduBytes,
    idleTimeoutMs: settings.associationIdleMs,
  };
  const openAssociation = createOpenAssociation({ aeTitle: settings.aeTitle, limits: dimseLimits, tlsIdentity });
  const reports = createCommitmentReports();
  const associations = createPeerAssociations({ open: openAssociation });
  const arrivals = createMoveArrivals();
  const scu = createScu({
    open: openAssociation,
    associations,
    ingest,
    retrieve,
    reports,
    aeTitle: settings.aeTitle,
    privateSopClassUids: settings.storageSopClasses,
    arrivals,
  });
  const worklist = createWorklist(createWorklistStore(pool));
  const commitments = createCommitmentStore(pool);
  const reportTeller = createReportTeller({
    store: commitments,
    tell: async (aeTitle, report) => scu.reportCommitment(calledPeer(await peers.get(aeTitle)), report, log),
    log,
  });
  const dimse = createDimseServer({
    host: settings.dimseHost,
    port: settings.dimsePort,
    aeTitle: settings.aeTitle,
    strictAeTitle: settings.strictAeTitle,
    limits: dimseLimits,
    services: archiveServices({
      aeTitle: settings.aeTitle,
      ingest: arrivals.through(fetched.doorIngest),
      search,
      worklist,
      performedSteps: createPerformedSteps(createPerformedStepStore(pool)),
      retrieve,
      access: createAccess({ query: settings.queryAccess, store: settings.storeAccess, peers }),
      peers,
      associations,
      commitment: createCommitment({ search, index, sizeOf: blobs.size, store: commitments, log }),
      reports,
      privateSopClassUids: settings.storageSopClasses,
      activity,
    }),
    tlsIdentity,
    associationAccess: settings.associationAccess === 'peers' ? createAssociationAccess(peers) : undefined,
    checkUserIdentity:
      settings.dimseUserIdentity === 'ignored'
        ? undefined
        : createUserIdentityCheck(settings.dimseUserIdentity, settings.dimseUsers),
    ...(tlsPort && { tls: tlsPort }),
    log,
    metrics,
    activity,
  });
  const publishing = composePublishing({
    settings,
    pool,
    sealing,
    index,
    blobs,
    ingest,
    retrieve,
    erase,
    peers,
    scu,
    activity,
    metrics,
    log,
  });
  let http: HttpServer | undefined;

  /** Reading the code of the web door takes as long as everything else: the modality does not wait for it. */
  async function openWeb(dimsePort: number, dimseTlsPort: number | undefined): Promise<number> {
    const [{ createHttpApp }, { createHttpServer }, version] = await Promise.all([
      import('./http/create-http-app.ts'),
      import('./http/create-http-server.ts'),
      ownVersion(),
    ]);
    const app = createHttpApp({
      ingest,
      search,
      retrieve,
      erase,
      changes,
      extendedQueryTags: createExtendedQueryTags(extendedTags),
      peers,
      worklist,
      bridge: createBridge({ peers, scu, ingest, retrieve, aeTitle: settings.aeTitle, fetched, log }),
      echoPeer: (peer, log) => scu.echo(calledPeer(peer), log),
      bulkUpdate: createBulkUpdate({ operations: updateOperations }),
      tables: createTables(createArrivalTables(pool)),
      activity,
      configurations: publishing.configurations,
      testConnection: publishing.testConnection,
      publishing: publishing.engine.publishing,
      tryFilter: publishing.tryFilter,
      doors: { aeTitle: settings.aeTitle, dimseHost: settings.dimseHost, dimsePort, dimseTlsPort, version },
      disk: () => blobs.space(),
      readPicture: imaging.readPicture,
      checks: { database: () => index.ping(), blobs: () => blobs.space() },
      warnings: publishing.engine.warnings,
      basePath: settings.basePath,
      wadoPath: settings.wadoPath,
      publicUrl: settings.publicUrl,
      trustProxy: settings.trustProxy,
      webNames: settings.webNames,
      corsOrigins: settings.corsOrigins,
      privateSopClassUids: settings.storageSopClasses,
      searchEmptyStatus: settings.searchEmptyStatus === '204' ? 204 : 200,
      pageDir: settings.page ? (settings.pageDir ?? ownPageDir) : undefined,
      viewerDir: settings.viewer ? (settings.viewerDir ?? ownViewerDir) : undefined,
      limits: {
        maxUploadBytes: settings.maxUploadBytes,
        maxUploads: settings.maxUploads,
        maxMetadataUploadBytes: settings.maxMetadataUploadBytes,
        maxZipUploadBytes: settings.maxZipUploadBytes,
        searchLimit: settings.searchLimit,
      },
      spoolFolder,
      log,
      metrics,
    });
    http = createHttpServer(app);
    return (await http.listen(settings.httpPort, settings.httpHost)).port;
  }

  return {
    ingest,
    search,
    retrieve,
    erase,
    index,
    blobs,
    peers,
    configurations: publishing.configurations,
    scu,
    async listen() {
      const { port: dimsePort, tlsPort: dimseTlsPort } = await dimse.listen();
      const httpPort = await openWeb(dimsePort, dimseTlsPort);
      janitor.start();
      tagReindex.start();
      reportTeller.start();
      bulkUpdateWorker.start();
      publishing.engine.start();
      forgetFetched?.start();
      const host = settings.httpHost.includes(':') ? `[${settings.httpHost}]` : settings.httpHost;
      return { dimsePort, dimseTlsPort, httpPort, webUrl: settings.publicUrl ?? `http://${host}:${httpPort}` };
    },
    async close({ graceMs }) {
      changes.close();
      activity.close();
      await Promise.all([dimse.close({ graceMs }), http?.close(graceMs)]);
      await publishing.engine.close();
      await associations.close();
      await Promise.all([
        janitor.close(),
        tagReindex.close(),
        bulkUpdateWorker.close(),
        reportTeller.close(),
        forgetFetched?.close(),
        imaging.close(),
      ]);
      await stores.close();
    },
  };
}
