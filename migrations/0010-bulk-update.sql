-- Patient and study attributes of stored studies are corrected by operations that write each instance anew. What it was
-- when it came is kept beside it until it is erased; versions in between are not.
create table original_instances (
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  sop_class_uid text collate "C" not null,
  transfer_syntax_uid text collate "C" not null,
  frames integer not null,
  blob_key text collate "C" not null,
  size bigint not null,
  sha256 bytea not null,
  data_set_offset bigint not null,
  deflated boolean not null,
  metadata bytea not null,
  replaced_at timestamptz not null default now(),
  primary key (study_id, series_id, instance_id),
  foreign key (study_id, series_id, instance_id) references instances on delete cascade
);
alter table original_instances alter column metadata set storage external;
create index original_instances_blob on original_instances using hash (blob_key);

create table update_operations (
  operation_id uuid primary key,
  status text not null default 'notStarted' check (status in ('notStarted', 'running', 'completed', 'failed')),
  study_instance_uids text[] collate "C" not null,
  -- DICOM JSON.
  change jsonb not null,
  -- The study in hand, from 1, and the last instance of it that was looked at.
  study_number integer not null default 1,
  series_id uuid not null default '00000000-0000-0000-0000-000000000000',
  instance_id uuid not null default '00000000-0000-0000-0000-000000000000',
  -- The blob that is being written: where no row refers to it, a crash has left it.
  writing_blob_key text collate "C",
  -- Instances of the study in hand that could not be updated.
  failed_of_study integer not null default 0,
  studies_updated integer not null default 0,
  studies_failed integer not null default 0,
  instances_updated bigint not null default 0,
  done bigint not null default 0,
  total bigint not null default 0,
  errors text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index update_operations_running on update_operations (created_at) where status in ('notStarted', 'running');
