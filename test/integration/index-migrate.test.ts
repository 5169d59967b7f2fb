import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedConnection } from '../../src/index/embedded-postgres.ts';
import { indexedAttributes, sqlType, tableOf } from '../../src/index/indexed-attributes.ts';
import { migrate } from '../../src/index/migrate.ts';
import { numberChanges } from '../../src/index/number-changes.ts';
import { createTestDatabase, type TestDatabase, withClient } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('has a column of the right type and collation for every attribute that is matched', async () => {
  const { rows } = await database.pool.query<{ name: string; type: string }>(`
    select c.relname || '.' || a.attname as name,
      format_type(a.atttypid, null) || case when l.collname = 'C' then ' COLLATE "C"' else '' end as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_collation l on l.oid = a.attcollation
    where c.relname in ('studies', 'series', 'instances') and a.attnum > 0`);
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  for (const { level, column, kind, counted } of indexedAttributes) {
    const expected = counted && kind === 'number' ? 'integer' : sqlType(kind);
    expect([column, types.get(`${tableOf(level)}.${column}`)]).toEqual([column, expected]);
  }
});

it('is done once by however many nodes start at the same time', async () => {
  const connection = { ...database.connection, database: `${database.connection.database}_empty` };
  await database.pool.query(`create database ${connection.database}`);
  await Promise.all(Array.from({ length: 5 }, () => migrate(connection)));
  const done = await withClient(connection, (client) => client.query('select name from causeway_migrations'));
  expect(new Set(done.rows.map(({ name }) => name)).size).toBe(done.rows.length);
  await database.pool.query(`drop database ${connection.database}`);
});

it('goes on where a node was killed in the middle', async () => {
  await database.pool.query('update causeway_migrations_lock set is_locked = 1');
  await database.pool.query("delete from causeway_migrations where name = '0006-extended-query-status.sql'");
  await database.pool.query('alter table extended_query_tags drop column queries_enabled');
  await migrate(database.connection);
  const { rows } = await database.pool.query('select count(queries_enabled)::int as n from extended_query_tags');
  expect(rows).toEqual([{ n: 0 }]);
});

describe('publishing that is under way when results begin to go on one by one', () => {
  const folder = new URL('../../migrations/', import.meta.url);
  const before = '0022';
  const at = (minute: number) => `2026-11-01T10:${String(minute).padStart(2, '0')}:00Z`;
  let old: EmbeddedConnection;

  beforeAll(async () => {
    old = { ...database.connection, database: `${database.connection.database}_old` };
    await database.pool.query(`create database ${old.database}`);
    await withClient(old, async (client) => {
      await client.query(
        'create table causeway_migrations (id serial primary key, name varchar(255), batch integer, migration_time timestamptz)',
      );
      for (const name of (await readdir(folder)).filter((file) => file < before).sort()) {
        await client.query(await readFile(new URL(name, folder), 'utf8'));
        await client.query('insert into causeway_migrations (name, batch, migration_time) values ($1, 1, now())', [
          name,
        ]);
      }
      const graph = async (publisher: string, status: string, cause?: string) => {
        const { rows } = await client.query<{ graph_id: string }>(
          `insert into publishing_graphs (publisher, unit, origin, cause, reference_uid, study_instance_uid, status, tasks_initial,
             tasks_failed, configuration_version, created_at, updated_at)
           values ($1, 'study', $2, $3, '1.2', '1.2', $4, 2, 2, 1, $5, $5) returning graph_id`,
          [publisher, cause === undefined ? 'send' : 'publish-back', cause, status, at(30)],
        );
        return rows[0]!.graph_id;
      };
      const result = (graphId: string, id: string, wave: number, sop: string, minute: number) =>
        client.query(
          `insert into publishing_results values ('cloud', $1, $2, $3, '1.2', '1.2.7', $4, 'It was stored.', $5)`,
          [id, graphId, wave, sop, at(minute)],
        );
      const task = async (id: number, graphId: string, type: string, status: string, deps: number[], waits = 0) =>
        client.query(
          `insert into publishing_tasks (task_id, graph_id, publisher, type, wave, batch, deps, waits_for, status, due_at, created_at,
             updated_at)
           values ($1::int, $2, 'cloud', $3, 1, case when $3 = 'upload' then $1::int end, $4, $5, $6, $7, $7, $7)`,
          [id, graphId, type, deps, waits, status, at(0)],
        );

      const cloud = await graph('cloud', 'INITIAL');
      for (const [id, wave, sop, minute] of [
        ['sent', 1, '1.2.7.1', 20],
        ['of a later wave', 2, '1.2.7.2', 20],
        ['again in a later wave', 2, '1.2.7.1', 20],
        ['left out', 1, '1.2.7.3', 20],
        ['that came afterwards', 1, '1.2.7.1', 40],
      ] as const) {
        await result(cloud, id, wave, sop, minute);
      }
      await result(await graph('cloud', 'SUCCESS'), 'of another graph', 1, '1.2.7.1', 20);
      const onwards = await graph('onwards', 'SUCCESS', `results of ${cloud}, wave 1, study 1.2`);
      await client.query(
        `insert into publishing_instances (graph_id, study_id, series_id, instance_id, study_instance_uid, series_instance_uid,
           sop_instance_uid, sort_number, wave, state, source_sha256)
         values ($1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '1.2', '1.2.7', '1.2.7.1', 1, 1, 'accepted', '')`,
        [onwards],
      );

      // A batch was sent again beside another that had failed: what is about both waited for that as well.
      const retried = await graph('cloud', 'FAILED');
      await task(101, retried, 'upload', 'FAILED', []);
      await task(102, retried, 'upload', 'SUCCESS', []);
      await task(103, retried, 'results', 'INITIAL', [101, 102], 1);
      await task(104, retried, 'publish-back', 'INITIAL', [103], 1);
      const hopeless = await graph('cloud', 'FAILED');
      await task(201, hopeless, 'upload', 'FAILED', []);
      await task(202, hopeless, 'upload', 'FAILED', []);
      await task(203, hopeless, 'results', 'INITIAL', [201, 202], 2);
      await task(204, hopeless, 'publish-back', 'INITIAL', [203], 1);
      // 302 was split off 301 and is sent again.
      const divided = await graph('cloud', 'INITIAL');
      await task(301, divided, 'upload', 'SUCCESS', []);
      await task(302, divided, 'upload', 'INITIAL', []);
      await task(303, divided, 'results', 'INITIAL', [301]);
    });
    await migrate(old);
  });
  afterAll(() => database.pool.query(`drop database ${old.database}`));

  it('marks what has gone on, and nothing that may not have', async () => {
    const { rows } = await withClient(old, (client) =>
      client.query(`select result_id, sent_on_to from publishing_results where sent_on_to <> '{}'`),
    );
    expect(rows).toEqual([{ result_id: 'sent', sent_on_to: ['onwards'] }]);
  });

  it('waits for nothing that will not come', async () => {
    const { rows: tasks } = await withClient(old, (client) =>
      client.query(
        `select task_id::int as id, status, deps::int[], waits_for, ready_at is not null as ready, failure from publishing_tasks
         where batch is null order by task_id`,
      ),
    );
    const failure = 'Not done, as all that it waits for has failed.';
    expect(tasks).toEqual([
      { id: 103, status: 'INITIAL', deps: [101, 102], waits_for: 0, ready: true, failure: null },
      { id: 104, status: 'INITIAL', deps: [103], waits_for: 1, ready: false, failure: null },
      { id: 203, status: 'FAILED', deps: [201, 202], waits_for: 2, ready: false, failure },
      { id: 204, status: 'FAILED', deps: [203], waits_for: 1, ready: false, failure },
      { id: 303, status: 'INITIAL', deps: [301, 302], waits_for: 1, ready: false, failure: null },
    ]);
    const { rows: graphs } = await withClient(old, (client) =>
      client.query(
        `select tasks_initial, tasks_failed, finished_at is not null as ended from publishing_graphs graph
         where status = 'FAILED' order by graph_id`,
      ),
    );
    expect(graphs).toEqual([
      { tasks_initial: 2, tasks_failed: 1, ended: false },
      { tasks_initial: 0, tasks_failed: 4, ended: true },
    ]);
  });
});

it('numbers the changes of a dump that was made of a cluster with more transactions than this one has had', async () => {
  await database.pool.query(
    `insert into changes (action, study_instance_uid, series_instance_uid, sop_instance_uid, transaction_id)
     values ('created', 'restored', '', '', 1000000000000)`,
  );
  await migrate(database.connection);
  await expect
    .poll(async () => {
      await numberChanges(database.pool);
      const { rows } = await database.pool.query(
        "select from changes where study_instance_uid = 'restored' and sequence is not null",
      );
      return rows.length;
    })
    .toBe(1);
});

it('refuses a database that a newer Causeway made, by name', async () => {
  await database.pool.query(
    "insert into causeway_migrations (name, batch, migration_time) values ('9999-later.sql', 9, now())",
  );
  await expect(migrate(database.connection)).rejects.toThrow(/newer Causeway.*9999-later\.sql/);
});

it('says why a database cannot be reached', async () => {
  await expect(migrate({ ...database.connection, host: '/nonexistent' })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
