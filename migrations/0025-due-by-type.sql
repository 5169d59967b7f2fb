-- What is due of a publisher is looked for by type: with uploads in their tens of thousands before them, the few tasks of other
-- types are found without reading those.
create index publishing_tasks_due_by_type on publishing_tasks (publisher, type, due_at, task_id)
  where status = 'INITIAL' and waits_for = 0;
drop index publishing_tasks_due;
