import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { createPool } from '../../src/index/pool.ts';
import type { ClaimedTask } from '../../src/index/publishing-claims.ts';
import { createPublishingInstances } from '../../src/index/publishing-instances.ts';
import { busyStudy, lockStudy } from '../../src/index/study-lock.ts';
import { uidKey } from '../../src/index/uid-key.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
/** Leads to Postgres, but for connections that were there when it went silent: on these nothing arrives any more. */
let way: Server;
let goSilent = () => {};
const pools: pg.Pool[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const { host, port } = database.connection;
  const ends = new Set<Socket>();
  way = createServer((near) => {
    const far = connect(join(host, `.s.PGSQL.${port}`));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      ends.add(from);
    }
  });
  goSilent = () => {
    for (const end of ends) end.unpipe();
  };
  await new Promise<void>((listening) => way.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  way.close();
  await database.drop();
});

function openPool(maxConnections: number): pg.Pool {
  const address = way.address() as { port: number };
  const connection = { ...database.connection, host: '127.0.0.1', port: address.port };
  const pool = createPool({ connection, maxConnections, log: silentLog, answerTimeoutMs: 200 });
  pools.push(pool);
  return pool;
}

it('stores over a new connection what got no answer over one that leads nowhere any more', async () => {
  const writePool = openPool(1);
  const index = createIndex({ pool: database.pool, writePool });
  await index.insert(newInstance({ study: 1 }), 'reject');
  goSilent();
  expect(await index.insert(newInstance({ study: 2 }), 'reject')).toEqual({ status: 'inserted' });
  goSilent();
  expect(await index.insert(newInstance({ study: 3 }), 'reject', Promise.resolve())).toEqual({ status: 'inserted' });
});

it('leaves a Postgres that takes no changes any more, as it was demoted, for the one that does', async () => {
  const writePool = openPool(1);
  const index = createIndex({ pool: database.pool, writePool });
  const demote = () => writePool.query('set default_transaction_read_only = on');
  await demote();
  expect(await index.insert(newInstance({ study: 4 }), 'reject')).toEqual({ status: 'inserted' });
  await demote();
  expect(await index.erase(newInstance({ study: 4 }))).toMatchObject({ instances: 1 });
});

it('refuses what waits for a busy study for too long, stores all else, leaves nothing behind, and erases however long it takes', async () => {
  const { connection, pool } = database;
  const session = { ...writeSession, lock_timeout: '100ms' };
  const writePool = createPool({ connection, maxConnections: 2, log: silentLog, session, answerTimeoutMs: 60_000 });
  pools.push(writePool);
  const erasePool = createPool({ connection, maxConnections: 2, log: silentLog, session, answerTimeoutMs: 60_000 });
  pools.push(erasePool);
  const index = createIndex({ pool, writePool, erasePool, maxInsertGroups: 1, mostBusyMs: 1_000 });
  const first = newInstance({ study: 5 });
  await index.insert(first, 'reject');
  const busy = await pool.connect();
  try {
    await busy.query('begin');
    await busy.query(`select ${lockStudy('$1')}`, [uidKey(first.studyInstanceUid)]);
    // Whoever has waited for his answer for too long asks again.
    const erasures = Promise.allSettled([index.erase(first), index.erase(first), index.erase(first)]);
    const inserted = [1, 2].map((instance) => index.insert(newInstance({ study: 5, instance }), 'reject'));
    const other = newInstance({ study: 6 });
    expect(await index.insert(other, 'reject')).toEqual({ status: 'inserted' });
    const corrected = newInstance({ study: 6, version: 1 });
    expect(await index.replace(corrected, other.blobKey, 'keep')).toBe(true);
    expect(await index.erase(other)).toMatchObject({ instances: 1 });
    for (const one of await Promise.allSettled(inserted)) {
      expect(one).toMatchObject({ reason: { code: 'unavailable', message: expect.stringContaining('busy') } });
    }
    const { rows } = await pool.query('select count(*)::int as waiting from pg_locks where not granted');
    expect(rows).toEqual([{ waiting: 1 }]); // the first erasure
    await busy.query('commit');
    expect(await erasures).toMatchObject([1, 0, 0].map((instances) => ({ value: { instances } })));
  } finally {
    busy.release();
  }
});

it('inserts nothing once more that was committed before the rest had to wait: it may be erased by then, and its file gone', async () => {
  const { connection, pool } = database;
  const session = { ...writeSession, lock_timeout: '300ms' };
  const writePool = createPool({ connection, maxConnections: 1, log: silentLog, session });
  pools.push(writePool);
  const index = createIndex({ pool, writePool });
  // They disagree about their study: each has a statement of its own.
  const [one, two] = ['One^A', 'Two^B'].map((name, instance) =>
    newInstance({ study: 8, instance, attributes: { '00100010': { vr: 'PN', Value: [{ Alphabetic: name }] } } }),
  );
  const [before, between] = [await pool.connect(), await pool.connect()];
  const lock = (client: pg.PoolClient) => client.query(`select ${lockStudy('$1')}`, [uidKey(one!.studyInstanceUid)]);
  const waiting = async () =>
    (await pool.query<{ n: number }>('select count(*)::int as n from pg_locks where not granted')).rows[0]!.n;
  try {
    await before.query('begin');
    await lock(before);
    const results = index.insertInstances([one!, two!].map((instance) => ({ instance, onDifferentContent: 'reject' })));
    await expect.poll(waiting, { interval: 5 }).toBe(1);
    await between.query('begin');
    const locked = lock(between);
    await expect.poll(waiting, { interval: 5 }).toBe(2);
    await before.query('commit');
    await locked;
    // The second statement waits, gives up, and is done again when the study is free.
    await between.query('delete from instances where instance_id = $1', [uidKey(one!.sopInstanceUid)]);
    await expect.poll(waiting, { interval: 5 }).toBe(1);
    await expect.poll(waiting, { interval: 5 }).toBe(0);
    await between.query('commit');
    expect(await results).toEqual([{ status: 'inserted' }, { status: 'inserted' }]);
    const { rows } = await pool.query('select sop_instance_uid from instances where study_id = $1', [
      uidKey(one!.studyInstanceUid),
    ]);
    expect(rows).toEqual([{ sop_instance_uid: two!.sopInstanceUid }]);
  } finally {
    before.release();
    between.release();
  }
});

it('keeps no connection of readers until a study is free whose prepared files are to be written down', async () => {
  const instances = createPublishingInstances(database.pool, { ...busyStudy, pauseMs: 50, mostMs: 0 });
  const { studyInstanceUid } = newInstance({ study: 7 });
  const busy = await database.pool.connect();
  try {
    await busy.query('begin');
    await busy.query(`select ${lockStudy('$1')}`, [uidKey(studyInstanceUid)]);
    const task = { id: '1', graphId: '1', claim: 1, studyInstanceUid } as ClaimedTask;
    await expect(instances.recordPrepared(task, [])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('busy'),
    });
    await busy.query('commit');
    // It is nobody's task.
    expect(await instances.recordPrepared(task, [])).toBe(false);
  } finally {
    busy.release();
  }
});
