import { CausewayError } from '../../kernel/errors.ts';
import type {
  Delivery,
  Graph,
  Listed,
  ListFilter,
  ListPage,
  Publishing,
  ReceivedResult,
  Replay,
  ResultFilter,
  Task,
} from '../../publisher/publishing.ts';
import type { Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { pageOf, pageOfItems } from './page-of-items.ts';
import { fromMoment, tillMoment } from './table-query.ts';

type Schemas = components['schemas'];

/** What goes where, and what is to. Bodies are as the OpenAPI document has them. */
export function publishingOperations(publishing: Publishing) {
  const listGraphs: Operation = async ({ query, response }) => {
    const page = listPage(query);
    response.json(listed(await publishing.graphs(listFilter(query), page), graphRow, page));
  };
  const getGraph: Operation = async ({ response, pathParameters }) => {
    response.json(await describedGraph(pathParameters['graph'] ?? ''));
  };
  const retryGraph: Operation = async ({ response, pathParameters, log }) => {
    const id = pathParameters['graph'] ?? '';
    await publishing.retryGraph(id);
    log.info('a graph is tried again', { graph: id });
    response.status(202).json(await describedGraph(id));
  };
  const listTasks: Operation = async ({ query, response }) => {
    const page = listPage(query);
    response.json(listed(await publishing.tasks(listFilter(query), page), taskRow, page));
  };
  const getTask: Operation = async ({ response, pathParameters }) => {
    response.json(taskRow(await publishing.task(pathParameters['task'] ?? '')));
  };
  const retryTask: Operation = async ({ response, pathParameters, log }) => {
    const id = pathParameters['task'] ?? '';
    await publishing.retryTask(id);
    log.info('a task is tried again', { task: id });
    response.status(202).json(taskRow(await publishing.task(id)));
  };
  const sendNow: Operation = async (exchange) => {
    const { publisher, study, series, instance } = exchange.request.body as {
      publisher: string;
      study: string;
      series?: string;
      instance?: string;
    };
    const graph = await publishing.send(publisher, {
      studyInstanceUid: study,
      ...(series !== undefined && { seriesInstanceUid: series }),
      ...(instance !== undefined && { sopInstanceUid: instance }),
    });
    exchange.log.info('something is sent now', { publisher, graph: graph.id });
    exchange.response.setHeader('Location', `${exchange.rootUrl}/api/graphs/${graph.id}`);
    exchange.response.status(202).json(graphRow(graph));
  };
  const startReplay: Operation = async (exchange) => {
    const { publisher, expression, from, till, again } = exchange.request.body as Schemas['NewReplay'];
    const begin = fromMoment(from);
    const end = tillMoment(till);
    if (begin === undefined || end === undefined) {
      throw new CausewayError('bad-request', 'A replay has a begin and an end.', { details: { parameter: 'from' } });
    }
    const replay = await publishing.startReplay({
      publisher,
      expression,
      from: begin,
      till: end,
      again: again ?? false,
    });
    exchange.log.info('a replay was begun', { publisher, replay: replay.id });
    exchange.response.setHeader('Location', `${exchange.rootUrl}/api/graphs/replay/${replay.id}`);
    exchange.response.status(202).json(replayRow(replay));
  };
  const getReplay: Operation = async ({ response, pathParameters }) => {
    response.json(replayRow(await publishing.replay(pathParameters['replay'] ?? '')));
  };
  const listDeliveries: Operation = async ({ query, response }) => {
    const study = query.get('study') ?? '';
    const page = pageOf(query);
    const [publisher, series, instance] = ['publisher', 'series', 'instance'].map(
      (name) => query.get(name) ?? undefined,
    );
    const part = {
      ...(series !== undefined && { seriesInstanceUid: series }),
      ...(instance !== undefined && { sopInstanceUid: instance }),
    };
    const { publishers, items, total } = await publishing.deliveries(study, publisher, page, part);
    response.json({
      studyInstanceUid: study,
      publishers: publishers.map(({ publisher, here, selected, sent, accepted, confirmed, missing, complete }) => ({
        publisher,
        here,
        selected,
        sent,
        accepted,
        confirmed,
        missing,
        complete,
      })),
      ...pageOfItems(items.map(deliveryRow), total, page.offset),
    } satisfies Schemas['Deliveries']);
  };
  const listResults: Operation = async ({ query, response }) => {
    const page = pageOf(query);
    const { items, total } = await publishing.results(resultFilter(query), page);
    response.json(pageOfItems(items.map(resultRow), total, page.offset) satisfies Schemas['PublishingResults']);
  };
  const whyNotSent: Operation = async ({ query, response }) => {
    const study = query.get('study') ?? '';
    const publisher = query.get('publisher') ?? '';
    const { verdict, reasons, refusals, tasks } = await publishing.whyNot(study, publisher);
    response.json({
      publisher,
      studyInstanceUid: study,
      verdict,
      reasons: [...reasons],
      refusals: refusals.map((refusal) => ({ ...refusal })),
      tasks: tasks.map(taskRow),
    } satisfies Schemas['WhyNot']);
  };

  async function describedGraph(id: string): Promise<Schemas['PublishingGraphWithTasks']> {
    const { graph, tasks } = await publishing.graph(id);
    return { graph: graphRow(graph), tasks: tasks.map(taskRow) };
  }

  return {
    listGraphs,
    getGraph,
    retryGraph,
    listTasks,
    getTask,
    retryTask,
    sendNow,
    startReplay,
    getReplay,
    listDeliveries,
    listResults,
    whyNotSent,
  };
}

function listFilter(query: URLSearchParams): ListFilter {
  const given = (name: string) => query.get(name) ?? undefined;
  return {
    publisher: given('publisher'),
    status: given('status') as ListFilter['status'],
    type: given('type') as ListFilter['type'],
    graphId: given('graph'),
    studyInstanceUid: given('study'),
    seriesInstanceUid: given('series'),
    text: given('text'),
    createdFrom: fromMoment(query.get('from')),
    createdTill: tillMoment(query.get('till')),
  };
}

function listPage(query: URLSearchParams): ListPage {
  return { ...pageOf(query), order: (query.get('order') ?? 'updated') as ListPage['order'] };
}

/** Members that are undefined are left out of JSON. */
function graphRow(graph: Graph) {
  return {
    ...graph,
    tasks: { ...graph.tasks },
    createdAt: graph.createdAt.toISOString(),
    updatedAt: graph.updatedAt.toISOString(),
    finishedAt: graph.finishedAt?.toISOString(),
  } as Schemas['PublishingGraph'];
}

function taskRow({ graphId, deps, ...task }: Task) {
  return {
    ...task,
    graph: graphId,
    deps: [...deps],
    dueAt: task.dueAt?.toISOString(),
    startedAt: task.startedAt?.toISOString(),
    finishedAt: task.finishedAt?.toISOString(),
    createdAt: task.createdAt.toISOString(),
    updatedAt: task.updatedAt.toISOString(),
  } as Schemas['PublishingTask'];
}

function replayRow(replay: Replay) {
  return {
    ...replay,
    from: replay.from.toISOString(),
    till: replay.till.toISOString(),
    createdAt: replay.createdAt.toISOString(),
  } as Schemas['Replay'];
}

function deliveryRow({ graphId, ...delivery }: Delivery) {
  return {
    ...delivery,
    graph: graphId,
    sentAt: delivery.sentAt.toISOString(),
    confirmedAt: delivery.confirmedAt?.toISOString(),
  } as Schemas['Delivery'];
}

function resultFilter(query: URLSearchParams): ResultFilter {
  const [graphId, studyInstanceUid] = [query.get('graph'), query.get('study')];
  if (graphId !== null) return { graphId };
  if (studyInstanceUid !== null) return { studyInstanceUid };
  throw new CausewayError('bad-request', 'Results are those of a graph or of a study: name one.', {
    details: { parameter: 'graph' },
  });
}

function resultRow({ resultId, publisher, graphId, status, answer, at, stored }: ReceivedResult) {
  const row = { id: resultId, publisher, graph: graphId, status, answer, at: at.toISOString() };
  return { ...row, ...(stored && { stored }) } satisfies Schemas['PublishingResult'];
}

/** Where not all were counted, a full page may have another behind it. */
function listed<A, B>(
  { items, total, totalIsExact = true }: Listed<A>,
  row: (item: A) => B,
  { limit, offset }: Pick<ListPage, 'limit' | 'offset'>,
) {
  const next = !totalIsExact && items.length === limit ? { next: String(offset + limit) } : {};
  return { ...pageOfItems(items.map(row), total, offset), totalIsExact, ...next };
}
