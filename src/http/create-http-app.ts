import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Activity } from '../activity/activity.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { ChangeFeed } from '../changes/change-feed.ts';
import type { ReadPicture } from '../dicom/native-picture.ts';
import type { Erase } from '../erase/erase.ts';
import type { BulkUpdate } from '../ingest/bulk-update.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { SpoolFolder } from '../kernel/spool-file.ts';
import type { Peers } from '../peers/peers.ts';
import type { Configurations } from '../publisher/configurations.ts';
import type { TryFilter } from '../publisher/create-filter-trial.ts';
import type { Publishing } from '../publisher/publishing.ts';
import type { TestConnection } from '../publisher/test-connection.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { ExtendedQueryTags } from '../search/extended-query-tags.ts';
import type { Search } from '../search/search.ts';
import type { Tables } from '../search/tables.ts';
import type { Worklist } from '../worklist/worklist.ts';
import { startBulkUpdate } from './admin/bulk-update.ts';
import { configurationOperations } from './admin/config.ts';
import { extendedQueryTagOperations } from './admin/extended-query-tags.ts';
import { filterOperations } from './admin/filters.ts';
import { followEvents } from './admin/follow-events.ts';
import { getOperation } from './admin/operations.ts';
import { type EchoPeer, peerOperations } from './admin/peers.ts';
import { publishingOperations } from './admin/publishing.ts';
import { type Doors, getStatus, type StatusParts } from './admin/status.ts';
import { tableOperations } from './admin/tables.ts';
import { testPublisher } from './admin/test-publisher.ts';
import { worklistOperations } from './admin/worklist.ts';
import { basePathMapping } from './base-path.ts';
import { apiOnDemand } from './capabilities/api-on-demand.ts';
import { capabilities } from './capabilities/capabilities.ts';
import { retrieveConformance } from './capabilities/retrieve-conformance.ts';
import { allowedOrigins, cors } from './cors.ts';
import { type DicomwebLimits, dicomwebOperations } from './dicomweb/dicomweb-operations.ts';
import { discardRest } from './discard-rest.ts';
import { acceptOf, type Exchange, type Operation } from './exchange.ts';
import type { operations } from './openapi.gen.ts';
import { servePage } from './page/serve-page.ts';
import { peerDicomweb } from './peer-dicomweb.ts';
import { problemStatus, sendProblem } from './problem.ts';
import { readApiBody } from './read-api-body.ts';
import { refuseForeignNames } from './refuse-foreign-names.ts';
import { refuseForeignPages } from './refuse-foreign-pages.ts';
import { recordOf, recordRequests } from './request-record.ts';
import { publicOrigin } from './request-url.ts';
import { type HealthParts, live, metricsText, ready } from './service-operations.ts';
import { matchedOperation, validateRequest, validationError } from './validate-request.ts';
import { serveViewer } from './viewer/serve-viewer.ts';
import { retrieveByUri } from './wado-uri/retrieve-by-uri.ts';

const defaultLimits: DicomwebLimits = {
  maxUploadBytes: 2 ** 40,
  maxUploads: 32,
  maxFinishing: 32,
  maxParts: 1_000_000,
  maxPartHeaderBytes: 16_384,
  maxMetadataUploadBytes: 2 ** 34,
  maxMetadataUploads: 4,
  maxZipUploadBytes: 2 ** 34,
  maxZipUploads: 4,
  maxZipEntries: 100_000,
  maxZipRatio: 100,
  freeZipBytes: 2 ** 30,
  searchLimit: 1000,
  searchDefaultLimit: 100,
  feedStallMs: 30_000,
  // No client or proxy gives up on a silence as long as that.
  conversionTrialMs: 10_000,
};

export interface HttpAppOptions {
  readonly ingest: Ingest;
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly erase: Erase;
  readonly changes: ChangeFeed;
  readonly extendedQueryTags: ExtendedQueryTags;
  readonly peers: Peers;
  readonly echoPeer: EchoPeer;
  readonly worklist: Worklist;
  readonly bridge: Bridge;
  readonly bulkUpdate: BulkUpdate;
  readonly tables: Tables;
  readonly activity: Activity;
  readonly configurations: Configurations;
  readonly testConnection: TestConnection;
  readonly tryFilter: TryFilter;
  readonly publishing: Publishing;
  readonly doors: Doors;
  readonly disk: StatusParts['disk'];
  /** For pixels that are sent as PNG. */
  readonly readPicture: ReadPicture;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Parts of the house that `/health/ready` asks, by name. */
  readonly checks: HealthParts['checks'];
  /** What it tells besides, in words. */
  readonly warnings: HealthParts['warnings'];
  /** Where DICOMweb lives: `/dicom-web` unless given. */
  readonly basePath?: string | undefined;
  /** Where WADO-URI lives: `/wado` unless given. */
  readonly wadoPath?: string | undefined;
  /** How the world reaches this server, without the base path. */
  readonly publicUrl?: string | undefined;
  /** Believe Forwarded and X-Forwarded-* headers. */
  readonly trustProxy?: boolean;
  /** Names in `Host` that are answered besides addresses, names of private networks and that of the public URL; `*` is any. */
  readonly webNames?: readonly string[];
  /** Web pages of these origins may call, see `cors`; those of this machine unless given. */
  readonly corsOrigins?: readonly string[];
  /** Of a search without matches: 200 unless given. */
  readonly searchEmptyStatus?: 200 | 204;
  /** SOP classes that are kept besides those of the Standard. */
  readonly privateSopClassUids?: readonly string[];
  readonly limits?: Partial<DicomwebLimits>;
  /** Folder for bodies that have to be complete before they can be read; that of the system unless given. */
  readonly spoolFolder?: SpoolFolder | undefined;
  /** Folder of the viewer to serve at `/viewer/`; it need not be there. */
  readonly viewerDir?: string | undefined;
  /** Folder of the page to serve at `/`; it need not be there. */
  readonly pageDir?: string | undefined;
}

/** The HTTP door: DICOMweb, health and metrics as openapi/causeway.yaml describes them, the viewer and the page. */
export function createHttpApp(options: HttpAppOptions): Express {
  const dicomwebPath = options.basePath ?? '/dicom-web';
  const basePath = basePathMapping(dicomwebPath, options.wadoPath ?? '/wado');
  const limits = { ...defaultLimits, ...options.limits };
  const api = apiOnDemand();
  const { describeResource, retrieveCapabilities } = capabilities(api);
  const answers = {
    ...dicomwebOperations(options, limits, options.searchEmptyStatus ?? 200),
    retrieveCapabilities,
    retrieveConformance: retrieveConformance({ ...options, api, limits }),
    ...extendedQueryTagOperations(options.extendedQueryTags),
    ...peerOperations(options.peers, options.echoPeer, options.trustProxy ?? false),
    ...worklistOperations(options.worklist),
    startBulkUpdate: startBulkUpdate(options.bulkUpdate),
    getOperation: getOperation(options.extendedQueryTags, options.bulkUpdate),
    ...configurationOperations(options.configurations, options.peers, options.trustProxy ?? false),
    ...filterOperations(options),
    testPublisher: testPublisher(options.testConnection),
    ...publishingOperations(options.publishing),
    retrieveByUri: retrieveByUri(options.retrieve),
    ...tableOperations(options.tables),
    getStatus: getStatus(options),
    followEvents: followEvents(options.activity, limits.feedStallMs),
    live,
    ready: ready(options),
    metrics: metricsText(options.metrics),
  } satisfies Record<keyof operations, Operation>;
  const ofPeer = peerDicomweb({
    bridge: options.bridge,
    services: options,
    limits,
    searchEmptyStatus: options.searchEmptyStatus ?? 200,
  });
  const address = { publicUrl: options.publicUrl, trustProxy: options.trustProxy ?? false };

  const dispatch: RequestHandler = async (request, response) => {
    const operation = matchedOperation(request);
    if (operation === undefined) throw new CausewayError('not-found', 'There is no resource with this path.');
    const query = new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'));
    const rootUrl = publicOrigin(request, address);
    const exchange: Exchange = {
      ...recordOf(request),
      request,
      response,
      pathParameters: operation.pathParameters,
      query,
      accept: acceptOf(request, query),
      rootUrl,
      baseUrl: `${rootUrl}${basePath.of(request.originalUrl)}`,
    };
    response.setHeader('Cache-Control', 'private, no-cache');
    const peer = basePath.peerOf(request.originalUrl);
    const isOfPeer = peer !== undefined && operation.operationId !== 'retrieveCapabilities';
    const answer = isOfPeer ? await ofPeer(peer, operation.operationId) : answers[operation.operationId];
    await answer(exchange);
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.use(recordRequests(options.log, options.metrics));
  // A proxy that is trusted decides itself by which names it is reached.
  if (!address.trustProxy) app.use(refuseForeignNames({ ...address, webNames: options.webNames ?? [] }));
  const origins = options.corsOrigins ?? ['loopback'];
  app.use(cors(origins));
  app.use(refuseForeignPages(allowedOrigins(origins), address));
  const { viewerDir, pageDir } = options;
  if (viewerDir !== undefined) app.use(serveViewer({ dir: viewerDir, basePath: dicomwebPath }));
  if (pageDir !== undefined) app.use(servePage({ dir: pageDir, basePath: dicomwebPath, viewerDir }));
  app.use(basePath.rewrite);
  app.use(describeResource);
  app.use(readApiBody);
  app.use(...validateRequest());
  app.use(dispatch);
  app.use(answerWithProblem);
  return app;
}

const answerWithProblem: ErrorRequestHandler = (thrown, request, response, _next) => {
  const { id, log } = recordOf(request);
  const validation = validationError(thrown, request.body as unknown);
  if (validation?.allow !== undefined) response.setHeader('Allow', validation.allow);
  const error = validation?.error ?? asCausewayError(thrown);
  const status = problemStatus(error.code);
  if (status === 500) log.error('request failed', { code: error.code, error: error.message, cause: causeOf(error) });
  else if (status > 500) log.warn('request refused', { code: error.code, error: error.message });
  else if (response.headersSent) log.warn('answer broken off', { code: error.code, error: error.message });
  else if (error.code === 'aborted') log.info('client left before its request was complete');
  sendProblem(response, error, id);
  discardRest(request);
};

function causeOf({ cause }: CausewayError): string | undefined {
  return cause instanceof Error ? (cause.stack ?? cause.message) : undefined;
}
