import { randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { createDeliveryLedger } from '../../src/index/deliveries.ts';
import type { Index } from '../../src/index/instance-index.ts';
import type { IndexedInstance } from '../../src/index/instance-record.ts';
import { createPool } from '../../src/index/pool.ts';
import { createArrivalStore } from '../../src/index/publishing-arrivals.ts';
import { createPublishingInstances } from '../../src/index/publishing-instances.ts';
import { createPublishingLists } from '../../src/index/publishing-lists.ts';
import { createResultStore } from '../../src/index/publishing-results.ts';
import { createRetryStore } from '../../src/index/publishing-retry.ts';
import { createTaskStore } from '../../src/index/publishing-tasks.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { Configuration, CurrentConfiguration, Publisher, PurgePolicy } from '../../src/publisher/configuration.ts';
import { createPublishing } from '../../src/publisher/create-publishing.ts';
import type {
  ConfirmOutcome,
  Destination,
  OutgoingInstance,
  ResultsTrouble,
  ResultsUnit,
  Sending,
  SendOutcome,
} from '../../src/publisher/destination.ts';
import { createDestinationsInUse } from '../../src/publisher/destinations-in-use.ts';
import type { Filter } from '../../src/publisher/filter.ts';
import { createPlaceOf, type PlaceOf } from '../../src/publisher/place-of.ts';
import { createPlanner } from '../../src/publisher/planner.ts';
import { createPublishBack } from '../../src/publisher/publish-back.ts';
import { createConfirmTask } from '../../src/publisher/run-confirm-task.ts';
import { createFilterTask } from '../../src/publisher/run-filter-task.ts';
import { createAnonymiseTask, createCompressTask } from '../../src/publisher/run-prepare-tasks.ts';
import { createPublishBackTask } from '../../src/publisher/run-publish-back-task.ts';
import { createResultsTask } from '../../src/publisher/run-results-task.ts';
import { createUploadTask } from '../../src/publisher/run-upload-task.ts';
import { createTaskRunner, type RunnerLimits } from '../../src/publisher/task-runner.ts';
import type { Vault } from '../../src/publisher/vault.ts';
import { type InstanceNumbers, newInstance } from './new-instance.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

/** A receiver in memory that does as it is told. */
export interface FakeReceiver {
  /** How often each instance was accepted, by SOP Instance UID. */
  readonly accepted: Map<string, number>;
  /** When each was accepted the first time, by the bench's clock. */
  readonly acceptedAt: Map<string, number>;
  /** Whole sends that were begun. */
  sends: number;
  /** Called before a batch is taken: may throw, or wait. */
  before: (
    batch: readonly OutgoingInstance[],
    signal: AbortSignal,
    acceptedBefore: Sending['acceptedBefore'],
  ) => void | Promise<void>;
  /** What is said of one instance; accepted unless it says otherwise. */
  say: (instance: OutgoingInstance) => SendOutcome['status'] | Omit<SendOutcome, 'sopInstanceUid'>;
  /** Undefined if it cannot tell. */
  confirm: ((sopInstanceUid: string) => ConfirmOutcome['status'] | Promise<ConfirmOutcome['status']>) | undefined;
  /** What it has made of what it was sent; undefined if it makes nothing. */
  results: ((unit: ResultsUnit) => Promise<FakeResults>) | undefined;
}

/** Results are instances by their numbers. */
export interface FakeResults {
  readonly complete: boolean;
  readonly made: readonly InstanceNumbers[];
  /** Why one cannot be fetched; undefined if it can. */
  readonly why?: (numbers: InstanceNumbers) => CausewayError | undefined;
  readonly troubles?: readonly ResultsTrouble[];
  readonly isAnswered?: boolean;
}

export function outage(): never {
  throw new CausewayError('unavailable', 'The receiver refuses the connection.');
}

/** Planner, runner and all they need over a database of their own, with a clock that is put forward by hand. */
export interface PublishingBench {
  readonly database: TestDatabase;
  readonly index: Index;
  readonly clock: { now(): Date };
  advance(seconds: number): void;
  receiver(publisher: string): FakeReceiver;
  configure(...publishers: readonly Partial<Publisher>[]): void;
  readonly configuration: CurrentConfiguration;
  setPurge(policy: PurgePolicy): void;
  /** SOP Instance UIDs of which the stored file cannot be read. */
  readonly damaged: Set<string>;
  /** Files that were made to be sent, by their keys; they say by which rules. */
  readonly prepared: ReadonlyMap<string, Buffer>;
  /** Called before one is written. */
  beforeFile: () => Promise<void>;
  readonly publishing: ReturnType<typeof createPublishing>;
  readonly ledger: ReturnType<typeof createDeliveryLedger>;
  readonly placeOf: PlaceOf;
  planner(pool?: TestDatabase['pool']): ReturnType<typeof createPlanner>;
  runner(
    node?: string,
    limits?: Partial<RunnerLimits>,
    configuration?: CurrentConfiguration,
  ): ReturnType<typeof createTaskRunner>;
  /** Reads all that has arrived, lets it rest, and plans it. */
  /** Plans until the planner has seen all that is stored; the clock stands still. */
  allArrived(): Promise<void>;
  planAll(): Promise<void>;
  graphs(publisher: string): Promise<Awaited<ReturnType<ReturnType<typeof createPublishingLists>['graphs']>>['items']>;
  tasks(graph: string): Promise<Awaited<ReturnType<ReturnType<typeof createPublishingLists>['tasksOfGraph']>>>;
  close(): Promise<void>;
}

export function aPublisher(over: Partial<Publisher> = {}): Publisher {
  return {
    name: 'there',
    enabled: true,
    expression: '',
    unit: 'series',
    destination: { kind: 'folder', path: '/nowhere' },
    upload: {},
    retries: { attempts: 5, firstDelaySeconds: 10, maxDelaySeconds: 100 },
    confirm: false,
    ...over,
  };
}

/** A language of its own: `none`, or a Modality. */
function fakeFilter(expression: string): Filter {
  const selects: Filter['selects'] = ({ attributes }) => attributes['00080060']?.Value?.[0] === expression;
  return {
    selects,
    whyNot: (subject) =>
      selects(subject)
        ? undefined
        : { clause: expression, from: 0, till: expression.length, because: `Modality is not '${expression}'` },
  };
}

/** A DICOM file as the ingest of the bench reads it. */
function fakeResult({ studyInstanceUid }: ResultsUnit, numbers: InstanceNumbers, why: FakeResults['why']) {
  return {
    id: JSON.stringify(numbers),
    mediaType: 'application/dicom',
    about: { studyInstanceUid },
    async *open() {
      const failure = why?.(numbers);
      if (failure !== undefined) throw failure;
      yield Buffer.concat([Buffer.alloc(128), Buffer.from(`DICM${JSON.stringify(numbers)}`)]);
    },
  };
}

export const quietSeconds = 20;

export async function createPublishingBench(): Promise<PublishingBench> {
  const database = await createTestDatabase();
  const { pool } = database;
  const writePool = createPool({
    connection: database.connection,
    maxConnections: 4,
    log: silentLog,
    session: writeSession,
  });
  const index = createIndex({ pool, writePool });
  let ms = Date.parse('2026-03-02T12:00:00Z');
  const clock = { now: () => new Date(ms) };
  let version = 1;
  let configuration: Configuration = {
    api: [],
    filter: { expression: '' },
    upload: {
      batchSize: 32,
      deidentify: { profile: 'none', alsoRemove: [], keep: [] },
      quietSeconds,
      schedule: [],
    },
    publishers: [],
  };
  const receivers = new Map<string, FakeReceiver>();
  const damaged = new Set<string>();
  const runners: ReturnType<typeof createTaskRunner>[] = [];

  function receiver(publisher: string): FakeReceiver {
    const known = receivers.get(publisher);
    if (known) return known;
    const made: FakeReceiver = {
      accepted: new Map(),
      acceptedAt: new Map(),
      sends: 0,
      before: () => {},
      say: () => 'accepted',
      confirm: undefined,
      results: undefined,
    };
    receivers.set(publisher, made);
    return made;
  }

  /** Time passes for all where somebody waits. */
  const sleep = async (wait: number) => {
    ms += wait;
  };
  const latest = async () => ({ version, configuration });
  const current = { read: latest, latest };
  const open = ({ name }: Publisher): Destination => {
    const mine = receiver(name);
    return {
      async *send(batch, { signal, acceptedBefore }) {
        mine.sends += 1;
        await mine.before(batch, signal, acceptedBefore);
        for (const instance of batch) {
          for await (const _chunk of instance.open()) signal.throwIfAborted();
          const said = mine.say(instance);
          const outcome = typeof said === 'string' ? { status: said, answer: `It says ${said}.` } : said;
          const { status } = outcome;
          if (status === 'accepted') {
            mine.accepted.set(instance.sopInstanceUid, (mine.accepted.get(instance.sopInstanceUid) ?? 0) + 1);
            if (!mine.acceptedAt.has(instance.sopInstanceUid)) mine.acceptedAt.set(instance.sopInstanceUid, ms);
          }
          yield { sopInstanceUid: instance.sopInstanceUid, ...outcome };
        }
      },
      confirm:
        mine.confirm &&
        ((batch) =>
          Promise.all(
            batch.map(async ({ sopInstanceUid }) => ({
              sopInstanceUid,
              status: await mine.confirm!(sopInstanceUid),
              answer: `It looked for it.`,
            })),
          )),
      results:
        mine.results &&
        (async (unit) => {
          const { made, why, ...said } = await mine.results!(unit);
          return { ...said, results: made.map((numbers) => fakeResult(unit, numbers, why)) };
        }),
      test: async () => ({ ok: true, steps: [] }),
      close: async () => {},
    };
  };
  const destinations = createDestinationsInUse(open, silentLog);
  const retrieve = {
    file: (instance: IndexedInstance) => {
      if (!damaged.has(instance.sopInstanceUid)) return Readable.from([Buffer.from('DICM')]);
      return Readable.from(
        (async function* () {
          yield Buffer.from('DI');
          throw new CausewayError('stored-file-damaged', 'The stored file of this instance is damaged.');
        })(),
      );
    },
    converted: async () => Readable.from([Buffer.from('DICM')]),
    producible: () => [],
  };
  const prepared = new Map<string, Buffer>();
  const blobs = {
    create() {
      const chunks: Uint8Array[] = [];
      return {
        write: async (chunk: Uint8Array) => void chunks.push(chunk),
        commit: async (key: string) => void prepared.set(key, Buffer.concat(chunks)),
        discard: async () => {},
      };
    },
    read: (key: string) => Readable.from([prepared.get(key)!]),
  };
  const vault: Pick<Vault, 'deidentified'> = {
    async deidentified(_publisher, instance, _content, _syntax, rules) {
      await bench.beforeFile();
      return {
        studyInstanceUid: `${instance.studyInstanceUid}.7`,
        seriesInstanceUid: instance.seriesInstanceUid,
        sopInstanceUid: instance.sopInstanceUid,
        content: Readable.from([Buffer.from(JSON.stringify(rules))]),
      };
    },
  };
  const lists = createPublishingLists(pool);
  const ledger = createDeliveryLedger(pool);
  const placeOf = createPlaceOf({ get: () => Promise.reject(new CausewayError('not-found', 'Nobody is known.')) });
  const tasks = createTaskStore(pool);
  const instances = createPublishingInstances(pool);
  const results = createResultStore(pool);
  /** Stores what `fakeResult` has made. */
  const ingest = {
    receive: ({ studyInstanceUid: expected }: { readonly studyInstanceUid?: string }) => {
      const written: Uint8Array[] = [];
      return {
        write: (chunk: Uint8Array) => void written.push(chunk),
        abort: async () => {},
        async finish() {
          const numbers = JSON.parse(Buffer.concat(written).toString('utf8', 132)) as InstanceNumbers;
          const made = newInstance(numbers, { source: { door: 'publisher' } });
          if (made.studyInstanceUid !== expected) {
            const message = 'It is of another study.';
            return { status: 'refused' as const, code: 'study-mismatch' as const, message, details: {}, warnings: [] };
          }
          await index.insert(made, 'keep');
          const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid } = made;
          const uids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid };
          return { status: 'stored' as const, warnings: [], ...uids };
        },
      };
    },
  };
  const publishBack = createPublishBack({ results, configuration: current, destinations, clock, wake: () => {} });

  async function allArrived(): Promise<void> {
    // Other databases of the same Postgres run transactions, too: a change gets its number when they are over.
    for (let left = 1; left > 0; ) {
      await planner().plan();
      const { rows } = await pool.query<{ count: string }>('select count(*) from changes where sequence is null');
      left = Number(rows[0]?.count);
    }
    await planner().plan();
  }

  function planner(over: TestDatabase['pool'] = pool) {
    return createPlanner({
      arrivals: createArrivalStore(over),
      configuration: current,
      destinations,
      clock,
      onGraph: () => {},
      log: silentLog,
    });
  }

  const bench: PublishingBench = {
    database,
    index,
    clock,
    beforeFile: async () => {},
    advance(seconds) {
      ms += seconds * 1000;
    },
    receiver,
    damaged,
    prepared,
    configuration: current,
    setPurge(purge) {
      version += 1;
      configuration = { ...configuration, purge };
    },
    configure(...publishers) {
      version += 1;
      configuration = { ...configuration, publishers: publishers.map(aPublisher) };
    },
    publishing: createPublishing({
      lists,
      retries: createRetryStore(pool),
      arrivals: createArrivalStore(pool),
      ledger,
      results,
      index,
      configuration: current,
      destinations,
      compileFilter: fakeFilter,
      clock,
      wake: () => {},
      tryNow: (publisher) => {
        for (const one of runners) one.tryNow(publisher);
      },
    }),
    ledger,
    placeOf,
    planner,
    runner(node = `node-${randomInt(1e9)}`, limits = {}, configuration = current) {
      const prepare = { instances, tasks, index, blobs, retrieve, vault, clock };
      const made = createTaskRunner({
        tasks,
        configuration,
        destinations,
        run: {
          filter: createFilterTask({ instances, tasks, compileFilter: fakeFilter, clock }),
          compress: createCompressTask(prepare),
          anonymise: createAnonymiseTask(prepare),
          upload: createUploadTask({
            instances,
            tasks,
            index,
            blobs,
            retrieve,
            placeOf,
            clock,
            sleep,
            onOutcome: () => {},
          }),
          confirm: createConfirmTask({ instances, tasks, clock, random: () => 0.5 }),
          results: createResultsTask({
            instances,
            results,
            retrieve: { metadata: () => Readable.from([]) },
            ingest,
            vault: {
              deidentified: () => Promise.reject(new Error('Nothing is de-identified here.')),
              restored: (_publisher, bytes) => bytes,
              restoredText: async (_publisher, _study, text) => text,
            },
            publishBack,
            clock,
          }),
          'publish-back': createPublishBackTask({ results, publishBack }),
        },
        node,
        isAlone: false,
        clock,
        random: () => 0.5,
        sleep,
        onEnd: () => {},
        log: silentLog,
        limits,
      });
      runners.push(made);
      return made;
    },
    allArrived,
    async planAll() {
      await allArrived();
      ms += quietSeconds * 1000;
      await planner().plan();
    },
    graphs: async (publisher) =>
      (await lists.graphs({ publisher }, { order: 'oldest', limit: 1000, offset: 0 }, clock.now())).items,
    tasks: (graph) => lists.tasksOfGraph(graph, 1000, clock.now()),
    async close() {
      await writePool.end();
      await database.drop();
    },
  };
  return bench;
}
