-- A dependency that has failed is no longer waited for: what is about all batches is done for those that have arrived.
comment on column publishing_tasks.waits_for is 'How many of deps are INITIAL; of a task that has failed because of them, how many were before';

-- Publishers to which a result has gone on: each gets it once, as soon as it is here.
alter table publishing_results add column sent_on_to text[] not null default '{}';
-- Only what a graph that sends on results of that wave really has: what is marked by mistake never goes on.
with sent_on as materialized (
  select graph_id, publisher, created_at, substring(cause from '^results of ([0-9]{1,18}), wave ')::bigint as of_graph,
    substring(cause from '^results of [0-9]{1,18}, wave ([0-9]{1,9}), study ')::int as of_wave
  from publishing_graphs where origin = 'publish-back'
), marked as (
  select result.publisher, result.result_id, array_agg(distinct sent_on.publisher) as publishers
  from sent_on
  join publishing_instances instance using (graph_id)
  join publishing_results result on result.graph_id = sent_on.of_graph and result.wave = sent_on.of_wave
    and result.at <= sent_on.created_at and result.study_instance_uid = instance.study_instance_uid
    and result.series_instance_uid = instance.series_instance_uid and result.sop_instance_uid = instance.sop_instance_uid
  group by result.publisher, result.result_id
)
update publishing_results result set sent_on_to = marked.publishers
from marked where result.publisher = marked.publisher and result.result_id = marked.result_id;

-- What has been split off a batch since results were planned is waited for like the rest of it.
update publishing_tasks results set deps = ends.ids
from (
  select task.graph_id, task.wave, array_agg(task.task_id order by task.task_id) as ids
  from publishing_tasks task join publishing_graphs graph using (graph_id)
  where graph.status <> 'SUCCESS' and task.batch is not null and not exists (
    select from publishing_tasks later
    where later.graph_id = task.graph_id and later.batch = task.batch and task.task_id = any (later.deps))
  group by task.graph_id, task.wave) ends
where results.type = 'results' and results.graph_id = ends.graph_id and results.wave = ends.wave
  and not results.deps @> ends.ids;

-- What a filter has let through waits for it, as people see it.
update publishing_tasks task set deps = array[filter.task_id]
from publishing_tasks filter join publishing_graphs graph using (graph_id)
where graph.status <> 'SUCCESS' and filter.type = 'filter' and task.graph_id = filter.graph_id and task.wave = filter.wave
  and task.type <> 'filter' and task.deps = '{}';

-- A task that was done again beside others that had failed waited for these, too, and would for ever.
update publishing_tasks task set status = 'FAILED', leased_by = null, leased_until = null, finished_at = now(), updated_at = now(),
  waits_for = greatest(waits_for, 1), failure = 'Not done, as all that it waits for has failed.'
from publishing_graphs graph
where graph.graph_id = task.graph_id and graph.status <> 'SUCCESS' and task.status = 'INITIAL' and task.type = 'results' and (
  select count(*) from publishing_tasks dep
  where dep.graph_id = task.graph_id and dep.task_id = any (task.deps) and dep.status <> 'FAILED') = 0;
update publishing_tasks task set status = 'FAILED', leased_by = null, leased_until = null, finished_at = now(), updated_at = now(),
  waits_for = greatest(waits_for, 1), failure = 'Not done, as all that it waits for has failed.'
from publishing_graphs graph
where graph.graph_id = task.graph_id and graph.status <> 'SUCCESS' and task.status = 'INITIAL' and task.type = 'publish-back' and (
  select count(*) from publishing_tasks dep
  where dep.graph_id = task.graph_id and dep.task_id = any (task.deps) and dep.status <> 'FAILED') = 0;
update publishing_graphs graph set tasks_initial = counted.initial, tasks_failed = counted.failed, updated_at = now(),
  finished_at = case when counted.initial = 0 then now() end
from (
  select graph_id, count(*) filter (where status = 'INITIAL')::int as initial, count(*) filter (where status = 'FAILED')::int as failed
  from publishing_tasks group by graph_id) counted
where graph.graph_id = counted.graph_id and graph.status = 'FAILED' and graph.tasks_failed <> counted.failed;
update publishing_tasks task set waits_for = counted.waiting,
  ready_at = case when counted.waiting = 0 then coalesce(task.ready_at, now()) end,
  leased_by = case when counted.waiting = 0 then task.leased_by end,
  leased_until = case when counted.waiting = 0 then task.leased_until end
from (
  select task_id, (
    select count(*)::int from publishing_tasks dep
    where dep.graph_id = one.graph_id and dep.task_id = any (one.deps) and dep.status = 'INITIAL') as waiting
  from publishing_tasks one join publishing_graphs graph using (graph_id)
  where graph.status <> 'SUCCESS' and one.status = 'INITIAL' and one.batch is null) counted
where task.task_id = counted.task_id and task.waits_for <> counted.waiting;
