-- A text column may hold several values, joined by a backslash, where the Standard allows one. Looking for an exact value
-- asks for the column or for one of these few rows; without this index that "or" would read the whole table.
create index studies_multi_valued on studies (study_id) where multi_valued;
create index series_multi_valued on series (study_id) where multi_valued;

-- The whole order in which studies are answered, so that a page far behind is found in the index alone.
drop index studies_newest;
create index studies_newest on studies (study_date desc nulls last, study_time desc nulls last, study_instance_uid)
  include (study_id);

-- Viewers look for parts of these.
create index studies_patient_identifier_infix on studies using gin (patient_identifier gin_trgm_ops);
create index studies_study_description_infix on studies using gin (study_description gin_trgm_ops);

create index studies_patient_birth_date on studies (patient_birth_date);
create index studies_study_identifier on studies (study_identifier);
create index series_modality on series (modality);

-- A part of less than three characters is looked for without these indexes, which would be read as a whole; the
-- appended '' hides a column from them, and this tells the planner what to expect of it all the same.
create statistics studies_patient_name_text on (patient_name || '') from studies;
create statistics studies_patient_identifier_text on (patient_identifier || '') from studies;
create statistics studies_accession_number_text on (accession_number || '') from studies;
create statistics studies_study_description_text on (study_description || '') from studies;
create statistics studies_referring_physician_name_text on (referring_physician_name || '') from studies;
