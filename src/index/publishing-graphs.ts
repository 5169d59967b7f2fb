import type pg from 'pg';
import { type InstanceKey, isKey, keyColumns, unnestedKeys } from './instance-key.ts';

/** In this order; what does not apply is left out. */
export type TaskType = 'filter' | 'compress' | 'anonymise' | 'upload' | 'confirm' | 'results' | 'publish-back';
export type TaskStatus = 'INITIAL' | 'SUCCESS' | 'FAILED';
export type GraphOrigin = 'arrival' | 'replay' | 'send' | 'publish-back';
export type GraphUnit = 'series' | 'study' | 'instance';

/** What is done to instances once it is known which of them go out. */
export interface SendingPlan {
  /** Instances that are sent together. */
  readonly batchSize: number;
  /** Of each batch, in order. */
  readonly ofBatch: readonly TaskType[];
  /** Once for all batches, in order. */
  readonly afterwards: readonly TaskType[];
}

/** The way of a unit to a publisher, as it is planned. */
export interface GraphPlan {
  readonly publisher: string;
  readonly unit: GraphUnit;
  readonly origin: GraphOrigin;
  readonly referenceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string | undefined;
  /** Asked instead of the filters of site and publisher. */
  readonly expression?: string;
  /** Whether there is a filter to ask at all. */
  readonly isFiltered: boolean;
  /** Whether what the ledger has is sent again. */
  readonly again: boolean;
  readonly sending: SendingPlan;
  readonly configurationVersion: number;
}

/** Instances in SQL: rows of `instances`, under that name, that a condition selects, with the values of its parameters. */
export interface SelectedInstances {
  /** Parameters begin with `$4`. */
  readonly condition: string;
  readonly values: readonly unknown[];
}

/**
 * Makes the graph of a unit, or adds a wave to that of earlier arrivals, with its tasks. Instances that it has in the
 * version that is stored, and those that the ledger has, are passed over.
 * @returns undefined if there is nothing to do
 */
export async function makeGraph(
  client: pg.ClientBase,
  plan: GraphPlan,
  instances: SelectedInstances,
  now: Date,
): Promise<string | undefined> {
  const { graphId, isNew } = await theGraph(client, plan, now);
  const number = await nextWave(client, graphId);
  const { rowCount } = await client.query(
    `insert into publishing_instances as known (graph_id, study_id, series_id, instance_id, study_instance_uid,
       series_instance_uid, sop_instance_uid, sort_number, wave, state, source_sha256)
     select $1::bigint, instances.study_id, instances.series_id, instance_id, study_instance_uid, series_instance_uid, sop_instance_uid, sort_number,
       $2::int, $3::text, sha256
     from instances join series using (study_id, series_id) join studies using (study_id)
     where ${instances.condition}
     on conflict (graph_id, study_id, series_id, instance_id) do update set wave = excluded.wave, state = excluded.state,
       source_sha256 = excluded.source_sha256, batch = null, prepared = null, answer = null
     where known.source_sha256 <> excluded.source_sha256 or known.state in ('gone', 'refused')`,
    [graphId, number, plan.isFiltered ? 'new' : 'selected', ...instances.values],
  );
  if (rowCount === 0) {
    if (isNew) await client.query('delete from publishing_graphs where graph_id = $1', [graphId]);
    else await client.query('update publishing_graphs set waves = waves - 1 where graph_id = $1', [graphId]);
    return isNew ? undefined : graphId;
  }
  if (!plan.again && (await passOverDelivered(client, graphId, number, plan.publisher)) === rowCount) {
    if (isNew) await client.query('delete from publishing_graphs where graph_id = $1', [graphId]);
    else await refreshGraph(client, graphId, now);
    return isNew ? undefined : graphId;
  }
  if (plan.isFiltered) await addFilterTask(client, graphId, number, now);
  else await addSendingTasks(client, { graphId, wave: number }, plan.sending, now);
  await refreshGraph(client, graphId, now);
  return graphId;
}

async function nextWave(client: pg.ClientBase, graphId: string): Promise<number> {
  const { rows } = await client.query<{ waves: number }>(
    'update publishing_graphs set waves = waves + 1 where graph_id = $1 returning waves',
    [graphId],
  );
  return rows[0]!.waves;
}

/**
 * Instances of a batch that have another version by now leave it for a wave of their own, in which the filters are asked
 * about what is stored then. The graph is locked.
 */
export async function planAnew(
  client: pg.ClientBase,
  { graphId, batch }: { readonly graphId: string; readonly batch: number | undefined },
  replaced: readonly (InstanceKey & { readonly sourceSha256: Buffer })[],
  now: Date,
): Promise<void> {
  const { rowCount } = await client.query(
    `update publishing_instances one set state = 'new', answer = null, source_sha256 = keys.source_sha256
     from ${unnestedKeys(3, [{ name: 'source_sha256', type: 'bytea' }])}
     where one.graph_id = $1 and one.batch = $2 and one.state = 'selected' and ${isKey('one')}`,
    [graphId, batch, ...keyColumns(replaced), replaced.map(({ sourceSha256 }) => sourceSha256)],
  );
  if (rowCount === null || rowCount === 0) return;
  await dropPrepared(client, graphId, batch);
  // Those of other batches of a graph that is replaced as a whole share a wave, until its filter is asked.
  const { rows } = await client.query<{ task_id: string; wave: number }>(
    `select task_id, wave from publishing_tasks
     where graph_id = $1 and type = 'filter' and status = 'INITIAL' and leased_until is null
     order by task_id desc limit 1 for update`,
    [graphId],
  );
  const wave = rows[0]?.wave ?? (await nextWave(client, graphId));
  await client.query(
    `update publishing_instances set wave = $3, batch = null where graph_id = $1 and batch = $2 and state = 'new'`,
    [graphId, batch, wave],
  );
  await client.query('update publishing_tasks set total = total - $3 where graph_id = $1 and batch = $2', [
    graphId,
    batch,
    rowCount,
  ]);
  if (rows[0] === undefined) await addFilterTask(client, graphId, wave, now);
  else {
    await client.query('update publishing_tasks set total = total + $2 where task_id = $1', [
      rows[0].task_id,
      rowCount,
    ]);
  }
}

async function theGraph(
  client: pg.ClientBase,
  plan: GraphPlan,
  now: Date,
): Promise<{ graphId: string; isNew: boolean }> {
  const inserted = await client.query<{ graph_id: string }>(
    `insert into publishing_graphs (publisher, unit, origin, reference_uid, study_instance_uid, series_instance_uid,
       expression, again, configuration_version, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
     on conflict do nothing returning graph_id`,
    [
      plan.publisher,
      plan.unit,
      plan.origin,
      plan.referenceUid,
      plan.studyInstanceUid,
      plan.seriesInstanceUid ?? null,
      plan.expression ?? null,
      plan.again,
      plan.configurationVersion,
      now,
    ],
  );
  if (inserted.rows[0]) return { graphId: inserted.rows[0].graph_id, isNew: true };
  const known = await client.query<{ graph_id: string }>(
    `select graph_id from publishing_graphs where publisher = $1 and origin = 'arrival' and unit = $2 and reference_uid = $3
       and study_instance_uid = $4 for update`,
    [plan.publisher, plan.unit, plan.referenceUid, plan.studyInstanceUid],
  );
  const graphId = known.rows[0]!.graph_id;
  await client.query('update publishing_graphs set configuration_version = $2 where graph_id = $1', [
    graphId,
    plan.configurationVersion,
  ]);
  return { graphId, isNew: false };
}

/** Said of what is passed over, as it was accepted in another graph. */
export const sentBefore = 'sent before';

/** What the receiver has said that it does not have is sent again. @returns how many there were */
async function passOverDelivered(
  client: pg.ClientBase,
  graphId: string,
  wave: number,
  publisher: string,
): Promise<number | null> {
  const { rowCount } = await client.query(
    `update publishing_instances one set state = 'accepted', answer = '${sentBefore}'
     from deliveries
     where one.graph_id = $1 and one.wave = $2 and deliveries.publisher = $3 and deliveries.status = 'accepted' and not missing
       and deliveries.study_id = one.study_id and deliveries.series_id = one.series_id
       and deliveries.instance_id = one.instance_id and deliveries.source_sha256 = one.source_sha256`,
    [graphId, wave, publisher],
  );
  return rowCount;
}

async function addFilterTask(client: pg.ClientBase, graphId: string, wave: number, now: Date): Promise<void> {
  await client.query(
    `insert into publishing_tasks (graph_id, publisher, type, wave, waits_for, due_at, ready_at, total, created_at, updated_at)
     select graph_id, publisher, 'filter', $2::int, 0, $3::timestamptz, $3, count, $3, $3
     from publishing_graphs, (
       select count(*) from publishing_instances where graph_id = $1 and wave = $2 and state = 'new') waiting
     where graph_id = $1 and count > 0`,
    [graphId, wave, now],
  );
}

interface NewTask {
  readonly id: string;
  readonly type: TaskType;
  readonly batch: number | undefined;
  readonly deps: readonly string[];
  /** How many of these have not ended. */
  readonly waitsFor: number;
  readonly total: number;
}

/** Rows of one statement. */
const insertedAtOnce = 2000;

/**
 * Divides the selected instances of a wave into batches, each with its tasks.
 * @param filterId the task that has selected them, and has succeeded
 */
export async function addSendingTasks(
  client: pg.ClientBase,
  { graphId, wave, filterId }: { readonly graphId: string; readonly wave: number; readonly filterId?: string },
  plan: SendingPlan,
  now: Date,
): Promise<void> {
  await client.query(
    `update publishing_instances one set batch = batches + 1 + n / $3::int
     from (
       select study_id, series_id, instance_id, batches,
         (row_number() over (order by study_id, series_id, sort_number, instance_id) - 1)::int as n
       from publishing_instances join publishing_graphs using (graph_id)
       where graph_id = $1 and wave = $2 and state = 'selected' and batch is null
     ) numbered
     where one.graph_id = $1 and one.study_id = numbered.study_id and one.series_id = numbered.series_id
       and one.instance_id = numbered.instance_id`,
    [graphId, wave, plan.batchSize],
  );
  const batches = await client.query<{ batch: number; total: number }>(
    `select batch, count(*)::int as total from publishing_instances, publishing_graphs graph
     where publishing_instances.graph_id = $1 and wave = $2 and graph.graph_id = $1 and batch > batches
     group by batch order by batch`,
    [graphId, wave],
  );
  const last = batches.rows.at(-1);
  if (last === undefined) return;
  await client.query('update publishing_graphs set batches = $2 where graph_id = $1', [graphId, last.batch]);

  const total = batches.rows.reduce((sum, { total }) => sum + total, 0);
  const ids = await newIds(client, batches.rows.length * plan.ofBatch.length + plan.afterwards.length);
  const tasks: NewTask[] = [];
  const ends: string[] = [];
  let next = 0;
  for (const { batch, total } of batches.rows) {
    let before: string | undefined;
    for (const type of plan.ofBatch) {
      const id = ids[next++]!;
      const after = before ?? filterId;
      const deps = after === undefined ? [] : [after];
      tasks.push({ id, type, batch, deps, waitsFor: before === undefined ? 0 : 1, total });
      before = id;
    }
    if (before !== undefined) ends.push(before);
  }
  let deps = ends;
  for (const type of plan.afterwards) {
    const id = ids[next++]!;
    tasks.push({ id, type, batch: undefined, deps, waitsFor: deps.length, total });
    deps = [id];
  }
  for (let at = 0; at < tasks.length; at += insertedAtOnce) {
    await insertTasks(client, graphId, wave, tasks.slice(at, at + insertedAtOnce), now);
  }
}

async function newIds(client: pg.ClientBase, count: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select nextval(pg_get_serial_sequence('publishing_tasks', 'task_id')) as id from generate_series(1, $1::int)`,
    [count],
  );
  return rows.map(({ id }) => id);
}

async function insertTasks(
  client: pg.ClientBase,
  graphId: string,
  wave: number,
  tasks: readonly NewTask[],
  now: Date,
): Promise<void> {
  await client.query(
    `insert into publishing_tasks (task_id, graph_id, publisher, type, wave, batch, deps, waits_for, due_at, ready_at, total,
       created_at, updated_at)
     select id, graph_id, publisher, type, $2, nullif(batch, 0), deps::bigint[], waits_for,
       $3::timestamptz, case when waits_for = 0 then $3 end, total, $3, $3
     from publishing_graphs,
       unnest($4::bigint[], $5::text[], $6::int[], $7::text[], $8::int[], $9::int[]) as new (id, type, batch, deps, waits_for, total)
     where graph_id = $1`,
    [
      graphId,
      wave,
      now,
      tasks.map(({ id }) => id),
      tasks.map(({ type }) => type),
      tasks.map(({ batch }) => batch ?? 0),
      tasks.map(({ deps }) => `{${deps.join(',')}}`),
      tasks.map(({ waitsFor }) => waitsFor),
      tasks.map(({ total }) => total),
    ],
  );
}

/** Brings up to date what the graph says of its instances and tasks; removes prepared files of one that has ended. */
export async function refreshGraph(client: pg.ClientBase, graphId: string, now: Date): Promise<void> {
  const { rows } = await client.query<{ ended: boolean }>(
    `with counts as (
       select count(*) filter (where status = 'INITIAL')::int as initial,
         count(*) filter (where status = 'SUCCESS')::int as success,
         count(*) filter (where status = 'FAILED')::int as failed
       from publishing_tasks where graph_id = $1
     ), instances as (
       select count(*)::int as all_of_them,
         count(*) filter (where state in ('selected', 'accepted', 'refused'))::int as selected,
         count(*) filter (where state = 'accepted')::int as delivered,
         count(*) filter (where state = 'excluded')::int as excluded,
         count(*) filter (where state = 'gone')::int as gone
       from publishing_instances where graph_id = $1
     )
     update publishing_graphs set tasks_initial = initial, tasks_success = success, tasks_failed = failed,
       instances = instances.all_of_them, selected = instances.selected, delivered = instances.delivered,
       status = case when failed > 0 then 'FAILED' when initial > 0 then 'INITIAL' else 'SUCCESS' end,
       failure = (
         select failure from publishing_tasks where graph_id = $1 and status = 'FAILED'
         -- What has failed because of another still waits for it.
         order by waits_for, task_id limit 1),
       note = case when initial > 0 then null
         when instances.selected = 0 and excluded > 0 then format('0 of %s selected: the filter selects none of them', instances.all_of_them)
         when excluded > 0 then format('%s of %s selected', instances.selected, instances.all_of_them)
         when gone > 0 then format('%s of %s were deleted before they were sent', gone, instances.all_of_them) end,
       finished_at = case when initial = 0 then $2::timestamptz end, updated_at = $2
     from counts, instances where graph_id = $1
     returning tasks_initial = 0 as ended`,
    [graphId, now],
  );
  if (rows[0]?.ended) await dropPrepared(client, graphId, undefined);
}

/**
 * Lists files that were made to be sent for deletion: those of instances that are through, or all of the graph.
 * @param isAll those of the batch that are still to be sent as well
 */
export async function dropPrepared(
  client: pg.ClientBase,
  graphId: string,
  batch: number | undefined,
  isAll = false,
): Promise<void> {
  if (batch !== undefined) {
    await client.query(
      `with over as (
         update publishing_instances one set prepared = null
         from (
           select study_id, series_id, instance_id, prepared ->> 'blobKey' as blob_key from publishing_instances
           where graph_id = $1 and batch = $2 and prepared is not null and ($3 or state <> 'selected')
         ) before
         where one.graph_id = $1 and one.study_id = before.study_id and one.series_id = before.series_id
           and one.instance_id = before.instance_id
         returning before.blob_key
       ), gone as (
         delete from publishing_blobs using over where publishing_blobs.blob_key = over.blob_key
       )
       insert into blobs_to_delete (blob_key) select blob_key from over on conflict do nothing`,
      [graphId, batch, isAll],
    );
    return;
  }
  await client.query(
    `with gone as (delete from publishing_blobs where graph_id = $1 returning blob_key)
     insert into blobs_to_delete (blob_key) select blob_key from gone on conflict do nothing`,
    [graphId],
  );
  await client.query('update publishing_instances set prepared = null where graph_id = $1 and prepared is not null', [
    graphId,
  ]);
}
