-- Graphs and tasks are looked for by a part of what they are about, and of what was said of them. Nothing of the kind is
-- written with most tasks, and a graph changes a few times in its life: the indexes are small next to what they are on.
create index publishing_graphs_study_uid_infix on publishing_graphs using gin (study_instance_uid gin_trgm_ops);
create index publishing_graphs_reference_uid_infix on publishing_graphs using gin (reference_uid gin_trgm_ops);
create index publishing_graphs_of_series on publishing_graphs (series_instance_uid) where series_instance_uid is not null;
create index publishing_graphs_failure_infix on publishing_graphs using gin (failure gin_trgm_ops) where failure is not null;
create index publishing_graphs_note_infix on publishing_graphs using gin (note gin_trgm_ops) where note is not null;
create index publishing_tasks_failure_infix on publishing_tasks using gin (failure gin_trgm_ops) where failure is not null;
create index publishing_tasks_note_infix on publishing_tasks using gin (note gin_trgm_ops) where note is not null;
-- One place without an index would have all tasks read for the others: those of a publisher that the text is in the name of.
create index publishing_tasks_of_publisher on publishing_tasks (publisher, updated_at, task_id);
