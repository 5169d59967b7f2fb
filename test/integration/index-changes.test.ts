import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import type { Change, Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let writePool: TestDatabase['pool'];
let index: Index;

beforeAll(async () => {
  database = await createTestDatabase();
  writePool = createPool({ connection: database.connection, maxConnections: 4, log: silentLog, session: writeSession });
  index = createIndex({ pool: database.pool, writePool });
});

afterAll(async () => {
  await writePool.end();
  await database.drop();
});

/** Other databases of the same Postgres run transactions, too: a change gets its number when they are over. */
async function allNumbered(): Promise<void> {
  await expect
    .poll(async () => {
      await index.lastSequence();
      const { rows } = await database.pool.query('select from changes where sequence is null');
      return rows.length;
    })
    .toBe(0);
}

const insertChange =
  "insert into changes (action, study_instance_uid, series_instance_uid, sop_instance_uid) values ('created', $1, '', '')";

async function pages(span: { from?: Date; before?: Date }, limit = 2): Promise<Change[]> {
  const found: Change[] = [];
  for (;;) {
    const page = await index.changes(found.length, limit, span);
    found.push(...page);
    if (page.length < limit) return found;
  }
}

const studies = (changes: readonly Change[]) => changes.map(({ studyInstanceUid }) => studyInstanceUid);

it('says of each change what became of what it brought', async () => {
  const start = await index.lastSequence();
  const study = 1;
  await index.insert(newInstance({ study }), 'reject');
  await index.insert(newInstance({ study, version: 1 }), 'replace');
  await index.insert(newInstance({ study, instance: 1 }), 'reject');
  await allNumbered();
  const states = async () => (await index.changes(start, 10)).map(({ action, state }) => [action, state]);
  expect(await states()).toEqual([
    ['created', 'replaced'],
    ['replaced', 'current'],
    ['created', 'current'],
  ]);
  expect(await index.lastChange()).toMatchObject({ sequence: start + 3, action: 'created', state: 'current' });

  await index.erase(newInstance({ study }));
  await index.insert(newInstance({ study, version: 2 }), 'reject');
  await index.erase(newInstance({ study, instance: 1 }));
  await allNumbered();
  expect(await states()).toEqual([
    ['created', 'replaced'],
    ['replaced', 'replaced'],
    ['created', 'deleted'],
    ['erased', 'replaced'],
    ['created', 'current'],
    ['erased', 'deleted'],
  ]);
});

it('dates changes in ascending order, whenever their transactions began', async () => {
  const start = await index.lastSequence();
  const slow = await database.pool.connect();
  await slow.query('begin');
  // It has its transaction id before, and its date after the quick one.
  await slow.query('select pg_current_xact_id()');
  await database.pool.query(insertChange, ['quick']);
  await slow.query(insertChange, ['slow']);
  await slow.query('commit');
  slow.release();
  await allNumbered();
  const changes = await index.changes(start, 10);
  expect(studies(changes)).toEqual(['slow', 'quick']);
  const [first, second] = changes.map(({ at }) => at.getTime());
  expect(second).toBeGreaterThanOrEqual(first!);
});

it('a reader of time spans misses nothing that is committed after its span was read', async () => {
  await allNumbered();
  const from = new Date();
  const slow = await database.pool.connect();
  await slow.query('begin');
  await slow.query(insertChange, ['late']);
  await database.pool.query(insertChange, ['early']);
  await expect.poll(() => Date.now()).toBeGreaterThan(from.getTime() + 20);
  const middle = new Date();
  const first = await pages({ from, before: middle });
  await slow.query('commit');
  slow.release();
  await allNumbered();
  expect(await pages({ from, before: middle })).toEqual(first);
  const rest = await pages({ from: middle });
  expect([...studies(first), ...studies(rest)].sort()).toEqual(['early', 'late']);
});

it('a span that ends in the future keeps the present open', async () => {
  await allNumbered();
  const from = new Date();
  const before = new Date(from.getTime() + 3_600_000);
  expect(await index.changes(0, 10, { from, before })).toEqual([]);
  await database.pool.query(insertChange, ['now']);
  await allNumbered();
  const found = await index.changes(0, 10, { from, before });
  expect(studies(found)).toEqual(['now']);
  expect(found[0]!.at.getTime()).toBeLessThan(before.getTime());
});

it('reads a span page by page, and nothing behind the last change', async () => {
  await allNumbered();
  const from = new Date();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await database.pool.query(insertChange, [name]);
  await allNumbered();
  expect(studies(await pages({ from }))).toEqual(names);
  expect(studies(await pages({ from, before: new Date(Date.now() + 1) }, 3))).toEqual(names);
  expect(await index.changes(5, 10, { from })).toEqual([]);
  expect(await index.changes(0, 10, { from: new Date(Date.now() + 60_000) })).toEqual([]);
  expect(await index.changes(Number.MAX_SAFE_INTEGER, 200)).toEqual([]);
});
