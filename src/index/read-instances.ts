import type pg from 'pg';
import type { IndexedMetadata, IndexTarget, InstanceTarget, InstanceVersion } from './instance-index.ts';
import type { IndexedInstance } from './instance-record.ts';
import { versionColumns } from './keep-version.ts';
import { persistently } from './postgres-errors.ts';
import { keyCondition, keyValues, targetKey } from './target-key.ts';
import { nilKey } from './uid-key.ts';

interface Uids {
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
}

interface OrderedRow {
  readonly sort_number: number;
  readonly instance_id: string;
  readonly sop_instance_uid: string;
}

interface LocationRow extends OrderedRow {
  readonly sop_class_uid: string;
  readonly transfer_syntax_uid: string;
  readonly frames: number;
  readonly blob_key: string;
  readonly size: string;
  readonly sha256: Buffer;
  readonly data_set_offset: string;
  readonly deflated: boolean;
}

interface MetadataRow extends OrderedRow {
  readonly metadata: Buffer;
}

const orderColumns = 'sort_number, instance_id, sop_instance_uid';
const locationColumns = `${orderColumns}, sop_class_uid, transfer_syntax_uid, frames, blob_key, size, sha256, data_set_offset, deflated`;

/** Every instance as it came: one that was not updated since is its own original. */
const originalsFirst = `(
  select now.study_id, now.series_id, now.instance_id, now.sort_number, now.sop_instance_uid,
    ${versionColumns.map((column) => `coalesce(original.${column}, now.${column}) as ${column}`).join(', ')}
  from instances now left join original_instances original using (study_id, series_id, instance_id)
) as versions`;

/** Rows of the first batch, so that the first byte of an answer leaves soon. */
const firstBatch = 4;
const largestBatch = 256;
/** Aim of a batch of metadata: some megabytes, however large the metadata of one instance is. */
const batchBytes = 2_097_152;

/** @returns undefined if it is not there */
export async function readInstance(pool: pg.Pool, target: InstanceTarget): Promise<IndexedInstance | undefined> {
  const key = targetKey(target);
  const { rows } = await persistently(() =>
    pool.query<LocationRow & Uids>({
      name: 'instance',
      text: `select study_instance_uid, series_instance_uid, ${locationColumns}
             from instances join series using (study_id, series_id) join studies using (study_id)
             where ${keyCondition(key)}`,
      values: keyValues(key),
    }),
  );
  return rows[0] && instanceOf(rows[0], rows[0]);
}

/** Those of these instances that are there, in the order asked. */
export async function readInstancesAmong(
  pool: pg.Pool,
  targets: readonly InstanceTarget[],
): Promise<IndexedInstance[]> {
  const keys = targets.map(targetKey);
  const { rows } = await persistently(() =>
    pool.query<LocationRow & Uids & { study_id: string; series_id: string }>({
      name: 'instances-among',
      text: `select study_id, series_id, study_instance_uid, series_instance_uid, ${locationColumns}
             from instances join series using (study_id, series_id) join studies using (study_id)
             where instance_id = any ($1::uuid[])`,
      values: [keys.map(({ instance }) => instance)],
    }),
  );
  const found = new Map(rows.map((row) => [`${row.study_id} ${row.series_id} ${row.instance_id}`, row]));
  return keys.flatMap(({ study, series, instance }) => {
    const row = found.get(`${study} ${series} ${instance}`);
    return row === undefined ? [] : [instanceOf(row, row)];
  });
}

/** Instances of a target in series number, then instance number order, a batch at a time. */
export async function* readInstances(
  pool: pg.Pool,
  target: IndexTarget,
  version: InstanceVersion = 'current',
): AsyncGenerator<IndexedInstance> {
  const read = readInOrder<LocationRow>(pool, target, version, 'locations', locationColumns, () => 500);
  for await (const [uids, row] of read) yield instanceOf(uids, row);
}

/** Metadata of a target in the same order. */
export async function* readMetadata(
  pool: pg.Pool,
  target: IndexTarget,
  version: InstanceVersion = 'current',
): AsyncGenerator<IndexedMetadata> {
  const bytesOf = (row: MetadataRow) => row.metadata.length;
  const read = readInOrder<MetadataRow>(pool, target, version, 'metadata', `${orderColumns}, metadata`, bytesOf);
  for await (const [uids, { sop_instance_uid, metadata }] of read) {
    yield {
      studyInstanceUid: uids.study_instance_uid,
      seriesInstanceUid: uids.series_instance_uid,
      sopInstanceUid: sop_instance_uid,
      metadata,
    };
  }
}

async function* readInOrder<Row extends OrderedRow>(
  pool: pg.Pool,
  target: IndexTarget,
  version: InstanceVersion,
  name: string,
  columns: string,
  bytesOf: (row: Row) => number,
): AsyncGenerator<[Uids, Row]> {
  const { study, series, instance } = targetKey(target);
  const from = version === 'current' ? 'instances' : originalsFirst;
  let limit = firstBatch;
  for (const uids of await seriesInOrder(pool, study, series)) {
    let after: readonly (string | number)[] = [Number.NEGATIVE_INFINITY, nilKey];
    for (;;) {
      const query =
        instance === undefined
          ? {
              name: `${name}-in-order-${version}`,
              // Written so that no other index than instances_in_order fits, whatever the statistics say.
              text: `select ${columns} from ${from}
                     where uuid_send(study_id) = uuid_send($1::uuid) and uuid_send(series_id) = uuid_send($2::uuid)
                       and (sort_number, instance_id) > ($3, $4)
                     order by sort_number, instance_id limit $5`,
              values: [study, uids.series_id, ...after, limit],
            }
          : {
              name: `${name}-of-one-${version}`,
              text: `select ${columns} from ${from} where study_id = $1 and series_id = $2 and instance_id = $3`,
              values: [study, uids.series_id, instance],
            };
      const { rows } = await persistently(() => pool.query<Row>(query));
      for (const row of rows) yield [uids, row];
      const last = rows.at(-1);
      if (last === undefined || instance !== undefined || rows.length < limit) break;
      after = [last.sort_number, last.instance_id];
      limit = nextLimit(limit, rows.reduce((sum, row) => sum + bytesOf(row), 0) / rows.length);
    }
  }
}

function nextLimit(limit: number, bytesARow: number): number {
  const fitting = Math.floor(batchBytes / Math.max(bytesARow, 1));
  return Math.max(1, Math.min(limit * 8, largestBatch, fitting));
}

async function seriesInOrder(
  pool: pg.Pool,
  studyKey: string,
  seriesKey: string | undefined,
): Promise<(Uids & { series_id: string })[]> {
  const { rows } = await persistently(() =>
    pool.query<Uids & { series_id: string }>({
      name: 'series-in-order',
      text: `select study_instance_uid, series_instance_uid, series_id from series join studies using (study_id)
             where study_id = $1 and ($2::uuid is null or series_id = $2)
             order by series_number nulls last, series_id`,
      values: [studyKey, seriesKey ?? null],
    }),
  );
  return rows;
}

/**
 * The instance in the middle of the series, or of the study's first series that has pixel data; one without pixel data only where
 * nothing else is there.
 */
export async function readMiddleInstance(pool: pg.Pool, target: IndexTarget): Promise<IndexedInstance | undefined> {
  const { study, series } = targetKey(target);
  const { rows } = await persistently(() =>
    pool.query<LocationRow & Uids>({
      name: 'middle-instance',
      text: `
        with shown as (
          select study_id, series_id, series_instance_uid, number_of_series_related_instances as count from series
          where study_id = $1 and ($2::uuid is null or series_id = $2)
          order by ${hasPixelData('series')} desc, series_number nulls last, series_id limit 1
        ), candidates as (
          (select true as middle, instances.* from instances, shown
           where uuid_send(instances.series_id) = uuid_send(shown.series_id) and instances.study_id = shown.study_id
           order by sort_number, instance_id offset (select (count - 1) / 2 from shown) limit 1)
          union all
          (select false, instances.* from instances, shown
           where uuid_send(instances.series_id) = uuid_send(shown.series_id) and instances.study_id = shown.study_id
             and pixel_kind is not null
           order by sort_number, instance_id limit 1)
        )
        select study_instance_uid, series_instance_uid, ${locationColumns}
        from candidates join shown using (study_id, series_id) join studies using (study_id)
        order by pixel_kind is not null desc, middle desc limit 1`,
      values: [study, series ?? null],
    }),
  );
  return rows[0] && instanceOf(rows[0], rows[0]);
}

function hasPixelData(series: string): string {
  return `exists (select from instances where study_id = ${series}.study_id and series_id = ${series}.series_id and pixel_kind is not null)`;
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

function instanceOf(uids: Uids, row: LocationRow): IndexedInstance {
  return {
    studyInstanceUid: uids.study_instance_uid,
    seriesInstanceUid: uids.series_instance_uid,
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
