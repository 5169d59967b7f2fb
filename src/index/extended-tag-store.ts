import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Vr } from '../dicom/json-model.ts';
import type { QueryLevel } from '../dicom/query.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { ExtendedTag, ExtendedTagError, NewExtendedTag } from './extended-tag.ts';
import { persistently } from './postgres-errors.ts';
import { inTransaction } from './transaction.ts';

/** What reads the values of new tags from what is stored. */
export interface ReindexOperation {
  readonly id: string;
  readonly status: 'notStarted' | 'running' | 'completed';
  /** 0 to 100. */
  readonly percentComplete: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Paths of its tags that have not been deleted since. */
  readonly paths: readonly string[];
}

/** The tags of one moment. */
export interface ExtendedTagSet {
  /** The greatest id of a tag, 0 if there is none. */
  readonly version: number;
  readonly tags: readonly ExtendedTag[];
}

/** Tags beyond those that every index has. */
export interface ExtendedTagStore {
  /** Not older than a second; this node's own changes show at once. */
  tags(): Promise<readonly ExtendedTag[]>;
  /**
   * Adds them all and starts an operation, or adds none.
   * @returns its id
   * @throws CausewayError `conflict` if one is there already, `bad-request` if there would be too many
   */
  add(tags: readonly NewExtendedTag[]): Promise<string>;
  /** @returns false if there is no such tag */
  delete(path: string): Promise<boolean>;
  /** Whether searches use it. @returns false if there is no such tag */
  enableQueries(path: string, enabled: boolean): Promise<boolean>;
  operation(id: string): Promise<ReindexOperation | undefined>;
  /** In the order in which they were met. */
  errors(tagId: number, page: { readonly limit: number; readonly offset: number }): Promise<ExtendedTagError[]>;
  /** Numbers of errors by the ids of tags that have some. */
  errorCounts(tagIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** As many as the Azure service allows. */
const maxTags = 128;
const maxAgeMs = 1_000;

export const noTags: ExtendedTagSet = { version: 0, tags: [] };

const percent = `case when stage = 'completed' then 100
  when total = 0 then 0 else least(99, floor(100.0 * done / total))::int end`;

interface TagRow {
  readonly tag_id: number;
  readonly path: string;
  readonly vr: Vr;
  readonly level: QueryLevel;
  readonly private_creator: string | null;
  readonly operation_id: string;
  readonly percent: number;
  readonly queries_enabled: boolean;
  readonly has_errors: boolean;
}

export async function readTags(pool: pg.Pool | pg.ClientBase): Promise<ExtendedTagSet> {
  const { rows } = await pool.query<TagRow>(
    `select tag_id, path, vr, level, private_creator, operation_id, ${percent} as percent, queries_enabled,
       exists (select from extended_query_tag_errors errors where errors.tag_id = extended_query_tags.tag_id) as has_errors
     from extended_query_tags join reindex_operations using (operation_id) order by tag_id`,
  );
  const tags = rows.map((row) => ({
    id: row.tag_id,
    path: row.path,
    vr: row.vr,
    level: row.level,
    ...(row.private_creator !== null && { privateCreator: row.private_creator }),
    operationId: row.operation_id,
    percentComplete: row.percent,
    queriesEnabled: row.queries_enabled,
    hasErrors: row.has_errors,
  }));
  return { version: tags.at(-1)?.id ?? 0, tags };
}

/** @param started is told of each operation that there is to do */
export function createExtendedTagStore(pool: pg.Pool, started: () => void = () => {}): ExtendedTagStore {
  let known: { readonly at: number; readonly set: ExtendedTagSet } | undefined;
  const forget = () => {
    known = undefined;
  };
  return {
    async tags() {
      if (known === undefined || performance.now() - known.at > maxAgeMs) {
        known = { at: performance.now(), set: await persistently(() => readTags(pool)) };
      }
      return known.set.tags;
    },
    async add(tags) {
      const id = randomUUID();
      await persistently(() => inTransaction(pool, (client) => addTags(client, id, tags)));
      forget();
      started();
      return id;
    },
    async delete(path) {
      const deleted = await persistently(() => inTransaction(pool, (client) => deleteTag(client, path)));
      forget();
      return deleted;
    },
    async enableQueries(path, enabled) {
      const { rowCount } = await persistently(() =>
        pool.query('update extended_query_tags set queries_enabled = $2 where path = $1', [path, enabled]),
      );
      forget();
      return rowCount === 1;
    },
    operation: (id) => persistently(() => readOperation(pool, id)),
    errors: (tagId, page) => persistently(() => readErrors(pool, tagId, page)),
    async errorCounts(tagIds) {
      const { rows } = await persistently(() =>
        pool.query<{ tag_id: number; count: number }>(
          'select tag_id, count(*)::int as count from extended_query_tag_errors where tag_id = any ($1::int[]) group by tag_id',
          [tagIds],
        ),
      );
      return new Map(rows.map(({ tag_id, count }) => [tag_id, count]));
    },
  };
}

async function addTags(client: pg.PoolClient, operationId: string, tags: readonly NewExtendedTag[]): Promise<void> {
  // One after the other, so that ids are committed in ascending order.
  await client.query('lock table extended_query_tags in share row exclusive mode');
  const { tags: present } = await readTags(client);
  const duplicate = tags.find(({ path }) => present.some((tag) => tag.path === path));
  // An answer that was lost after the commit: the same operation again.
  if (duplicate && present.some((tag) => tag.operationId === operationId)) return;
  if (duplicate) {
    throw new CausewayError('conflict', `${duplicate.path} is an extended query tag already.`, {
      details: { tag: duplicate.path },
    });
  }
  if (present.length + tags.length > maxTags) {
    throw new CausewayError(
      'bad-request',
      `There can be ${maxTags} extended query tags; ${present.length} are there.`,
      {
        details: { limit: 'maxExtendedQueryTags' },
      },
    );
  }
  await client.query('insert into reindex_operations (operation_id) values ($1)', [operationId]);
  await client.query(
    `insert into extended_query_tags (path, vr, level, private_creator, operation_id)
     select path, vr, level, private_creator, $5 from unnest($1::text[], $2::text[], $3::text[], $4::text[])
       as new (path, vr, level, private_creator)`,
    [
      tags.map(({ path }) => path),
      tags.map(({ vr }) => vr),
      tags.map(({ level }) => level),
      tags.map(({ privateCreator }) => privateCreator ?? null),
      operationId,
    ],
  );
}

async function deleteTag(client: pg.PoolClient, path: string): Promise<boolean> {
  await client.query('lock table extended_query_tags in share row exclusive mode');
  const { rows } = await client.query<{ tag_id: number; level: QueryLevel }>(
    'delete from extended_query_tags where path = $1 returning tag_id, level',
    [path],
  );
  for (const { tag_id, level } of rows) {
    await client.query(`delete from extended_${level}_values where tag_id = $1`, [tag_id]);
    await client.query('delete from extended_query_tag_errors where tag_id = $1', [tag_id]);
  }
  return rows.length > 0;
}

async function readErrors(
  pool: pg.Pool,
  tagId: number,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<ExtendedTagError[]> {
  const { rows } = await pool.query<{
    study_instance_uid: string;
    series_instance_uid: string;
    sop_instance_uid: string;
    created_at: Date;
    message: string;
  }>(
    `select study_instance_uid, series_instance_uid, sop_instance_uid, errors.created_at, message
     from (select * from extended_query_tag_errors where tag_id = $1 order by error_id limit $2 offset $3) as errors
       join instances using (study_id, series_id, instance_id)
       join series using (study_id, series_id)
       join studies using (study_id)
     order by error_id`,
    [tagId, limit, offset],
  );
  return rows.map((row) => ({
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid,
    sopInstanceUid: row.sop_instance_uid,
    createdAt: row.created_at,
    message: row.message,
  }));
}

async function readOperation(pool: pg.Pool, id: string): Promise<ReindexOperation | undefined> {
  const { rows } = await pool.query<{
    stage: string;
    percent: number;
    created_at: Date;
    updated_at: Date;
    paths: string[];
  }>(
    `select stage, ${percent} as percent, created_at, updated_at,
       array(select path from extended_query_tags where operation_id = $1 order by tag_id) as paths
     from reindex_operations where operation_id = $1`,
    [id],
  );
  const [row] = rows;
  return (
    row && {
      id,
      status: row.stage === 'completed' ? 'completed' : row.stage === 'waiting' ? 'notStarted' : 'running',
      percentComplete: row.percent,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      paths: row.paths,
    }
  );
}
