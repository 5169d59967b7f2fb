-- Values that a search by an extended query tag cannot find, one row an entity of the tag's level. The instance is the one
-- that brought them. No reference to the tag, as in the tables of values.
create table extended_query_tag_errors (
  error_id bigint generated always as identity primary key,
  tag_id integer not null,
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  message text not null,
  created_at timestamptz not null default now(),
  foreign key (study_id, series_id, instance_id) references instances on delete cascade
);
create index extended_query_tag_errors_of on extended_query_tag_errors (study_id, series_id, instance_id, tag_id);
create index extended_query_tag_errors_by on extended_query_tag_errors (tag_id, error_id);

-- The reading of what was stored before met an error: searches do not use the tag until an administrator wants them to.
-- That is decided once.
alter table extended_query_tags add column disabled_by_errors boolean not null default false;
