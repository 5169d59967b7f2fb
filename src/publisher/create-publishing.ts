import type { DeliveryLedger } from '../index/deliveries.ts';
import type { Index } from '../index/instance-index.ts';
import type { ArrivalStore } from '../index/publishing-arrivals.ts';
import type { PublishingLists } from '../index/publishing-lists.ts';
import type { ResultStore } from '../index/publishing-results.ts';
import type { RetryResult, RetryStore } from '../index/publishing-retry.ts';
import type { Clock } from '../kernel/clock.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { CurrentConfiguration } from './configuration.ts';
import { deliveryState } from './delivery-state.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import type { Filter } from './filter.ts';
import { planSending } from './plan-sending.ts';
import type { Publishing } from './publishing.ts';
import { whyNot } from './why-not.ts';

export interface PublishingParts {
  readonly lists: PublishingLists;
  readonly retries: RetryStore;
  readonly arrivals: ArrivalStore;
  readonly ledger: DeliveryLedger;
  readonly results: Pick<ResultStore, 'list'>;
  readonly index: Pick<Index, 'known'>;
  readonly configuration: CurrentConfiguration;
  readonly destinations: DestinationsInUse;
  readonly compileFilter: (expression: string) => Filter;
  readonly clock: Clock;
  /** There is something new to do. */
  readonly wake: () => void;
  /** What waits for the destination of a publisher is to be tried at once. */
  readonly tryNow: (publisher: string) => void;
}

/** Tasks that are told of a graph. */
const mostTasksOfGraph = 1000;

export function createPublishing(parts: PublishingParts): Publishing {
  const {
    lists,
    retries,
    arrivals,
    ledger,
    index,
    configuration: current,
    destinations,
    compileFilter,
    clock,
    wake,
    tryNow,
  } = parts;

  async function thePublisher(name: string) {
    const { version, configuration } = await current.read();
    const publisher = configuration.publishers.find((one) => one.name === name);
    if (publisher === undefined) throw noSuchPublisher(name);
    return { version, configuration, publisher };
  }

  async function theTask(id: string) {
    const task = await lists.task(id, clock.now());
    if (task === undefined) throw new CausewayError('not-found', 'There is no such task.');
    return task;
  }

  async function theGraph(id: string) {
    const graph = await lists.graph(id, clock.now());
    if (graph === undefined) throw new CausewayError('not-found', 'There is no such graph.');
    return graph;
  }

  function requireBegun(result: RetryResult, what: string): void {
    if (result === 'unknown') throw new CausewayError('not-found', `There is no such ${what}.`);
    if (result === 'nothing to do') {
      throw new CausewayError('conflict', `Nothing of this ${what} has failed or waits for its time.`);
    }
  }

  return {
    graphs: (filter, page) => lists.graphs(filter, page, clock.now()),
    async graph(id) {
      const graph = await theGraph(id);
      return { graph, tasks: await lists.tasksOfGraph(id, mostTasksOfGraph, clock.now()) };
    },
    tasks: (filter, page) => lists.tasks(filter, page, clock.now()),
    task: theTask,
    async retryGraph(id) {
      requireBegun(await retries.retryGraph(id, clock.now()), 'graph');
      tryNow((await theGraph(id)).publisher);
    },
    async retryTask(id) {
      requireBegun(await retries.retryTask(id, clock.now()), 'task');
      tryNow((await theTask(id)).publisher);
    },
    async send(name, target) {
      const { version, configuration, publisher } = await thePublisher(name);
      if (!publisher.enabled) throw new CausewayError('conflict', `The publisher ${name} is disabled.`);
      const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = target;
      if (sopInstanceUid !== undefined && seriesInstanceUid === undefined) {
        throw new CausewayError('bad-request', 'An instance is named with its series.', {
          details: { parameter: 'series' },
        });
      }
      const graph = await arrivals.planStored(
        target,
        {
          publisher: name,
          unit: sopInstanceUid !== undefined ? 'instance' : seriesInstanceUid !== undefined ? 'series' : 'study',
          origin: 'send',
          referenceUid: sopInstanceUid ?? seriesInstanceUid ?? studyInstanceUid,
          studyInstanceUid,
          seriesInstanceUid,
          isFiltered: false,
          again: true,
          sending: await planSending(destinations, publisher, configuration),
          configurationVersion: version,
        },
        clock.now(),
      );
      if (graph === undefined) {
        const knowledge = await index.known(target);
        if (knowledge.state === 'erased') throw new CausewayError('gone', 'This was deleted here.');
        const level = knowledge.state === 'unknown' ? knowledge.level : 'instance';
        throw new CausewayError('not-found', `There is no such ${level}.`, { details: { level } });
      }
      wake();
      tryNow(name);
      return theGraph(graph);
    },
    async startReplay(replay) {
      await thePublisher(replay.publisher);
      if (replay.expression !== undefined && replay.expression.trim() !== '') compileFilter(replay.expression);
      if (replay.from >= replay.till) {
        throw new CausewayError('bad-request', 'The span of time ends before it begins.', {
          details: { parameter: 'till' },
        });
      }
      const added = await arrivals.addReplay(replay, clock.now());
      wake();
      return added;
    },
    async replay(id) {
      const found = await arrivals.replay(id);
      if (found === undefined) throw new CausewayError('not-found', 'There is no such replay.');
      return found;
    },
    async deliveries(studyInstanceUid, publisher, page, part) {
      const { configuration } = await current.read();
      const names = publisher === undefined ? configuration.publishers.map(({ name }) => name) : [publisher];
      const [summaries, rows] = await Promise.all([
        ledger.summaries(studyInstanceUid, names),
        ledger.rows(studyInstanceUid, publisher, page, part),
      ]);
      const wanted = summaries.filter((one) => publisher === undefined || one.publisher === publisher);
      const publishers = await Promise.all(wanted.map((one) => deliveryState(destinations, configuration, one)));
      return { ...rows, publishers };
    },
    results: (filter, page) => parts.results.list(filter, page),
    async whyNot(studyInstanceUid, name) {
      const { configuration, publisher } = await thePublisher(name);
      return whyNot(parts, studyInstanceUid, publisher, configuration);
    },
  };
}

function noSuchPublisher(name: string): CausewayError {
  return new CausewayError('not-found', `There is no publisher ${name}.`, { details: { parameter: 'publisher' } });
}
