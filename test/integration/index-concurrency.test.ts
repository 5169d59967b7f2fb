import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import type { Change, Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { uidKey } from '../../src/index/uid-key.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

/** As many nodes as this, each with connections and groups of its own, over one database. */
const nodeCount = 3;

let database: TestDatabase;
const nodes: Index[] = [];
const writePools: TestDatabase['pool'][] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  for (let node = 0; node < nodeCount; node++) {
    const writePool = createPool({
      connection: database.connection,
      maxConnections: 4,
      log: silentLog,
      session: writeSession,
    });
    writePools.push(writePool);
    nodes.push(createIndex({ pool: database.pool, writePool }));
  }
});
afterAll(async () => {
  await Promise.all(writePools.map((pool) => pool.end()));
  await database.drop();
});

/** Counters as the row has them and as they are. */
async function counts(studyInstanceUid: string) {
  const { rows } = await database.pool.query(
    `select number_of_study_related_series as series, number_of_study_related_instances as instances,
       (select count(*)::int from series where study_id = $1) as real_series,
       (select count(*)::int from instances where study_id = $1) as real_instances,
       (select sum(number_of_series_related_instances)::int from series where study_id = $1) as of_series
     from studies where study_id = $1`,
    [uidKey(studyInstanceUid)],
  );
  return rows[0];
}

async function deadlocks(): Promise<number> {
  const { rows } = await database.pool.query<{ deadlocks: number }>(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  return rows[0]!.deadlocks;
}

async function allChanges(after = 0): Promise<Change[]> {
  const found: Change[] = [];
  for (;;) {
    const page = await nodes[0]!.changes(found.at(-1)?.sequence ?? after, 500);
    if (page.length === 0) return found;
    found.push(...page);
  }
}

it('of many that bring the same instance at once, one inserts and the others find it', async () => {
  for (let study = 0; study < 20; study++) {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => nodes[n % nodeCount]!.insert(newInstance({ study }), 'reject')),
    );
    const statuses = results.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(11).fill('duplicate'), 'inserted']);
    const inserted = results.filter(({ status }) => status === 'duplicate');
    expect(new Set(inserted.map((result) => 'existing' in result && result.existing.blobKey)).size).toBe(1);
  }
});

it('of many that bring different content at once, the last replaces and every other blob is given up', async () => {
  const study = 100;
  const versions = Array.from({ length: 24 }, (_, version) => newInstance({ study, version }));
  const results = await Promise.all(versions.map((instance, n) => nodes[n % nodeCount]!.insert(instance, 'replace')));
  expect(results.filter(({ status }) => status === 'inserted')).toHaveLength(1);
  expect(results.filter(({ status }) => status === 'replaced')).toHaveLength(23);
  const kept = (await nodes[0]!.instance(versions[0]!))!.blobKey;
  const given = await nodes[0]!.blobsToDelete(1000);
  const keys = versions.map(({ blobKey }) => blobKey);
  expect(new Set([...given.filter((key) => keys.includes(key)), kept])).toEqual(new Set(keys));
  expect(await counts(versions[0]!.studyInstanceUid)).toMatchObject({ instances: 1, real_instances: 1 });
});

it('nodes that insert the same studies in any order never fail, and count exactly', async () => {
  const studies = [200, 201, 202, 203];
  const numbers = studies.flatMap((study) =>
    Array.from({ length: 120 }, (_, n) => ({ study, series: n % 5, instance: n })),
  );
  const shuffled = (seed: number) =>
    [...numbers].sort(
      (a, b) => ((a.instance * 7919 + a.study * seed) % 97) - ((b.instance * 7919 + b.study * seed) % 97),
    );
  const results = await Promise.all(
    nodes.map((node, seed) => Promise.all(shuffled(seed + 1).map((one) => node.insert(newInstance(one), 'reject')))),
  );
  expect(results.flat().filter(({ status }) => status === 'inserted')).toHaveLength(numbers.length);
  for (const study of studies) {
    expect(await counts(newInstance({ study }).studyInstanceUid)).toEqual({
      series: 5,
      instances: 120,
      real_series: 5,
      real_instances: 120,
      of_series: 120,
    });
  }
  expect(await deadlocks()).toBe(0);
});

it('an erasure and insertions at the same time leave exact counts and no row without its study', async () => {
  const study = 300;
  const { studyInstanceUid } = newInstance({ study });
  const blobs = new Set<string>();
  let erased = 0;
  const insertions = nodes.map(async (node, n) => {
    for (let instance = 0; instance < 60; instance++) {
      const one = newInstance({ study, series: instance % 4, instance: instance * nodeCount + n });
      blobs.add(one.blobKey);
      expect(await node.insert(one, 'reject')).toEqual({ status: 'inserted' });
    }
  });
  let inserting = true;
  const erasures = (async () => {
    for (let round = 0; inserting; round++) {
      const { seriesInstanceUid, sopInstanceUid } = newInstance({ study, series: round % 4, instance: round });
      const target = [
        { studyInstanceUid },
        { studyInstanceUid, seriesInstanceUid },
        { studyInstanceUid, seriesInstanceUid, sopInstanceUid },
      ];
      const gone = await nodes[round % nodeCount]!.erase(target[round % 3]!);
      erased += gone.instances;
      for (const key of gone.blobKeys) blobs.delete(key);
      await turn();
    }
  })();
  await Promise.all(insertions);
  inserting = false;
  await erasures;
  expect(erased).toBeGreaterThan(0);
  const left = await counts(studyInstanceUid);
  if (left) {
    expect(left.instances).toBe(left.real_instances);
    expect(left.series).toBe(left.real_series);
    expect(left.of_series).toBe(left.real_instances);
  }
  expect(await deadlocks()).toBe(0);
  expect(await nodes[0]!.referencedBlobs([...blobs])).toEqual(blobs);
  expect(blobs.size).toBe(left?.real_instances ?? 0);
});

it('readers of the change feed see every change once, in order and without a gap, while nodes write', async () => {
  // What the tests before have left without a number is theirs.
  const unnumbered = () => database.pool.query('select from changes where sequence is null');
  await expect.poll(async () => (await nodes[0]!.lastSequence()) >= 0 && (await unnumbered()).rowCount).toBe(0);
  const start = (await allChanges()).at(-1)?.sequence ?? 0;
  let writing = true;
  const seen: Change[] = [];
  const reader = (async () => {
    // A transaction in another database of this Postgres, be it autovacuum, holds numbers back until it ends.
    for (let more = true; more; ) {
      more = writing || seen.length < 400;
      for (;;) {
        const page = await nodes[0]!.changes(seen.at(-1)?.sequence ?? start, 50);
        seen.push(...page);
        if (page.length === 0) break;
      }
    }
  })();
  const others = nodes.map((node) => node.changes(start, 10));
  await Promise.all(
    nodes.flatMap((node, n) =>
      Array.from({ length: 100 }, (_, instance) => node.insert(newInstance({ study: 400 + n, instance }), 'reject')),
    ),
  );
  await nodes[1]!.erase({ studyInstanceUid: newInstance({ study: 401 }).studyInstanceUid });
  await Promise.all(others);
  writing = false;
  await reader;
  expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, n) => start + 1 + n));
  expect(seen.filter(({ action }) => action === 'created')).toHaveLength(300);
  expect(seen.filter(({ action }) => action === 'erased')).toHaveLength(100);
  expect(new Set(seen.map(({ action, sopInstanceUid }) => action + sopInstanceUid)).size).toBe(400);
});

it('a change does not get its number before those that may still come before it', async () => {
  const start = (await allChanges()).at(-1)?.sequence ?? 0;
  const slow = await database.pool.connect();
  const insert = `insert into changes (action, study_instance_uid, series_instance_uid, sop_instance_uid) values ('created', $1, '', '')`;
  await slow.query('begin');
  await slow.query(insert, ['slow']);
  await database.pool.query(insert, ['quick']);
  expect(await nodes[0]!.changes(start, 10)).toEqual([]);
  await slow.query('commit');
  slow.release();
  await expect
    .poll(async () => (await nodes[0]!.changes(start, 10)).map(({ studyInstanceUid }) => studyInstanceUid))
    .toEqual(['slow', 'quick']);
});

it('inserts anew when the connection is lost while the commit waits for the blob', async () => {
  let blobIsDurable = () => {};
  const durable = new Promise<void>((resolve) => {
    blobIsDurable = resolve;
  });
  const instance = newInstance({ study: 9_001 });
  const inserting = nodes[0]!.insert(instance, 'reject', durable);
  let terminated = 0;
  while (terminated === 0) {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and state = 'idle in transaction' and query like '%instances%'`,
    );
    terminated = rowCount ?? 0;
  }
  while (await someTransactionWaits()) await turn();
  blobIsDurable();
  expect(await inserting).toEqual({ status: 'inserted' });
  expect((await nodes[0]!.instance(instance))?.blobKey).toBe(instance.blobKey);
});

async function someTransactionWaits(): Promise<boolean> {
  const { rowCount } = await database.pool.query(
    "select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
  );
  return (rowCount ?? 0) > 0;
}
