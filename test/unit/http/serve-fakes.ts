import { afterAll, afterEach, beforeAll } from 'vitest';
import { createActivity } from '../../../src/activity/create-activity.ts';
import { createHttpApp, type HttpAppOptions } from '../../../src/http/create-http-app.ts';
import { createHttpServer, type HttpServerLimits } from '../../../src/http/create-http-server.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { createMetrics } from '../../../src/kernel/metrics.ts';
import { createSealing } from '../../../src/kernel/sealing.ts';
import { createPeers } from '../../../src/peers/create-peers.ts';
import { createCurrentConfiguration } from '../../../src/publisher/create-current-configuration.ts';
import { createWorklist } from '../../../src/worklist/create-worklist.ts';
import { createFakeHouse, type FakeHouse } from './fake-house.ts';

/** Nobody is known. */
const noPeers = createPeers({
  store: {
    all: async () => [],
    add: async () => undefined,
    put: async () => ({ version: '1', isNew: true }),
    delete: async () => false,
    changes: async () => ({ items: [], total: 0 }),
  },
  configured: [],
});

/** Nothing is scheduled. */
const noWorklist = createWorklist({
  narrowed: async () => [],
  list: async () => [],
  get: async () => undefined,
  put: async () => {
    throw new CausewayError('internal', 'This test schedules nothing.');
  },
  delete: async () => false,
});

const noBridge = {
  services: async () => {
    throw new CausewayError('not-found', 'Nobody is known.');
  },
};

const emptyTable = async () => ({ items: [], total: 0, totalIsExact: true });
const noTables: HttpAppOptions['tables'] = {
  images: emptyTable,
  series: emptyTable,
  studies: emptyTable,
  patients: emptyTable,
  totals: async () => ({ studies: 0, series: 0, instances: 0 }),
};

const nothingPublished = async () => {
  throw new CausewayError('not-found', 'Nothing is published.');
};
const noPublishing: HttpAppOptions['publishing'] = {
  graphs: async () => ({ items: [], total: 0 }),
  graph: nothingPublished,
  tasks: async () => ({ items: [], total: 0 }),
  task: nothingPublished,
  retryGraph: nothingPublished,
  retryTask: nothingPublished,
  send: nothingPublished,
  startReplay: nothingPublished,
  replay: nothingPublished,
  deliveries: async () => ({ publishers: [], items: [], total: 0 }),
  results: async () => ({ items: [], total: 0 }),
  whyNot: nothingPublished,
};

const noConfiguration = createCurrentConfiguration({
  store: {
    latestVersion: async () => 0,
    read: async () => undefined,
    list: async () => ({ items: [], total: 0 }),
    append: async () => undefined,
  },
  sealing: createSealing({ key: Buffer.alloc(32), isShared: async () => true }),
  surroundings: async () => ({ peers: new Set(), transferSyntaxUids: new Set() }),
});

export interface FakeServer {
  readonly house: FakeHouse;
  /** Without the base path. */
  readonly origin: string;
  /** DICOMweb root. */
  readonly web: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The HTTP door over services in memory, on a free port. */
export async function serveFakes(
  options: Partial<HttpAppOptions> = {},
  serverLimits: Partial<HttpServerLimits> = {},
): Promise<FakeServer> {
  const house = createFakeHouse();
  const app = createHttpApp({
    ...house,
    peers: noPeers,
    echoPeer: async () => 1,
    bridge: noBridge,
    tables: noTables,
    configurations: noConfiguration,
    publishing: noPublishing,
    testConnection: async () => ({ ok: false, steps: [] }),
    tryFilter: async () => ({
      items: [],
      examined: { studies: 0, instances: 0 },
      selected: { studies: 0, instances: 0 },
      partial: undefined,
    }),
    activity: createActivity({ clock: systemClock, maxFollowers: 8 }),
    doors: { aeTitle: 'CAUSEWAY', dimseHost: '127.0.0.1', dimsePort: 5252, dimseTlsPort: undefined, version: '0.0.0' },
    disk: async () => undefined,
    worklist: noWorklist,
    log: silentLog,
    metrics: createMetrics(),
    checks: {},
    warnings: async () => [],
    ...options,
  });
  const server = createHttpServer(app, serverLimits);
  const { port } = await server.listen(0, '127.0.0.1');
  const origin = `http://127.0.0.1:${port}`;
  return { house, origin, web: `${origin}${options.basePath ?? '/dicom-web'}`, port, close: () => server.close(1000) };
}

/**
 * Servers for the tests of one file: one of its own where a test brings options, else one that all share and that is
 * empty again before each.
 */
export function fakeServers(): (...options: Parameters<typeof serveFakes>) => Promise<FakeServer> {
  let shared: FakeServer;
  const own: FakeServer[] = [];
  beforeAll(async () => {
    shared = await serveFakes();
  });
  afterEach(async () => {
    await Promise.all(own.splice(0).map((server) => server.close()));
    shared.house.reset();
  });
  afterAll(() => shared.close());
  return async (...options) => {
    if (options.length === 0) return shared;
    const server = await serveFakes(...options);
    own.push(server);
    return server;
  };
}
