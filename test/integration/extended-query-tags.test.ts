import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { createExtendedTagStore, type ExtendedTagStore } from '../../src/index/extended-tag-store.ts';
import type { Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { createTagReindex } from '../../src/index/reindex-extended-tags.ts';
import { createSearchIndex } from '../../src/index/search-index.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let writePool: TestDatabase['pool'];
let index: Index;
let tags: ExtendedTagStore;

beforeAll(async () => {
  database = await createTestDatabase();
  writePool = createPool({ connection: database.connection, maxConnections: 2, log: silentLog, session: writeSession });
  index = createIndex({ pool: database.pool, writePool });
  tags = createExtendedTagStore(database.pool);
});

afterAll(async () => {
  await writePool.end();
  await database.drop();
});

const softwareVersions = { path: '00181020', vr: 'LO', level: 'series' } as const;
const comments = { path: '00204000', vr: 'LT', level: 'instance' } as const;

function commented(study: number, instance: number, comment: string, version = 0) {
  const attributes: DicomJson = { '00204000': { vr: 'LT', Value: [comment] } };
  return newInstance({ study, instance, version, attributes });
}

async function valuesOf(level: 'series' | 'instance'): Promise<string[]> {
  const { rows } = await database.pool.query<{ value: string }>(
    `select value from extended_${level}_values order by value`,
  );
  return rows.map(({ value }) => value);
}

async function completed(id: string, batchRows = 100): Promise<void> {
  const reindex = createTagReindex({ pool: database.pool, log: silentLog, batchRows, pollMs: 10 });
  reindex.start();
  await expect.poll(async () => (await tags.operation(id))?.status).toBe('completed');
  await reindex.close();
}

describe('extended query tags', () => {
  it('are known to a node that has not heard of them when it stores', async () => {
    const id = await tags.add([comments]);
    // The index was made before; nobody told it.
    expect(await index.insert(commented(1, 0, 'first'), 'reject')).toEqual({ status: 'inserted' });
    const many = [1, 2, 3].map((n) => ({
      instance: commented(1, n, `batch ${n}`),
      onDifferentContent: 'reject' as const,
    }));
    await index.insertInstances(many);
    expect(await valuesOf('instance')).toEqual(['batch 1', 'batch 2', 'batch 3', 'first']);
    await completed(id);
    expect(await valuesOf('instance')).toEqual(['batch 1', 'batch 2', 'batch 3', 'first']);
  });

  it('follow what replaces, erases and repeats an instance', async () => {
    await index.insert(commented(1, 0, 'second', 1), 'replace');
    expect(await index.insert(commented(1, 0, 'second', 1), 'reject')).toMatchObject({ status: 'duplicate' });
    await index.erase(commented(1, 3, ''));
    expect(await valuesOf('instance')).toEqual(['batch 1', 'batch 2', 'second']);
    await index.erase({ studyInstanceUid: commented(1, 0, '').studyInstanceUid });
    expect(await valuesOf('instance')).toEqual([]);
  });

  it('of a series are those of the instance that came last', async () => {
    const id = await tags.add([softwareVersions]);
    const described = (instance: number, versions: string[]) =>
      newInstance({ study: 2, instance, attributes: { '00181020': { vr: 'LO', Value: versions } } });
    await index.insert(described(0, ['1.0', 'x\\y']), 'reject');
    expect(await valuesOf('series')).toEqual(['1.0', 'x\\y']);
    await index.insert(described(1, ['2.0']), 'reject');
    expect(await valuesOf('series')).toEqual(['2.0']);
    await completed(id);
    expect(await valuesOf('series')).toEqual(['2.0']);
    expect(await tags.delete(softwareVersions.path)).toBe(true);
    expect(await valuesOf('series')).toEqual([]);
  });

  it('are read on from where reading was broken off', async () => {
    await tags.delete(comments.path);
    const instances = Array.from({ length: 40 }, (_, n) => commented(3, n, `stored ${n}`));
    await index.insertInstances(instances.map((instance) => ({ instance, onDifferentContent: 'reject' })));
    const id = await tags.add([comments]);
    const reindex = createTagReindex({ pool: database.pool, log: silentLog, batchRows: 1, pollMs: 10 });
    reindex.start();
    await expect.poll(async () => (await tags.operation(id))?.percentComplete, { interval: 1 }).toBeGreaterThan(0);
    await reindex.close();
    const before = await valuesOf('instance');
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(40);
    expect(await tags.operation(id)).toMatchObject({ status: 'running', paths: [comments.path] });
    expect((await tags.operation(id))?.percentComplete).toBeLessThan(100);
    const search = createSearch({ index: createSearchIndex({ pool: database.pool }), extendedTags: tags });
    const condition = { kind: 'wildcard', path: [comments.path], vr: 'LT', pattern: 'stored*' } as const;
    const unfinished = await search.count({ level: 'instance', conditions: [condition] });
    expect(unfinished).toEqual({
      count: before.length,
      warnings: [expect.stringMatching(/^ImageComments is still being indexed \(\d+ %\)/)],
    });
    // Were these read again, their values would come back.
    await database.pool.query('delete from extended_instance_values');
    await completed(id, 7);
    expect(await valuesOf('instance')).toHaveLength(instances.length - before.length);
    expect(await tags.operation(id)).toMatchObject({ percentComplete: 100 });
  });

  it('miss nothing that a transaction stores which began before they were there', async () => {
    await tags.delete(comments.path);
    let blobIsDurable = () => {};
    const durable = new Promise<void>((resolve) => {
      blobIsDurable = resolve;
    });
    const storing = index.insert(commented(4, 0, 'just in time'), 'reject', durable);
    const inserted = async () => {
      const { rowCount } = await database.pool.query(
        "select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
      );
      return rowCount;
    };
    await expect.poll(inserted).toBe(1);
    const id = await tags.add([comments]);
    const reindex = createTagReindex({ pool: database.pool, log: silentLog, pollMs: 10 });
    reindex.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await tags.operation(id)).toMatchObject({ status: 'notStarted' });
    blobIsDurable();
    await storing;
    await expect.poll(async () => (await tags.operation(id))?.status).toBe('completed');
    await reindex.close();
    expect(await valuesOf('instance')).toContain('just in time');
  });

  it('are added all or none, each once, and not without end', async () => {
    const other = { path: '00102000', vr: 'LO', level: 'study' } as const;
    await expect(tags.add([other, comments])).rejects.toMatchObject({ code: 'conflict' });
    expect((await tags.tags()).map(({ path }) => path)).toEqual([comments.path]);
    const many = Array.from({ length: 128 }, (_, n) => ({ ...other, path: `0099${String(n).padStart(4, '0')}` }));
    await expect(tags.add(many)).rejects.toMatchObject({ code: 'bad-request' });
    const both = await Promise.allSettled([tags.add([other]), createExtendedTagStore(database.pool).add([other])]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
