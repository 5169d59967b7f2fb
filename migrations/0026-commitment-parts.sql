-- How many parts of a report stand in commitment_report_parts: one that has lost any is not told as if it were whole.
alter table commitment_reports add column earlier_parts integer not null default 0;
update commitment_reports set earlier_parts = (
  select count(*) from commitment_report_parts where commitment_report_parts.request_id = commitment_reports.request_id);
