-- Tables for people show what came last first. When the first instance of a study or series came never changes, so that
-- storing the others does not pay for these.
create index studies_arrived on studies (created_at desc, study_id desc) include (patient_identifier);
create index series_arrived on series (created_at desc, series_id desc);
-- What narrows a table of instances is in here as well, lest their wide rows be read.
create index instances_arrived on instances (created_at desc, instance_id desc)
  include (study_id, series_id, calling_ae_title);
