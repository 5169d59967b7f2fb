import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Activity } from './activity/activity.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import type { Settings } from './config.ts';
import { transferSyntaxUids } from './dicom/transfer-syntaxes.ts';
import type { Scu } from './dimse/scu/create-scu.ts';
import type { Erase } from './erase/erase.ts';
import { createConfigurationStore } from './index/configuration-store.ts';
import { createDeliveryLedger } from './index/deliveries.ts';
import { createFilterTrialSource } from './index/filter-trial-source.ts';
import type { Index } from './index/instance-index.ts';
import type { createPool } from './index/pool.ts';
import { createArrivalStore } from './index/publishing-arrivals.ts';
import { createPublishingInstances } from './index/publishing-instances.ts';
import { createPublishingLists } from './index/publishing-lists.ts';
import { createResultStore } from './index/publishing-results.ts';
import { createRetryStore } from './index/publishing-retry.ts';
import { createTaskStore } from './index/publishing-tasks.ts';
import { createVaultStore } from './index/vault-store.ts';
import type { Ingest } from './ingest/ingest.ts';
import { systemClock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import type { Metrics } from './kernel/metrics.ts';
import type { Sealing } from './kernel/sealing.ts';
import type { Peers } from './peers/peers.ts';
import { createCurrentConfiguration } from './publisher/create-current-configuration.ts';
import { createEngine } from './publisher/create-engine.ts';
import { createFilterTrial } from './publisher/create-filter-trial.ts';
import { createVault } from './publisher/create-vault.ts';
import { createDestination, type DestinationParts } from './publisher/destinations/create-destination.ts';
import { compileFilter } from './publisher/filter-language/compile-filter.ts';
import { createPlaceOf } from './publisher/place-of.ts';
import { createPublishBackTask } from './publisher/run-publish-back-task.ts';
import { createResultsTask } from './publisher/run-results-task.ts';
import { createTestConnection } from './publisher/test-connection.ts';
import type { Retrieve } from './retrieve/retrieve.ts';

export interface PublishingParts {
  readonly settings: Settings;
  readonly pool: ReturnType<typeof createPool>;
  readonly sealing: Sealing;
  readonly index: Index;
  readonly blobs: BlobStore;
  readonly ingest: Ingest;
  readonly retrieve: Retrieve;
  readonly erase: Erase;
  readonly peers: Peers;
  readonly scu: Scu;
  readonly activity: Activity;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Somebody waits for the test of a connection. */
const testLimits = {
  httpLimits: { answerMs: 20_000, stallMs: 20_000 },
  mllpLimits: { answerMs: 20_000 },
};

/** Where people look at a study, if this server knows how the world reaches it. */
function studyUrlAt(publicUrl: string | undefined, hasViewer: boolean, basePath: string): DestinationParts['studyUrl'] {
  if (publicUrl === undefined) return undefined;
  return (studyInstanceUid) =>
    hasViewer
      ? `${publicUrl}/viewer/viewer?StudyInstanceUIDs=${studyInstanceUid}`
      : `${publicUrl}${basePath}/studies/${studyInstanceUid}/rendered`;
}

/** All that forwards, wired; nothing runs before its engine is started. */
export function composePublishing({
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
}: PublishingParts) {
  const { explicitVrLittleEndian } = transferSyntaxUids;
  const configurations = createCurrentConfiguration({
    store: createConfigurationStore(pool),
    sealing,
    surroundings: async () => ({
      peers: new Set((await peers.all()).flatMap(({ aeTitle, port }) => (port === undefined ? [] : [aeTitle]))),
      transferSyntaxUids: new Set([
        explicitVrLittleEndian,
        ...retrieve.producible({ transferSyntaxUid: explicitVrLittleEndian }),
      ]),
    }),
    onChange(version) {
      activity.tell({ kind: 'configuration', version });
      engine.wake();
    },
  });
  const destinationParts: DestinationParts = {
    now: systemClock.now,
    scu,
    peers,
    studyUrl: studyUrlAt(settings.publicUrl, settings.viewer, settings.basePath),
  };
  const vault = createVault({ store: createVaultStore(pool), sealing, index, retrieve, clock: systemClock });
  const results = createResultStore(pool);
  const publishingInstances = createPublishingInstances(pool);
  const engine = createEngine({
    stores: {
      arrivals: createArrivalStore(pool),
      tasks: createTaskStore(pool),
      instances: publishingInstances,
      lists: createPublishingLists(pool),
      retries: createRetryStore(pool),
      ledger: createDeliveryLedger(pool),
      results,
    },
    index,
    blobs,
    retrieve,
    erase,
    vault,
    configuration: configurations,
    openDestination: (publisher, configuration) => createDestination(publisher, configuration, destinationParts),
    placeOf: createPlaceOf(peers),
    compileFilter,
    resultTasks: (publishBack) => ({
      results: createResultsTask({
        instances: publishingInstances,
        results,
        retrieve,
        ingest,
        vault,
        publishBack,
        clock: systemClock,
      }),
      publishBack: createPublishBackTask({ results, publishBack }),
    }),
    node: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
    isAlone: settings.databaseUrl === undefined,
    clock: systemClock,
    activity,
    metrics,
    log,
  });
  return {
    configurations,
    engine,
    testConnection: createTestConnection({
      configurations,
      open: (publisher, configuration) =>
        createDestination(publisher, configuration, { ...destinationParts, ...testLimits }),
    }),
    tryFilter: createFilterTrial({ source: createFilterTrialSource(pool) }),
  };
}
