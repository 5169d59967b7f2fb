-- How many rows hold a part of a text is guessed from values of the histogram. Among the hundred that Postgres keeps
-- unless told otherwise, one that happens to hold a rare part makes it look common, and the plan then reads studies from
-- the newest on until a page is full, which is most of the table.
alter table studies
  alter column patient_name set statistics 500,
  alter column patient_identifier set statistics 500,
  alter column accession_number set statistics 500,
  alter column referring_physician_name set statistics 500,
  alter column study_description set statistics 500;
analyze studies;
