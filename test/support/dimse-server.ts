import type { Commitment } from '../../src/commitment/commitment.ts';
import type { ReferencedInstance } from '../../src/dicom/commitment-data-set.ts';
import { type ArchiveServicesOptions, archiveServices } from '../../src/dimse/archive-services.ts';
import { createDimseServer, type DimseServer, type DimseServerOptions } from '../../src/dimse/create-dimse-server.ts';
import { defaultDimseLimits } from '../../src/dimse/limits.ts';
import { createOpenAssociation } from '../../src/dimse/scu/open-association.ts';
import { createPeerAssociations } from '../../src/dimse/scu/peer-associations.ts';
import type { Ingest, InstanceOutcome, InstanceSource } from '../../src/ingest/ingest.ts';
import type { Log, LogFacts } from '../../src/kernel/log.ts';
import type { StoredRetrieve } from '../../src/retrieve/retrieve.ts';
import type { StoredSearch } from '../../src/search/search.ts';

/** An instance as it came through the door. */
interface ReceivedInstance {
  readonly source: InstanceSource;
  /** Part 10 bytes. */
  readonly bytes: Buffer;
}

/** An Ingest that keeps what it is given in memory, and does as a test says. */
export interface FakeIngest extends Ingest {
  readonly finished: ReceivedInstance[];
  readonly aborted: InstanceSource[];
  /** Bytes written so far, by all receivers. */
  readonly bytesWritten: number;
  /** Awaited before each `finish` resolves. */
  beforeFinish: (instance: ReceivedInstance) => Promise<void>;
  /** What a write answers. */
  onWrite: () => Promise<void> | undefined;
  outcome: (instance: ReceivedInstance) => InstanceOutcome;
  /** Keeps no bytes, for large ones. */
  discard: boolean;
}

export const stored = (): InstanceOutcome => ({
  status: 'stored',
  warnings: [],
  studyInstanceUid: '1.1',
  seriesInstanceUid: '1.2',
  sopInstanceUid: '1.3',
  sopClassUid: '1.4',
});

export function createFakeIngest(): FakeIngest {
  const finished: ReceivedInstance[] = [];
  const aborted: InstanceSource[] = [];
  let bytesWritten = 0;
  const ingest: FakeIngest = {
    finished,
    aborted,
    get bytesWritten() {
      return bytesWritten;
    },
    beforeFinish: () => Promise.resolve(),
    onWrite: () => undefined,
    outcome: stored,
    discard: false,
    receive(source) {
      const chunks: Uint8Array[] = [];
      return {
        write(chunk) {
          bytesWritten += chunk.length;
          if (!ingest.discard) chunks.push(Buffer.from(chunk));
          return ingest.onWrite();
        },
        async finish() {
          const instance = { source, bytes: Buffer.concat(chunks) };
          await ingest.beforeFinish(instance);
          finished.push(instance);
          return ingest.outcome(instance);
        },
        async abort() {
          aborted.push(source);
        },
      };
    },
  };
  return ingest;
}

/** The data set of a Part 10 file, found by its group length. */
export function dataSetOf(file: Buffer): Buffer {
  return file.subarray(144 + file.readUInt32LE(140));
}

interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly facts: LogFacts;
}

/** A log that a test can read. */
export function createMemoryLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (context: LogFacts): Log => {
    const write =
      (level: LogLine['level']) =>
      (message: string, facts: LogFacts = {}) => {
        lines.push({ level, message, facts: { ...context, ...facts } });
      };
    return {
      error: write('error'),
      warn: write('warn'),
      info: write('info'),
      debug: write('debug'),
      child: (facts) => at({ ...context, ...facts }),
    };
  };
  return { ...at({}), lines };
}

/** A Search over an empty archive. */
export const searchNothing: StoredSearch = {
  extendedVrs: async () => new Map(),
  find: async () => ({ matches: [], remaining: 0, warnings: [] }),
  async *findAll() {
    yield { matches: [], warnings: [] };
  },
  count: async () => ({ count: 0, warnings: [] }),
  totals: async (ofEach) => ofEach.map(() => ({ study: 0, series: 0, instance: 0 })),
};

/** A Retrieve over an empty archive. */
const retrieveNothing = {
  async *instances() {},
  producible: () => [],
} as unknown as StoredRetrieve;

export interface TestDimseServer {
  readonly server: DimseServer;
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly ingest: FakeIngest;
  readonly log: ReturnType<typeof createMemoryLog>;
}

/** Storage commitment of whatever is asked for. */
const commitToAll: Commitment = {
  begin() {
    const committed: ReferencedInstance[] = [];
    return {
      async take(instances) {
        committed.push(...instances);
      },
      finish: async (transactionUid) => ({
        report: {
          transactionUid,
          hasFailures: false,
          async *parts() {
            yield { committed, failed: [] };
          },
        },
        committed: committed.length,
        failed: 0,
        acknowledged: async () => {},
        missed: async () => {},
      }),
      abandon: async () => {},
    };
  },
};

/** A DIMSE server on a free port in front of a fake Ingest. */
export async function startDimseServer(
  options: Partial<Omit<DimseServerOptions, 'services'> & ArchiveServicesOptions> = {},
): Promise<TestDimseServer> {
  const ingest = createFakeIngest();
  const log = createMemoryLog();
  const services = archiveServices({
    aeTitle: 'CAUSEWAY',
    ingest,
    search: searchNothing,
    worklist: { async *find() {} },
    performedSteps: {
      begin: () => Promise.reject(new Error('This test performs nothing.')),
      change: () => Promise.reject(new Error('This test performs nothing.')),
    },
    retrieve: retrieveNothing,
    access: async () => undefined,
    peers: { all: async () => [] },
    commitment: commitToAll,
    reports: { arrived: () => false, isAnyExpected: () => false },
    associations: createPeerAssociations({
      open: createOpenAssociation({ aeTitle: 'CAUSEWAY', limits: defaultDimseLimits }),
    }),
    ...options,
  });
  const server = createDimseServer({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'CAUSEWAY',
    strictAeTitle: false,
    log,
    ...options,
    services,
  });
  const { port, tlsPort } = await server.listen();
  return { server, port, tlsPort, ingest, log };
}

/** Resolves as soon as the condition holds; the test's own time limit ends it if it never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
