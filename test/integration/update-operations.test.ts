import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import type { Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { createUpdateOperationStore } from '../../src/index/update-operations.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let writePool: pg.Pool;
let index: Index;

beforeAll(async () => {
  database = await createTestDatabase();
  writePool = createPool({ connection: database.connection, maxConnections: 2, log: silentLog, session: writeSession });
  index = createIndex({ pool: database.pool, writePool });
});
afterAll(async () => {
  await writePool.end();
  await database.drop();
});

/** Loses the answer to one statement, after it was committed. */
function losingAnswers(pool: pg.Pool) {
  let isLost = false;
  const query = async (text: string, values: unknown[]) => {
    const answer: unknown = await pool.query(text, values);
    if (isLost) {
      isLost = false;
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    }
    return answer;
  };
  const lossy = new Proxy(pool, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name, target)),
  });
  const loseNext = () => {
    isLost = true;
  };
  return { pool: lossy, loseNext };
}

it('a node that has lost its lock changes nothing any more, and what it has put in place stays', async () => {
  const operations = createUpdateOperationStore(database.pool);
  const stored = [0, 1].map((instance) => newInstance({ study: 1, instance }));
  for (const instance of stored) await index.insert(instance, 'reject');
  const id = await operations.add([stored[0]!.studyInstanceUid], {});
  const before = await operations.begin(id);
  const corrected = [0, 1].map((instance) => newInstance({ study: 1, instance, version: 1 }));
  await before.writing(corrected[0]!.blobKey);
  expect(await before.replace(corrected[0]!, stored[0]!.blobKey)).toBe(true);
  await before.writing(corrected[1]!.blobKey);

  const after = await operations.begin(id);
  await expect(before.replace(corrected[1]!, stored[1]!.blobKey)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(before.writing('another')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(before.passOver(stored[1]!, undefined)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(before.next()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(before.nextStudy()).rejects.toMatchObject({ code: 'unavailable' });
  expect(await index.blobsToDelete(10)).toEqual([corrected[1]!.blobKey]);
  expect((await index.instance(corrected[0]!))?.blobKey).toBe(corrected[0]!.blobKey);
  expect((await index.instance(stored[1]!))?.blobKey).toBe(stored[1]!.blobKey);
  expect(await after.next()).toMatchObject({ studyInstanceUid: stored[0]!.studyInstanceUid });
});

it('an answer that is lost after the commit passes over no study and counts nothing twice', async () => {
  const { pool, loseNext } = losingAnswers(database.pool);
  const operations = createUpdateOperationStore(pool);
  const stored = [2, 3].map((study) => newInstance({ study }));
  for (const instance of stored) await index.insert(instance, 'reject');
  const id = await operations.add(
    stored.map(({ studyInstanceUid }) => studyInstanceUid),
    {},
  );
  const turn = await operations.begin(id);
  loseNext();
  await turn.passOver(stored[0]!, 'It cannot be.');
  loseNext();
  expect(await turn.nextStudy()).toBe(true);
  expect(await turn.next()).toMatchObject({ studyInstanceUid: stored[1]!.studyInstanceUid });
  loseNext();
  expect(await turn.nextStudy()).toBe(false);
  expect(await operations.operation(id)).toMatchObject({
    status: 'failed',
    studiesUpdated: 1,
    studiesFailed: 1,
    errors: ['It cannot be.'],
  });
});

it('a correction that is put in place again, as the answer was lost, is in place', async () => {
  const [stored, corrected] = [newInstance({ study: 4 }), newInstance({ study: 4, version: 1 })];
  await index.insert(stored, 'reject');
  expect(await index.replace(corrected, stored.blobKey, 'keep')).toBe(true);
  expect(await index.replace(corrected, stored.blobKey, 'keep')).toBe(true);
  expect(await index.replace(newInstance({ study: 4, version: 2 }), stored.blobKey, 'keep')).toBe(false);
});
