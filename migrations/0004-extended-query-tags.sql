-- Attributes that an administrator has made searchable beyond src/index/indexed-attributes.ts. Adding one starts an
-- operation that reads what is stored; it goes on where it was when it is interrupted, as its place is kept here.
create table reindex_operations (
  operation_id uuid primary key,
  stage text not null default 'waiting' check (stage in ('waiting', 'studies', 'series', 'instances', 'completed')),
  -- The last row that was read in this stage.
  study_id uuid not null default '00000000-0000-0000-0000-000000000000',
  series_id uuid not null default '00000000-0000-0000-0000-000000000000',
  instance_id uuid not null default '00000000-0000-0000-0000-000000000000',
  -- Rows, of all stages.
  done bigint not null default 0,
  total bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index reindex_operations_running on reindex_operations (created_at) where stage <> 'completed';

create table extended_query_tags (
  tag_id integer generated always as identity primary key,
  path text collate "C" not null unique,
  vr text not null,
  level text not null check (level in ('study', 'series', 'instance')),
  private_creator text,
  operation_id uuid not null references reindex_operations
);

-- One row a value; an entity without a value has none. No reference to the tag: whoever stores an instance does not wait
-- for somebody who deletes a tag, and ids of tags are never given again.
create table extended_study_values (
  tag_id integer not null,
  study_id uuid not null references studies on delete cascade,
  value text collate "C",
  number double precision
);
create table extended_series_values (
  tag_id integer not null,
  study_id uuid not null,
  series_id uuid not null,
  value text collate "C",
  number double precision,
  foreign key (study_id, series_id) references series on delete cascade
);
create table extended_instance_values (
  tag_id integer not null,
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  value text collate "C",
  number double precision,
  foreign key (study_id, series_id, instance_id) references instances on delete cascade
);

create index extended_study_values_of on extended_study_values (study_id, tag_id);
create index extended_study_values_by on extended_study_values (tag_id, value, number);
create index extended_series_values_of on extended_series_values (study_id, series_id, tag_id);
create index extended_series_values_by on extended_series_values (tag_id, value, number);
create index extended_instance_values_of on extended_instance_values (study_id, series_id, instance_id, tag_id);
create index extended_instance_values_by on extended_instance_values (tag_id, value, number);
