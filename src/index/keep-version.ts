import type pg from 'pg';
import type { InstanceRows } from './instance-rows.ts';
import { instanceValueColumns } from './instance-rows.ts';

/** What of an instance differs between its versions. */
export const versionColumns = [
  'sop_class_uid',
  'transfer_syntax_uid',
  'frames',
  'blob_key',
  'size',
  'sha256',
  'data_set_offset',
  'deflated',
  'metadata',
];

/** Keeps a version of an instance as what it was when it came, in place of what was taken for that. */
export async function keepVersion(
  client: pg.Pool | pg.ClientBase,
  { studyKey, seriesKey, instanceKey, instance }: InstanceRows,
): Promise<void> {
  const values = versionColumns.map(
    (name) => instance[instanceValueColumns.findIndex((column) => column.name === name)],
  );
  const parameters = versionColumns.map((_, at) => `$${at + 4}`);
  await client.query(
    `insert into original_instances (study_id, series_id, instance_id, ${versionColumns.join(', ')})
     values ($1, $2, $3, ${parameters.join(', ')})
     on conflict (study_id, series_id, instance_id) do update set (${versionColumns.join(', ')}) = (${parameters.join(', ')})`,
    [studyKey, seriesKey, instanceKey, ...values],
  );
}
