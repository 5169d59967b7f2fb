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
