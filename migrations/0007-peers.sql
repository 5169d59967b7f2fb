-- DICOM nodes that are made known while the house runs; those of the configuration are not in here.
create table peers (
  ae_title text primary key,
  host text not null,
  port integer,
  -- Null: it is called without TLS.
  tls_check_host_name boolean,
  calling_ae_title text,
  may text[] not null,
  transfer_syntaxes text[] not null,
  on_different_content text,
  retrieve_by text not null,
  max_associations integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
