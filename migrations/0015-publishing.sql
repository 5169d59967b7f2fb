-- What goes on to other places. It begins with the change feed, whose rows are written in the transaction that stores
-- the instance: how far it was read is written in the transaction that writes down what was read.
-- While no publisher is there, nobody reads, and nothing is numbered for it.
create table publishing_cursor (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null,
  is_idle boolean not null default true,
  -- Of the configuration that says so: who still knows an older one changes nothing.
  configuration_version integer not null default 0
);
insert into publishing_cursor (sequence) select sequence from last_change;

create index changes_of_series on changes (series_instance_uid, sequence) where sequence is not null;

-- Series in which something has arrived that no graph has yet, a row for each publisher. The instances are those of the
-- change feed from the first sequence to the last.
create table arrivals (
  publisher text collate "C" not null,
  study_id uuid not null,
  series_id uuid not null,
  study_instance_uid text collate "C" not null,
  series_instance_uid text collate "C" not null,
  first_sequence bigint not null,
  last_sequence bigint not null,
  last_at timestamptz not null,
  primary key (publisher, study_id, series_id)
);
create index arrivals_at_rest on arrivals (publisher, last_at);

-- What is stored and is to be sent again or for the first time, unit by unit.
create table publishing_replays (
  replay_id bigint generated always as identity primary key,
  publisher text collate "C" not null,
  -- Asked instead of the filters of site and publisher, if there is one.
  expression text,
  stored_from timestamptz not null,
  stored_till timestamptz not null,
  again boolean not null,
  status text not null default 'INITIAL' check (status in ('INITIAL', 'SUCCESS', 'FAILED')),
  -- The last unit of which a graph was made.
  study_id uuid not null default '00000000-0000-0000-0000-000000000000',
  series_id uuid not null default '00000000-0000-0000-0000-000000000000',
  graphs integer not null default 0,
  created_at timestamptz not null
);
create index publishing_replays_left on publishing_replays (replay_id) where status = 'INITIAL';

create table publishing_graphs (
  graph_id bigint generated always as identity primary key,
  publisher text collate "C" not null,
  unit text not null check (unit in ('series', 'study', 'instance')),
  origin text not null check (origin in ('arrival', 'replay', 'send', 'publish-back')),
  -- By which whoever makes a graph a second time after a crash finds that it is there.
  cause text,
  reference_uid text collate "C" not null,
  study_instance_uid text collate "C" not null,
  series_instance_uid text collate "C",
  -- Asked instead of the filters of site and publisher, if there is one.
  expression text,
  -- Whether what was accepted before is sent, too.
  again boolean not null default false,
  status text not null default 'INITIAL' check (status in ('INITIAL', 'SUCCESS', 'FAILED')),
  failure text,
  note text,
  -- Late instances make another wave of the same graph.
  waves integer not null default 0,
  batches integer not null default 0,
  instances integer not null default 0,
  selected integer not null default 0,
  delivered integer not null default 0,
  tasks_initial integer not null default 0,
  tasks_success integer not null default 0,
  tasks_failed integer not null default 0,
  configuration_version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz
);
create unique index publishing_graphs_of_arrivals on publishing_graphs (publisher, reference_uid, study_instance_uid, unit)
  where origin = 'arrival';
create unique index publishing_graphs_of_causes on publishing_graphs (publisher, cause) where cause is not null;
create index publishing_graphs_updated on publishing_graphs (updated_at, graph_id);
create index publishing_graphs_created on publishing_graphs (created_at, graph_id);
create index publishing_graphs_of_publisher on publishing_graphs (publisher, updated_at, graph_id);
create index publishing_graphs_status on publishing_graphs (status, updated_at, graph_id);
create index publishing_graphs_of_study on publishing_graphs (study_instance_uid);

-- What a graph is about. It stays when the instance is erased.
create table publishing_instances (
  graph_id bigint not null references publishing_graphs on delete cascade,
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  study_instance_uid text collate "C" not null,
  series_instance_uid text collate "C" not null,
  sop_instance_uid text collate "C" not null,
  sort_number double precision not null,
  wave integer not null,
  -- Those with the same number are sent together, by the tasks with that number.
  batch integer,
  state text not null check (state in ('new', 'excluded', 'selected', 'accepted', 'refused', 'gone')),
  -- Of the stored file that this is about.
  source_sha256 bytea not null,
  -- The file that was made of it to be sent, until that is over.
  prepared jsonb,
  answer text,
  primary key (graph_id, study_id, series_id, instance_id)
);
create index publishing_instances_of_batch on publishing_instances (graph_id, batch);
create index publishing_instances_of_study on publishing_instances (study_id, series_id, instance_id, graph_id);

create table publishing_tasks (
  task_id bigint generated by default as identity primary key,
  graph_id bigint not null references publishing_graphs on delete cascade,
  publisher text collate "C" not null,
  type text not null check (type in ('filter', 'compress', 'anonymise', 'upload', 'confirm', 'results', 'publish-back')),
  wave integer not null,
  batch integer,
  deps bigint[] not null default '{}',
  -- How many of these have not succeeded yet.
  waits_for integer not null,
  status text not null default 'INITIAL' check (status in ('INITIAL', 'SUCCESS', 'FAILED')),
  failure text,
  note text,
  attempts integer not null default 0,
  -- How often it was begun: who has begun it proves by it that nobody else has since.
  claims integer not null default 0,
  -- How often it was taken over from a node that has died.
  takeovers integer not null default 0,
  due_at timestamptz not null,
  -- When the last of those that it waits for had succeeded.
  ready_at timestamptz,
  leased_by text,
  leased_until timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  done integer not null default 0,
  total integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index publishing_tasks_due on publishing_tasks (publisher, due_at, task_id) where status = 'INITIAL' and waits_for = 0;
create index publishing_tasks_running on publishing_tasks (publisher) where leased_until is not null;
create index publishing_tasks_of_graph on publishing_tasks (graph_id, task_id);
create index publishing_tasks_updated on publishing_tasks (updated_at, task_id);
create index publishing_tasks_created on publishing_tasks (created_at, task_id);
create index publishing_tasks_status on publishing_tasks (status, updated_at, task_id);

-- Files that are made to be sent: written down before they are written, and until they are to be deleted.
create table publishing_blobs (
  blob_key text collate "C" primary key,
  graph_id bigint not null
);
create index publishing_blobs_of_graph on publishing_blobs (graph_id);

-- When the next instance or byte may leave, where that is limited; one rate for all nodes.
create table publishing_rates (
  publisher text collate "C" not null,
  kind text not null check (kind in ('instances', 'bytes')),
  free_at timestamptz not null,
  primary key (publisher, kind)
);

-- What has left: the ledger, a row for each publisher and version of an instance. It outlives graphs and instances.
create table deliveries (
  publisher text collate "C" not null,
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  -- Of the stored file.
  source_sha256 bytea not null,
  study_instance_uid text collate "C" not null,
  series_instance_uid text collate "C" not null,
  sop_instance_uid text collate "C" not null,
  status text not null check (status in ('accepted', 'refused')),
  answer text not null,
  -- What left, as the receiver knows it.
  sent_study_instance_uid text collate "C" not null,
  sent_series_instance_uid text collate "C" not null,
  sent_sop_instance_uid text collate "C" not null,
  sop_class_uid text collate "C" not null,
  transfer_syntax_uid text collate "C" not null,
  size bigint not null,
  sha256 bytea not null,
  sent_at timestamptz not null,
  confirmed_at timestamptz,
  confirmation text,
  graph_id bigint not null,
  primary key (study_id, series_id, instance_id, publisher, source_sha256)
);
