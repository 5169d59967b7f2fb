import type pg from 'pg';
import { mayBeThere } from './deliveries.ts';
import { isKey, keyColumns, unnestedKeys } from './instance-key.ts';
import type { ClaimedTask } from './publishing-claims.ts';
import type { InstanceEnd, SentFile } from './publishing-instances.ts';

function hasLeft(end: InstanceEnd): end is Extract<InstanceEnd, { readonly sent: SentFile }> {
  return end.status === 'accepted' || end.status === 'refused';
}

/**
 * Writes down what has left. What was accepted stays accepted, unless the receiver has said since that it does not have it; what
 * is sent anew is to be confirmed anew. Of what it has accepted without doubt it says rightly that it has it already when the
 * same bytes come again to the same place: it only found them late. Any other doubt is one, whatever it said before: it may
 * have put something else in its place.
 * @param isMine whether nobody else has taken the task over: who has may have asked the receiver since, whose word stands
 */
export async function writeLedger(
  client: pg.ClientBase,
  task: ClaimedTask,
  ends: readonly InstanceEnd[],
  now: Date,
  isMine: boolean,
): Promise<void> {
  const sent = ends.filter(hasLeft);
  if (sent.length === 0) return;
  await client.query(
    `insert into deliveries as known (publisher, study_id, series_id, instance_id, source_sha256, study_instance_uid,
       series_instance_uid, sop_instance_uid, status, answer, sent_study_instance_uid, sent_series_instance_uid,
       sent_sop_instance_uid, sop_class_uid, transfer_syntax_uid, size, sha256, sent_at, graph_id, in_doubt, place)
     select $1, keys.study_id, keys.series_id, keys.instance_id, keys.source_sha256, one.study_instance_uid,
       one.series_instance_uid, one.sop_instance_uid, status, keys.answer, sent ->> 'studyInstanceUid',
       sent ->> 'seriesInstanceUid', sent ->> 'sopInstanceUid', sent ->> 'sopClassUid', sent ->> 'transferSyntaxUid',
       (sent ->> 'size')::bigint, decode(sent ->> 'sha256', 'hex'), $2, $3, keys.in_doubt, keys.place
     from ${unnestedKeys(5, [
       { name: 'source_sha256', type: 'bytea' },
       { name: 'status', type: 'text' },
       { name: 'answer', type: 'text' },
       { name: 'sent', type: 'jsonb' },
       { name: 'in_doubt', type: 'boolean' },
       { name: 'place', type: 'text' },
     ])} join publishing_instances one on one.graph_id = $3::bigint and ${isKey('one')}
     on conflict (study_id, series_id, instance_id, publisher, source_sha256) do update set
       status = excluded.status, answer = excluded.answer, sent_at = excluded.sent_at, graph_id = excluded.graph_id,
       sent_study_instance_uid = excluded.sent_study_instance_uid, sent_series_instance_uid = excluded.sent_series_instance_uid,
       sent_sop_instance_uid = excluded.sent_sop_instance_uid, sop_class_uid = excluded.sop_class_uid,
       transfer_syntax_uid = excluded.transfer_syntax_uid, size = excluded.size, sha256 = excluded.sha256,
       confirmed_at = null, confirmation = null, missing = false,
       in_doubt = excluded.in_doubt and (excluded.answer not like '%${mayBeThere}' or known.status <> 'accepted'
         or known.in_doubt or known.sha256 <> excluded.sha256 or known.place is distinct from excluded.place),
       place = excluded.place
     where case when $4::boolean then excluded.status = 'accepted' or known.status = 'refused' or known.missing
       else excluded.status = 'accepted' and known.status = 'refused' end`,
    [
      task.publisher,
      now,
      task.graphId,
      isMine,
      ...keyColumns(sent),
      sent.map(({ sourceSha256 }) => sourceSha256),
      sent.map(({ status }) => status),
      sent.map(({ answer }) => answer),
      sent.map((end) => JSON.stringify(end.sent)),
      sent.map(({ inDoubt }) => inDoubt === true),
      sent.map(({ place }) => place ?? null),
    ],
  );
}
