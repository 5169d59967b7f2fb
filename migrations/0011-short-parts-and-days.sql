-- Characters of a text, and pairs of characters that follow each other: what an index on trigrams cannot find. A pair
-- that holds U+0001 is not among them. Only of the texts in which a short part may be rare.
create function characters_and_pairs(text) returns text[] language sql immutable strict parallel safe as $$
  select string_to_array($1, null)
    || string_to_array(regexp_replace($1, '(..)', e'\\1\u0001', 'g'), e'\u0001')
    || string_to_array(regexp_replace(substr($1, 2), '(..)', e'\\1\u0001', 'g'), e'\u0001')
$$;

create index studies_patient_name_pairs on studies using gin (characters_and_pairs(patient_name));
create index studies_study_description_pairs on studies using gin (characters_and_pairs(study_description));

drop statistics studies_patient_name_text, studies_study_description_text;

-- With the name, so that studies with a part of it that many names have are found from the newest on in the index alone:
-- the rows of thousands of studies lie all over the table. What is rare is still looked up by its trigrams; finer
-- statistics tell the two apart. (The other texts would make entries of broken files too long for an index.)
drop index studies_newest;
create index studies_newest on studies (study_date desc nulls last, study_time desc nulls last, study_instance_uid)
  include (study_id, patient_name);
alter table studies alter column patient_name set statistics 1500;
-- Of pages that were not vacuumed since they were written, the table has to be read after all.
alter table studies set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);

-- How many studies each day has, of each modality and of any (''), so that a page far behind is found without counting
-- what lies before it. A study without a date is of the day ''.
create table study_days (
  modality text collate "C" not null,
  study_date text collate "C" not null,
  studies integer not null,
  primary key (modality, study_date) include (studies)
);

-- What is not in study_days yet. Rows are only added, so that nobody waits for the row of today.
create table study_day_changes (
  change_id bigint generated always as identity primary key,
  modality text collate "C" not null,
  study_date text collate "C" not null,
  studies integer not null
);

create function count_studies_that_came() returns trigger language plpgsql as $$
begin
  insert into study_day_changes (modality, study_date, studies)
  select modality, coalesce(study_date, ''), count(*)
  from came, unnest(array_append(array_remove(modalities_in_study, ''), '')) as modality
  group by 1, 2;
  return null;
end $$;

create function count_studies_that_went() returns trigger language plpgsql as $$
begin
  insert into study_day_changes (modality, study_date, studies)
  select modality, coalesce(study_date, ''), -count(*)
  from gone, unnest(array_append(array_remove(modalities_in_study, ''), '')) as modality
  group by 1, 2;
  return null;
end $$;

create function count_a_study_that_moved() returns trigger language plpgsql as $$
begin
  insert into study_day_changes (modality, study_date, studies)
  select modality, study_date, sum(studies)
  from (
    select coalesce(old.study_date, '') as study_date, unnest(array_append(array_remove(old.modalities_in_study, ''), '')) as modality, -1 as studies
    union all
    select coalesce(new.study_date, ''), unnest(array_append(array_remove(new.modalities_in_study, ''), '')), 1
  ) as moves
  group by 1, 2
  having sum(studies) <> 0;
  return null;
end $$;

create function count_no_studies() returns trigger language plpgsql as $$
begin
  delete from study_days;
  delete from study_day_changes;
  return null;
end $$;

create trigger count_studies_that_came after insert on studies referencing new table as came
  for each statement execute function count_studies_that_came();
create trigger count_studies_that_went after delete on studies referencing old table as gone
  for each statement execute function count_studies_that_went();
create trigger count_a_study_that_moved after update on studies for each row
  when (old.study_date is distinct from new.study_date or old.modalities_in_study <> new.modalities_in_study)
  execute function count_a_study_that_moved();
create trigger count_no_studies after truncate on studies
  for each statement execute function count_no_studies();

-- Whoever adds one in some hundred rows adds up all that are there, unless somebody else is at it.
create function add_up_study_days() returns trigger language plpgsql as $$
begin
  if not pg_try_advisory_xact_lock(5252002) then return null; end if;
  with gone as (delete from study_day_changes returning modality, study_date, studies)
  insert into study_days (modality, study_date, studies)
  select modality, study_date, sum(studies) from gone group by 1, 2
  on conflict (modality, study_date) do update set studies = study_days.studies + excluded.studies;
  return null;
end $$;

create trigger add_up_study_days after insert on study_day_changes for each row
  when (new.change_id % 200 = 0) execute function add_up_study_days();

insert into study_days (modality, study_date, studies)
select modality, coalesce(study_date, ''), count(*)
from studies, unnest(array_append(array_remove(modalities_in_study, ''), '')) as modality
group by 1, 2;
analyze studies;
