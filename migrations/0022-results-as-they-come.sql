-- A dependency that has failed is no longer waited for: what is about all batches is done for those that have arrived.
comment on column publishing_tasks.waits_for is 'How many of deps are INITIAL; of a task that has failed because of them, how many were before';

-- Publishers to which a result has gone on: each gets it once, as soon as it is here.
alter table publishing_results add column sent_on_to text[] not null default '{}';
update publishing_results result set sent_on_to = array(
  select distinct graph.publisher from publishing_graphs graph
  where graph.origin = 'publish-back' and graph.created_at >= result.at
    and starts_with(graph.cause, format('results of %s, wave ', result.graph_id)))
where sop_instance_uid is not null;

-- What has been split off a batch since results were planned is waited for like the rest of it.
update publishing_tasks results set deps = ends.ids, waits_for = case when results.status = 'INITIAL' then ends.waiting else results.waits_for end
from (
  select task.graph_id, task.wave, array_agg(task.task_id order by task.task_id) as ids,
    count(*) filter (where task.status = 'INITIAL')::int as waiting
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
