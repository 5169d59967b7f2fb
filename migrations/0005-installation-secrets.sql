-- Keys that are made once and the same for every node, and never leave the installation.
create table installation_secrets (
  name text primary key,
  secret bytea not null
);
