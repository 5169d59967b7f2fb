-- The index of what is stored. Keys are the first 16 bytes of the SHA-256 of the UID, written as a uuid: nodes agree on
-- them without asking, and the instances of a study lie together. Columns that are matched follow
-- src/index/indexed-attributes.ts; `attributes` and `metadata` hold DICOM JSON, raw deflate.

create extension if not exists pg_trgm;

create table studies (
  study_id uuid primary key,

  patient_name text collate "C",
  patient_identifier text collate "C",
  issuer_of_patient_id text collate "C",
  patient_birth_date text collate "C",
  patient_birth_time text collate "C",
  patient_sex text collate "C",
  other_patient_ids text[] collate "C",
  other_patient_names text collate "C",
  ethnic_group text collate "C",
  patient_comments text collate "C",
  other_patient_id_items jsonb,

  study_instance_uid text collate "C" not null,
  study_date text collate "C",
  study_time text collate "C",
  accession_number text collate "C",
  referring_physician_name text collate "C",
  study_description text collate "C",
  physicians_of_record text collate "C",
  name_of_physicians_reading_study text collate "C",
  admitting_diagnoses_description text collate "C",
  patient_age text collate "C",
  patient_size double precision,
  patient_weight double precision,
  occupation text collate "C",
  additional_patient_history text collate "C",
  study_identifier text collate "C",
  requesting_physician text collate "C",
  admission_id text collate "C",
  procedure_code_items jsonb,
  multi_valued boolean not null,

  modalities_in_study text[] collate "C" not null,
  sop_classes_in_study text[] collate "C" not null,
  number_of_study_related_series integer not null,
  number_of_study_related_instances integer not null,

  attributes bytea not null,
  attributes_digest uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 75);

alter table studies alter column attributes set storage external;

create index studies_newest on studies (study_date desc nulls last, study_instance_uid);
create index studies_patient_identifier on studies (patient_identifier);
create index studies_accession_number on studies (accession_number);
create index studies_modalities on studies using gin (modalities_in_study);
create index studies_patient_name_infix on studies using gin (patient_name gin_trgm_ops);
create index studies_referring_physician_infix on studies using gin (referring_physician_name gin_trgm_ops);
create index studies_accession_number_infix on studies using gin (accession_number gin_trgm_ops);

create table series (
  study_id uuid not null references studies on delete cascade,
  series_id uuid not null,

  series_instance_uid text collate "C" not null,
  series_date text collate "C",
  series_time text collate "C",
  modality text collate "C",
  manufacturer text collate "C",
  institution_name text collate "C",
  station_name text collate "C",
  series_description text collate "C",
  institutional_department_name text collate "C",
  performing_physician_name text collate "C",
  operators_name text collate "C",
  manufacturer_model_name text collate "C",
  body_part_examined text collate "C",
  device_serial_number text collate "C",
  protocol_name text collate "C",
  patient_position text collate "C",
  series_number double precision,
  frame_of_reference_uid text collate "C",
  laterality text collate "C",
  performed_procedure_step_start_date text collate "C",
  performed_procedure_step_start_time text collate "C",
  performed_procedure_step_id text collate "C",
  performed_procedure_step_description text collate "C",
  request_attribute_items jsonb,
  multi_valued boolean not null,

  number_of_series_related_instances integer not null,

  attributes bytea not null,
  attributes_digest uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (study_id, series_id)
) with (fillfactor = 75);

alter table series alter column attributes set storage external;

create index series_id on series (series_id);
create index series_performed_on on series (performed_procedure_step_start_date)
  where performed_procedure_step_start_date is not null;

create table instances (
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  -- The instance number, or infinity: what instances of a series are sorted by.
  sort_number double precision not null,

  sop_instance_uid text collate "C" not null,
  sop_class_uid text collate "C" not null,
  image_type text[] collate "C",
  instance_creation_date text collate "C",
  instance_creation_time text collate "C",
  acquisition_date text collate "C",
  acquisition_time text collate "C",
  acquisition_date_time text collate "C",
  content_date text collate "C",
  content_time text collate "C",
  acquisition_number double precision,
  instance_number double precision,
  photometric_interpretation text collate "C",
  number_of_frames double precision,
  rows_of_pixels double precision,
  columns_of_pixels double precision,
  bits_allocated double precision,
  completion_flag text collate "C",
  verification_flag text collate "C",
  document_title text collate "C",
  content_label text collate "C",
  content_description text collate "C",
  concept_name_code_items jsonb,
  multi_valued boolean not null,

  transfer_syntax_uid text collate "C" not null,
  blob_key text collate "C" not null,
  size bigint not null,
  sha256 bytea not null,
  data_set_offset bigint not null,
  deflated boolean not null,
  metadata bytea not null,
  metadata_digest uuid not null,
  -- Where each value lies that metadata refers to: path -> [offset, length, vr, big endian].
  bulk jsonb,

  frames integer not null,
  pixel_kind text check (pixel_kind in ('native', 'encapsulated')),
  pixel_tag text collate "C",
  pixel_vr text collate "C",
  pixel_offset bigint,
  pixel_length bigint,
  pixel_big_endian boolean,
  bits_per_frame bigint,
  frame_mapping text check (frame_mapping in ('starts', 'one-to-one', 'unknown')),
  -- As in src/dicom/fragment-table.ts; stored uncompressed, so that one frame's entries are cut out of it.
  fragments bytea,
  frame_starts bytea,

  door text not null,
  calling_ae_title text,
  address text,
  created_at timestamptz not null default now(),
  primary key (study_id, series_id, instance_id),
  foreign key (study_id, series_id) references series on delete cascade
);

alter table instances alter column metadata set storage external;
alter table instances alter column fragments set storage external;
alter table instances alter column frame_starts set storage external;

-- Over an expression, so that no plan takes it for the primary key: statistics cannot tell the two apart, and looking up
-- one instance here would read its whole series.
create index instances_in_order on instances (uuid_send(series_id), sort_number, instance_id);
create index instances_id on instances (instance_id);
create index instances_blob on instances using hash (blob_key);

-- Study and series attributes that differed between instances. The tables above hold what came last; here is every
-- version that there was. Of a study, series_id is nil.
create table disagreements (
  study_id uuid not null references studies on delete cascade,
  series_id uuid not null,
  attributes_digest uuid not null,
  attributes bytea not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (study_id, series_id, attributes_digest)
);

create function record_study_disagreement() returns trigger language plpgsql as $$
begin
  insert into disagreements (study_id, series_id, attributes_digest, attributes)
  values (old.study_id, '00000000-0000-0000-0000-000000000000', old.attributes_digest, old.attributes),
         (new.study_id, '00000000-0000-0000-0000-000000000000', new.attributes_digest, new.attributes)
  on conflict (study_id, series_id, attributes_digest) do update set last_seen_at = now();
  return new;
end $$;

create function record_series_disagreement() returns trigger language plpgsql as $$
begin
  insert into disagreements (study_id, series_id, attributes_digest, attributes)
  values (old.study_id, old.series_id, old.attributes_digest, old.attributes),
         (new.study_id, new.series_id, new.attributes_digest, new.attributes)
  on conflict (study_id, series_id, attributes_digest) do update set last_seen_at = now();
  return new;
end $$;

create trigger record_disagreement before update on studies
  for each row when (old.attributes_digest <> new.attributes_digest) execute function record_study_disagreement();
create trigger record_disagreement before update on series
  for each row when (old.attributes_digest <> new.attributes_digest) execute function record_series_disagreement();

-- What was erased, so that asking for it answers 410. Nil stands for all of a level below.
create table erased (
  study_id uuid not null,
  series_id uuid not null,
  instance_id uuid not null,
  erased_at timestamptz not null default now(),
  primary key (study_id, series_id, instance_id)
);

-- Blobs that no row refers to any more: written where the row goes, taken away when the blob is gone.
create table blobs_to_delete (
  blob_key text collate "C" primary key,
  since timestamptz not null default now()
);

-- What happened, in order. Transactions commit in another order than they write, so `sequence` is given afterwards, to
-- rows that no running transaction can still come before: readers see 1, 2, 3 … and miss nothing.
create table changes (
  change_id bigint generated always as identity primary key,
  transaction_id bigint not null default (pg_current_xact_id()::text::bigint),
  sequence bigint,
  action text not null check (action in ('created', 'replaced', 'erased')),
  study_instance_uid text collate "C" not null,
  series_instance_uid text collate "C" not null,
  sop_instance_uid text collate "C" not null,
  at timestamptz not null default clock_timestamp()
);

create unique index changes_sequence on changes (sequence) where sequence is not null;
create index changes_unnumbered on changes (transaction_id, change_id) where sequence is null;

create table last_change (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null
);
insert into last_change (sequence) values (0);
