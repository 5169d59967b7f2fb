-- Answers to storage commitment requests that their askers have not acknowledged yet.
create table commitment_reports (
  transaction_uid text not null,
  ae_title text not null,
  report jsonb not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  due_at timestamptz not null,
  primary key (ae_title, transaction_uid)
);
create index commitment_reports_due on commitment_reports (due_at);
