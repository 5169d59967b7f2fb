-- What a site has decided about forwarding, every version of it. Secrets are not in the document; they are encrypted by a
-- key that is not in the database. `attempt` tells a write that is tried again from that of somebody else.
create table configuration_versions (
  version integer primary key check (version > 0),
  at timestamptz not null default now(),
  by text not null,
  comment text not null,
  document json not null,
  secrets bytea not null,
  attempt uuid not null
);
