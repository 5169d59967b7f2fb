import type pg from 'pg';

/**
 * Counts a study anew, whose row the transaction has locked: its series and instances, their modalities and SOP classes.
 * @param answered how late the answer may come, if not as the pool says
 */
export async function refreshStudy(
  client: pg.ClientBase,
  studyKey: string,
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
         select distinct sop_class_uid from instances where study_id = $1 order by sop_class_uid),
       updated_at = now()
     where study_id = $1`,
    values: [studyKey],
  });
}
