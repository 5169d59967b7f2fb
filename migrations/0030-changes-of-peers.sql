-- Who has made a peer known, changed or removed it, and when. Where images go, and who may ask for them, stands in it as much as
-- in the versions of the configuration. A row is written in the transaction of the change; none is changed or deleted.
create table peer_changes (
  change_id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  by text not null,
  action text not null check (action in ('added', 'changed', 'removed')),
  ae_title text not null,
  -- As it is from then on, without its passcode; null of one that is removed.
  peer jsonb
);
