-- Pseudonyms of publishers, and what they stand for. All that could lead back is encrypted by a key that is not in the
-- database: from these tables alone nobody is known again.
create table vault_keys (
  publisher text collate "C" primary key,
  sealed bytea not null
);

-- A pseudonym of a UID is one of a UUID (PS3.5 §B.2), kept as such.
create table vault_uids (
  publisher text collate "C" not null,
  pseudonym uuid not null,
  sealed bytea not null,
  primary key (publisher, pseudonym)
);

-- What patient and study were when the first of a study was sent, by the pseudonym of the study.
create table vault_studies (
  publisher text collate "C" not null,
  pseudonym uuid not null,
  sealed bytea not null,
  primary key (publisher, pseudonym)
);
