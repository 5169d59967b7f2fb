import { afterAll, beforeAll, expect, it } from 'vitest';
import { indexedAttributes, sqlType, tableOf } from '../../src/index/indexed-attributes.ts';
import { migrate } from '../../src/index/migrate.ts';
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
