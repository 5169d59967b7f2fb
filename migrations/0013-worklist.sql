-- Scheduled procedure steps that modalities ask for. The columns narrow what is looked at; the data set decides.
create table worklist_items (
  item_id text collate "C" primary key,
  -- YYYYMMDD.
  start_date text collate "C" not null,
  modality text collate "C" not null,
  station_ae_titles text[] collate "C" not null,
  patient_id text collate "C" not null,
  accession_number text collate "C",
  -- DICOM JSON, as it was given.
  data_set json not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index worklist_items_by_date on worklist_items (start_date, item_id);
create index worklist_items_by_patient on worklist_items (patient_id);
