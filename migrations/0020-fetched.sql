-- When a study was last asked for through the bridge, where what is fetched from peers is not kept for good. Its instances
-- that came so have the door `bridge`; those of any other door are nobody's to erase.
create table fetched_studies (
  study_id uuid primary key,
  study_instance_uid text collate "C" not null,
  last_asked_at timestamptz not null default now()
);
create index fetched_studies_asked on fetched_studies (last_asked_at, study_id);
