-- Values of Specific Character Set that a peer understands, the best first, backslashes between several.
alter table peers add column character_sets text[] not null default '{}';

-- Answers to storage commitment requests for more instances than one row is to hold: what came before the last of them,
-- which is in the row of the report.
create table commitment_report_parts (
  request_id uuid not null,
  part integer not null,
  content jsonb not null,
  created_at timestamptz not null default now(),
  primary key (request_id, part)
);
alter table commitment_reports
  -- Null: there are no such parts.
  add column request_id uuid,
  add column earlier_failures boolean not null default false;
create index commitment_reports_by_request on commitment_reports (request_id) where request_id is not null;

-- What modalities tell of the steps that they perform (PS3.4 annex F).
create table performed_procedure_steps (
  sop_instance_uid text collate "C" primary key,
  -- Of the modality that told of it.
  ae_title text not null,
  -- Status, dates and series, as the worklist shows them.
  facts json not null,
  -- DICOM JSON.
  data_set json not null,
  -- Of the request that made it: one that is done again after its answer was lost finds its own.
  request_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table performed_of_scheduled_steps (
  study_instance_uid text collate "C" not null,
  step_id text collate "C" not null,
  sop_instance_uid text collate "C" not null references performed_procedure_steps on delete cascade,
  primary key (study_instance_uid, step_id, sop_instance_uid)
);
alter table worklist_items
  add column study_instance_uid text collate "C" not null default '',
  add column step_id text collate "C" not null default '';
update worklist_items set
  study_instance_uid = coalesce(data_set -> '0020000D' -> 'Value' ->> 0, ''),
  step_id = trim(coalesce(data_set -> '00400100' -> 'Value' -> 0 -> '00400009' -> 'Value' ->> 0, ''));
