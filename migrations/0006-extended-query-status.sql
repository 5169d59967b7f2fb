-- An administrator may keep searches from using a tag without losing its values; they go on being written.
alter table extended_query_tags add column queries_enabled boolean not null default true;
