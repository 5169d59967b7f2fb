-- What became of a result: what is not kept is told, and what could not be fetched is asked for again.
alter table publishing_results add column status text check (status in ('stored', 'left-out', 'refused', 'missing'));
-- Copies of what is here were not told from newer versions of a result.
update publishing_results set status = case
  when sop_instance_uid is not null then 'stored'
  when answer in ('It is what was sent there.', 'Another instance is here under its SOP Instance UID, which stays.')
    or answer like 'A file of type % is not kept.' then 'left-out'
  else 'refused' end;
alter table publishing_results alter column status set not null;

-- What results are still to come of is not purged: the few tasks that ask for them are found by their graph.
create index publishing_tasks_asking on publishing_tasks (graph_id) where type = 'results' and status = 'INITIAL';
