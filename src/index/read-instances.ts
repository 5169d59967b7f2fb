import type pg from 'pg';
import type { IndexedMetadata, IndexTarget, InstanceTarget } from './instance-index.ts';
import type { IndexedInstance } from './instance-record.ts';
import { persistently } from './postgres-errors.ts';
import { keyCondition, keyValues, targetKey } from './target-key.ts';

interface InstanceRow {
  readonly sort_number: number;
  readonly instance_id: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
  readonly sop_class_uid: string;
  readonly transfer_syntax_uid: string;
  readonly frames: number;
  readonly blob_key: string;
  readonly size: string;
  readonly sha256: Buffer;
  readonly data_set_offset: string;
  readonly deflated: boolean;
}

interface MetadataRow {
  readonly sort_number: number;
  readonly instance_id: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
  readonly metadata: Buffer;
}

const uidColumns = 'study_instance_uid, series_instance_uid, sop_instance_uid';
const instanceColumns = `${uidColumns}, sop_class_uid, transfer_syntax_uid, frames, blob_key, size, sha256, data_set_offset, deflated`;
const joined = 'instances join series using (study_id, series_id) join studies using (study_id)';

/** Rows of the first batch, so that the first byte of an answer leaves soon. */
const firstBatch = 4;
const largestBatch = 256;
/** Aim of a batch of metadata: some megabytes, however large the metadata of one instance is. */
const batchBytes = 2_097_152;

/** @returns undefined if it is not there */
export async function readInstance(pool: pg.Pool, target: InstanceTarget): Promise<IndexedInstance | undefined> {
  const key = targetKey(target);
  const { rows } = await persistently(() =>
    pool.query<InstanceRow>({
      name: 'instance',
      text: `select ${instanceColumns} from ${joined} where ${keyCondition(key)}`,
      values: keyValues(key),
    }),
  );
  return rows[0] && instanceOf(rows[0]);
}

/** Instances of a target in series number, then instance number order, a batch at a time. */
export async function* readInstances(pool: pg.Pool, target: IndexTarget): AsyncGenerator<IndexedInstance> {
  for await (const row of readInOrder<InstanceRow>(pool, target, 'instances', instanceColumns, () => 256)) {
    yield instanceOf(row);
  }
}

/** Metadata of a target in the same order. */
export async function* readMetadata(pool: pg.Pool, target: IndexTarget): AsyncGenerator<IndexedMetadata> {
  const bytes = (row: MetadataRow) => row.metadata.length;
  for await (const row of readInOrder<MetadataRow>(pool, target, 'metadata', `${uidColumns}, metadata`, bytes)) {
    yield {
      studyInstanceUid: row.study_instance_uid,
      seriesInstanceUid: row.series_instance_uid,
      sopInstanceUid: row.sop_instance_uid,
      metadata: row.metadata,
    };
  }
}

async function* readInOrder<Row extends { readonly sort_number: number; readonly instance_id: string }>(
  pool: pg.Pool,
  target: IndexTarget,
  name: string,
  columns: string,
  bytesOf: (row: Row) => number,
): AsyncGenerator<Row> {
  const { study, series, instance } = targetKey(target);
  let limit = firstBatch;
  for (const seriesKey of series === undefined ? await seriesInOrder(pool, study) : [series]) {
    let after = ['-Infinity', '00000000-0000-0000-0000-000000000000'];
    for (;;) {
      const query =
        instance === undefined
          ? {
              name: `${name}-in-order`,
              text: `select sort_number, instance_id, ${columns} from ${joined}
                     where study_id = $1 and series_id = $2 and (sort_number, instance_id) > ($3, $4)
                     order by sort_number, instance_id limit $5`,
              values: [study, seriesKey, ...after, limit],
            }
          : {
              name: `${name}-of-one`,
              text: `select sort_number, instance_id, ${columns} from ${joined}
                     where study_id = $1 and series_id = $2 and instance_id = $3`,
              values: [study, seriesKey, instance],
            };
      const { rows } = await persistently(() => pool.query<Row>(query));
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || instance !== undefined || rows.length < limit) break;
      after = [String(last.sort_number), last.instance_id];
      limit = nextLimit(limit, rows.reduce((sum, row) => sum + bytesOf(row), 0) / rows.length);
    }
  }
}

function nextLimit(limit: number, bytesARow: number): number {
  const fitting = Math.floor(batchBytes / Math.max(bytesARow, 1));
  return Math.max(1, Math.min(limit * 8, largestBatch, fitting));
}

async function seriesInOrder(pool: pg.Pool, studyKey: string): Promise<string[]> {
  const { rows } = await persistently(() =>
    pool.query<{ series_id: string }>({
      name: 'series-in-order',
      text: 'select series_id from series where study_id = $1 order by series_number nulls last, series_id',
      values: [studyKey],
    }),
  );
  return rows.map(({ series_id }) => series_id);
}

/**
 * The instance in the middle of a series, or of the first series that has pixel data; one without pixel data only where
 * nothing else is there.
 */
export async function readMiddleInstance(pool: pg.Pool, target: IndexTarget): Promise<IndexedInstance | undefined> {
  const { study, series, instance } = targetKey(target);
  const { rows } = await persistently(() =>
    pool.query<InstanceRow>({
      name: 'middle-instance',
      text: `
        select ${instanceColumns}
        from (
          select study_id, series_id, number_of_series_related_instances as instances from series se
          where study_id = $1 and ($2::uuid is null or series_id = $2)
          order by exists (select from instances where study_id = se.study_id and series_id = se.series_id and pixel_kind is not null) desc,
            series_number nulls last, series_id
          limit 1
        ) shown
        cross join lateral (
          (select true as middle, instance_id from instances
           where study_id = shown.study_id and series_id = shown.series_id and ($3::uuid is null or instance_id = $3)
           order by sort_number, instance_id
           offset case when $3::uuid is null then (shown.instances - 1) / 2 else 0 end limit 1)
          union all
          (select false, instance_id from instances
           where study_id = shown.study_id and series_id = shown.series_id and pixel_kind is not null and $3::uuid is null
           order by sort_number, instance_id limit 1)
        ) candidate
        join instances using (study_id, series_id, instance_id)
        join series using (study_id, series_id) join studies using (study_id)
        order by pixel_kind is not null desc, middle desc limit 1`,
      values: [study, series ?? null, instance ?? null],
    }),
  );
  return rows[0] && instanceOf(rows[0]);
}

/** A digest of the metadata of every instance of a target. */
export async function readMetadataDigest(pool: pg.Pool, target: IndexTarget): Promise<Buffer | undefined> {
  const key = targetKey(target);
  const { rows } = await persistently(() =>
    pool.query<{ digest: Buffer | null }>({
      name: `metadata-digest-${keyValues(key).length}`,
      text: `select sha256(string_agg(uuid_send(instance_id) || uuid_send(metadata_digest), ''::bytea order by series_id, instance_id)) as digest
             from instances where ${keyCondition(key)}`,
      values: keyValues(key),
    }),
  );
  return rows[0]?.digest ?? undefined;
}

function instanceOf(row: InstanceRow): IndexedInstance {
  return {
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid,
    sopInstanceUid: row.sop_instance_uid,
    sopClassUid: row.sop_class_uid,
    transferSyntaxUid: row.transfer_syntax_uid,
    frames: row.frames,
    blobKey: row.blob_key,
    size: Number(row.size),
    sha256: row.sha256,
    dataSetOffset: Number(row.data_set_offset),
    deflated: row.deflated,
  };
}
