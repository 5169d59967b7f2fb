import type pg from 'pg';

/**
 * Counts a study anew, whose row the transaction has locked: its series and instances, their modalities and SOP classes.
 * Instances are looked at no further than it takes to find one of a SOP class that may be gone: whoever goes through a large
 * study one by one does not read all of it each time.
 * @param sopClasses of instances that went, and of those that came in their place
 * @param answered how late the answer may come, if not as the pool says
 */
export async function refreshStudy(
  client: pg.ClientBase,
  studyKey: string,
  { gone, come = [] }: { readonly gone: readonly string[]; readonly come?: readonly string[] },
  answered: { readonly query_timeout?: number } = {},
): Promise<void> {
  await client.query({
    ...answered,
    text: `update studies set
       number_of_study_related_instances =
         (select coalesce(sum(number_of_series_related_instances), 0) from series where study_id = $1),
       number_of_study_related_series = (select count(*) from series where study_id = $1),
       modalities_in_study = array(
         select distinct modality from series where study_id = $1 and modality is not null order by modality),
       sop_classes_in_study = array(
         select distinct one from unnest(sop_classes_in_study || $3::text[]) one
         where not (one = any ($2::text[])) or coalesce(
           (select true from instances where study_id = $1 and sop_class_uid = one limit 1), false)
         order by one),
       updated_at = now()
     where study_id = $1`,
    values: [studyKey, gone, come],
  });
}
