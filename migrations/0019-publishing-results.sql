-- What came back from publishers, by the names that they give it: nothing is fetched twice.
create table publishing_results (
  publisher text collate "C" not null,
  result_id text collate "C" not null,
  graph_id bigint not null references publishing_graphs on delete cascade,
  -- Of the graph, when it was fetched.
  wave integer not null,
  -- As what it is stored here; null for what is not.
  study_instance_uid text collate "C",
  series_instance_uid text collate "C",
  sop_instance_uid text collate "C",
  -- In words.
  answer text not null,
  at timestamptz not null,
  primary key (publisher, result_id)
);
create index publishing_results_of_graph on publishing_results (graph_id);
