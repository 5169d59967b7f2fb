import type pg from 'pg';
import { countedPage, pageTimeoutMs } from './counted-page.ts';
import { persistently } from './postgres-errors.ts';
import type { GraphOrigin, GraphUnit, TaskStatus, TaskType } from './publishing-graphs.ts';
import type { SqlStatement } from './search-sql.ts';
import { timedQuery } from './timed-query.ts';

/** The way of a unit to one destination. */
export interface Graph {
  readonly id: string;
  readonly publisher: string;
  readonly unit: GraphUnit;
  readonly origin: GraphOrigin;
  /** UID of the unit, as it is here. */
  readonly referenceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string | undefined;
  /** FAILED if one task has failed for good; SUCCESS if all have succeeded. */
  readonly status: TaskStatus;
  readonly failure: string | undefined;
  readonly note: string | undefined;
  readonly instances: number;
  readonly selected: number;
  readonly delivered: number;
  readonly tasks: Readonly<Record<TaskStatus | 'running', number>>;
  readonly configurationVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | undefined;
}

export interface Task {
  readonly id: string;
  readonly graphId: string;
  readonly publisher: string;
  readonly referenceUid: string;
  readonly studyInstanceUid: string;
  readonly type: TaskType;
  /** Ids of tasks of the same graph that have to end before: to succeed, or for what is about all batches at least one of them. */
  readonly deps: readonly string[];
  readonly status: TaskStatus;
  /** Why it failed, the last time or for good; in words. */
  readonly failure: string | undefined;
  readonly note: string | undefined;
  /** That have failed. */
  readonly attempts: number;
  /** While it is INITIAL: not before this time. */
  readonly dueAt: Date | undefined;
  /** While it runs: a node. */
  readonly runningOn: string | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** Instances. */
  readonly done: number;
  readonly total: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ListFilter {
  readonly publisher?: string | undefined;
  readonly status?: TaskStatus | undefined;
  readonly type?: TaskType | undefined;
  readonly graphId?: string | undefined;
  readonly studyInstanceUid?: string | undefined;
  readonly seriesInstanceUid?: string | undefined;
  /** Part of a publisher's name, a UID, an id, or a failure, in any case. */
  readonly text?: string | undefined;
  readonly createdFrom?: Date | undefined;
  readonly createdTill?: Date | undefined;
}

export interface ListPage {
  readonly order: 'updated' | 'created' | 'oldest';
  readonly limit: number;
  readonly offset: number;
}

export interface Listed<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** False: there are more than `total`, and nobody counted on. */
  readonly totalIsExact?: boolean;
}

/** What people look at. */
export interface PublishingLists {
  graphs(filter: ListFilter, page: ListPage, now: Date): Promise<Listed<Graph>>;
  graph(id: string, now: Date): Promise<Graph | undefined>;
  tasks(filter: ListFilter, page: ListPage, now: Date): Promise<Listed<Task>>;
  task(id: string, now: Date): Promise<Task | undefined>;
  /** In their order, at most so many. */
  tasksOfGraph(graphId: string, limit: number, now: Date): Promise<readonly Task[]>;
  /** What is still to be done. */
  queue(): Promise<readonly QueueLength[]>;
}

export interface QueueLength {
  readonly publisher: string;
  readonly type: TaskType;
  readonly tasks: number;
  /** When the oldest was created. */
  readonly since: Date;
}

interface GraphRow {
  readonly graph_id: string;
  readonly publisher: string;
  readonly unit: GraphUnit;
  readonly origin: GraphOrigin;
  readonly reference_uid: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string | null;
  readonly status: TaskStatus;
  readonly failure: string | null;
  readonly note: string | null;
  readonly instances: number;
  readonly selected: number;
  readonly delivered: number;
  readonly tasks_initial: number;
  readonly tasks_success: number;
  readonly tasks_failed: number;
  readonly running: number;
  readonly configuration_version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly finished_at: Date | null;
}

interface TaskRow {
  readonly task_id: string;
  readonly graph_id: string;
  readonly publisher: string;
  readonly reference_uid: string;
  readonly study_instance_uid: string;
  readonly type: TaskType;
  readonly deps: string[];
  readonly status: TaskStatus;
  readonly failure: string | null;
  readonly note: string | null;
  readonly attempts: number;
  readonly due_at: Date;
  readonly leased_by: string | null;
  readonly leased_until: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly done: number;
  readonly total: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function createPublishingLists(pool: pg.Pool): PublishingLists {
  const query = <R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    persistently(() => pool.query<R>(text, [...values]));

  /** @param isOfTasks whether graphs are looked for, as theirs are not in the table that is searched */
  async function namedBy(filter: ListFilter, isOfTasks: boolean): Promise<NamedByText | undefined> {
    const text = filter.text?.trim() ?? '';
    if (text === '') return undefined;
    const ask = <R extends pg.QueryResultRow>(sql: string, values: readonly unknown[]) =>
      timedQuery<R>(pool, statement(sql, values), pageTimeoutMs);
    const [publishers, graphs] = await Promise.all([
      // One look into the index for each publisher, however many graphs it has.
      ask<{ publisher: string }>(
        `with recursive names as (
           (select publisher from publishing_graphs order by publisher limit 1)
           union all
           select (select publisher from publishing_graphs where publisher > names.publisher order by publisher limit 1)
           from names where names.publisher is not null
         )
         select publisher from names where publisher ilike $1`,
        [likeAnywhere(text)],
      ),
      isOfTasks
        ? ask<{ graph_id: string }>(
            `select graph_id from publishing_graphs graph where ${hasUid('graph', '$1', '$2')} limit ${maxNamedGraphs + 1}`,
            [likeAnywhere(text), text],
          )
        : [],
    ]);
    return {
      text,
      publishers: publishers.map(({ publisher }) => publisher),
      graphIds: graphs.map(({ graph_id }) => graph_id),
    };
  }

  return {
    async graphs(filter, page, now) {
      const sql = graphsSql(filter, await namedBy(filter, false), page, now);
      const { rows, ...counted } = await countedPage<GraphRow>(pool, sql.page, sql.all, {
        ...page,
        isByText: filter.text !== undefined,
      });
      return { items: rows.map(graphOf), ...counted };
    },
    async graph(id, now) {
      const { rows } = await query<GraphRow>(
        `select page.*, ${runningOf('$2')} from publishing_graphs page where graph_id = $1`,
        [id, now],
      );
      return rows[0] && graphOf(rows[0]);
    },
    async tasks(filter, page, now) {
      const sql = tasksSql(filter, await namedBy(filter, true), page);
      const { rows, ...counted } = await countedPage<TaskRow>(pool, sql.page, sql.all, {
        ...page,
        isByText: filter.text !== undefined,
      });
      return { items: rows.map((row) => taskOf(row, now)), ...counted };
    },
    async task(id, now) {
      const { rows } = await query<TaskRow>(
        `select task.*, reference_uid, study_instance_uid from publishing_tasks task
           join publishing_graphs graph using (graph_id) where task_id = $1`,
        [id],
      );
      return rows[0] && taskOf(rows[0], now);
    },
    async queue() {
      const { rows } = await query<{ publisher: string; type: TaskType; tasks: number; since: Date }>(
        `select publisher, type, count(*)::int as tasks, min(created_at) as since
         from publishing_tasks where status = 'INITIAL' group by publisher, type`,
        [],
      );
      return rows;
    },
    async tasksOfGraph(graphId, limit, now) {
      const { rows } = await query<TaskRow>(
        `select task.*, reference_uid, study_instance_uid from publishing_tasks task
           join publishing_graphs graph using (graph_id) where graph_id = $1 order by task_id limit $2`,
        [graphId, limit],
      );
      return rows.map((row) => taskOf(row, now));
    },
  };
}

/** A page, and what follows `from` in what selects all of them. */
interface ListSql {
  readonly page: SqlStatement;
  readonly all: SqlStatement;
}

export function graphsSql(filter: ListFilter, named: NamedByText | undefined, page: ListPage, now: Date): ListSql {
  const { where, values } = conditions(filter, 'graph', named);
  return {
    page: statement(
      `select page.*, ${runningOf(`$${values.length + 1}`)} from (
         select graph.* from publishing_graphs graph where ${where}
         order by ${orderBy(page.order, 'graph')} limit ${page.limit} offset ${page.offset}) page
       order by ${orderBy(page.order, 'page')}`,
      [...values, now],
    ),
    all: statement(`publishing_graphs graph where ${where}`, values),
  };
}

export function tasksSql(filter: ListFilter, named: NamedByText | undefined, page: ListPage): ListSql {
  const { where, values, needsGraph } = conditions(filter, 'task', named);
  const graph = 'join publishing_graphs graph using (graph_id)';
  return {
    page: statement(
      `select page.*, graph.reference_uid, graph.study_instance_uid from (
         select task.* from publishing_tasks task ${needsGraph ? graph : ''} where ${where}
         order by ${orderBy(page.order, 'task')} limit ${page.limit} offset ${page.offset}) page
       ${graph} order by ${orderBy(page.order, 'page', 'task')}`,
      values,
    ),
    all: statement(`publishing_tasks task ${needsGraph ? graph : ''} where ${where}`, values),
  };
}

function statement(text: string, values: readonly unknown[]): SqlStatement {
  return { text, values: values as SqlStatement['values'] };
}

function runningOf(now: string): string {
  return `(select count(*)::int from publishing_tasks task
    where task.graph_id = page.graph_id and task.status = 'INITIAL' and leased_until >= ${now}) as running`;
}

function orderBy(order: ListPage['order'], table: string, level: string = table): string {
  const id = level === 'task' || table === 'task' ? 'task_id' : 'graph_id';
  switch (order) {
    case 'updated':
      return `${table}.updated_at desc, ${table}.${id} desc`;
    case 'created':
      return `${table}.created_at desc, ${table}.${id} desc`;
    case 'oldest':
      return `${table}.created_at, ${table}.${id}`;
  }
}

/** Text that is looked for, and what it is in the name of. */
interface NamedByText {
  readonly text: string;
  readonly publishers: readonly string[];
  /** With one more than `maxNamedGraphs`, these are not all. */
  readonly graphIds: readonly string[];
}

/** Tasks of so many graphs are looked up; those of more are found by reading tasks until a page is full. */
const maxNamedGraphs = 1000;

function likeAnywhere(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

function conditions(filter: ListFilter, table: 'graph' | 'task', named: NamedByText | undefined) {
  const values: unknown[] = [];
  const terms: string[] = [];
  let needsGraph = false;
  const bind = (value: unknown) => `$${values.push(value)}`;
  const ofGraph = (term: string) => {
    needsGraph = true;
    terms.push(term);
  };
  if (filter.publisher !== undefined) terms.push(`${table}.publisher = ${bind(filter.publisher)}`);
  if (filter.status !== undefined) terms.push(`${table}.status = ${bind(filter.status)}`);
  if (filter.createdFrom) terms.push(`${table}.created_at >= ${bind(filter.createdFrom)}`);
  if (filter.createdTill) terms.push(`${table}.created_at <= ${bind(filter.createdTill)}`);
  if (filter.type !== undefined) terms.push(`task.type = ${bind(filter.type)}`);
  if (filter.graphId !== undefined) terms.push(`${table}.graph_id = ${bind(filter.graphId)}`);
  if (filter.studyInstanceUid !== undefined) {
    ofGraph(`graph.study_instance_uid = ${bind(filter.studyInstanceUid)}`);
  }
  if (filter.seriesInstanceUid !== undefined) {
    const uid = bind(filter.seriesInstanceUid);
    // Of a study that has it, too.
    ofGraph(`(graph.series_instance_uid = ${uid} or graph.study_instance_uid = (
      select study_instance_uid from series join studies using (study_id) where series_instance_uid = ${uid} limit 1)
      and graph.unit = 'study')`);
  }
  if (named !== undefined) terms.push(hasText(table, named, bind));
  return { where: terms.length === 0 ? 'true' : terms.join(' and '), values, needsGraph };
}

/**
 * Each place where the text may be has an index of its own (migration 0023). Nothing is joined: where the indexes do not help,
 * as with a letter or two, a row is looked at without its graph.
 */
function hasText(
  table: 'graph' | 'task',
  { text, publishers, graphIds }: NamedByText,
  bind: (value: unknown) => string,
): string {
  const part = bind(likeAnywhere(text));
  const ofNamedGraphs = () => {
    if (graphIds.length <= maxNamedGraphs) return `task.graph_id = any (${bind(graphIds)}::bigint[])`;
    return `task.graph_id in (select graph_id from publishing_graphs graph where ${hasUid('graph', part, bind(text))})`;
  };
  return `(${[
    `${table}.failure ilike ${part}`,
    `${table}.note ilike ${part}`,
    table === 'graph' ? hasUid('graph', part, bind(text)) : ofNamedGraphs(),
    ...(publishers.length === 0 ? [] : [`${table}.publisher = any (${bind(publishers)}::text[])`]),
    ...(/^[0-9]{1,18}$/.test(text) ? [`${table}.${table}_id = ${bind(text)}::bigint`] : []),
  ].join(' or ')})`;
}

/** @param part @param whole placeholders of what is looked for */
function hasUid(graph: string, part: string, whole: string): string {
  return `${graph}.study_instance_uid ilike ${part} or ${graph}.reference_uid ilike ${part} or ${graph}.series_instance_uid = ${whole}`;
}

function graphOf(row: GraphRow): Graph {
  return {
    id: row.graph_id,
    publisher: row.publisher,
    unit: row.unit,
    origin: row.origin,
    referenceUid: row.reference_uid,
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid ?? undefined,
    status: row.status,
    failure: row.failure ?? undefined,
    note: row.note ?? undefined,
    instances: row.instances,
    selected: row.selected,
    delivered: row.delivered,
    tasks: {
      INITIAL: row.tasks_initial,
      SUCCESS: row.tasks_success,
      FAILED: row.tasks_failed,
      running: row.running,
    },
    configurationVersion: row.configuration_version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at ?? undefined,
  };
}

function taskOf(row: TaskRow, now: Date): Task {
  const isRunning = row.status === 'INITIAL' && row.leased_until !== null && row.leased_until >= now;
  return {
    id: row.task_id,
    graphId: row.graph_id,
    publisher: row.publisher,
    referenceUid: row.reference_uid,
    studyInstanceUid: row.study_instance_uid,
    type: row.type,
    deps: row.deps,
    status: row.status,
    failure: row.failure ?? undefined,
    note: row.note ?? undefined,
    attempts: row.attempts,
    dueAt: row.status === 'INITIAL' ? row.due_at : undefined,
    runningOn: isRunning ? (row.leased_by ?? undefined) : undefined,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    done: row.done,
    total: row.total,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
