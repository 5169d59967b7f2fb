import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import type { Index, InsertRequest } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { uidKey } from '../../src/index/uid-key.ts';
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

const request = (
  instance: InsertRequest['instance'],
  onDifferentContent: InsertRequest['onDifferentContent'] = 'reject',
) => ({
  instance,
  onDifferentContent,
});

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

async function studyRow(studyInstanceUid: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await database.pool.query('select * from studies where study_id = $1', [uidKey(studyInstanceUid)]);
  return rows[0];
}

let nextStudy = 0;
const freshStudy = () => ++nextStudy;

describe('an instance whose blob is still being synced', () => {
  it('is inserted, and seen by nobody before the blob is durable', async () => {
    const instance = newInstance({ study: freshStudy() });
    let durable = () => {};
    const synced = new Promise<void>((resolve) => {
      durable = resolve;
    });
    const inserting = index.insert(instance, 'reject', synced);
    await untilUncommitted();
    expect(await index.instance(instance)).toBeUndefined();
    durable();
    expect(await inserting).toEqual({ status: 'inserted' });
    expect(await index.instance(instance)).toBeDefined();
  });

  it('is not inserted if the blob cannot be made durable', async () => {
    const instance = newInstance({ study: freshStudy() });
    const failed = Promise.reject(new Error('no space'));
    await expect(index.insert(instance, 'reject', failed)).rejects.toThrow('no space');
    expect(await index.instance(instance)).toBeUndefined();
    expect(await index.insert(instance, 'reject')).toEqual({ status: 'inserted' });
  });

  it('harms no other that arrives meanwhile', async () => {
    const study = freshStudy();
    const [first, second, third] = [1, 2, 3].map((at) => newInstance({ study, instance: at }));
    const failed = new Promise<void>((_, reject) => setImmediate(() => reject(new Error('no space'))));
    const results = await Promise.allSettled([
      index.insert(first!, 'reject', failed),
      index.insert(second!, 'reject', Promise.resolve()),
      index.insert(third!, 'reject'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await studyRow(second!.studyInstanceUid)).toMatchObject({ number_of_study_related_instances: 2 });
  });

  /** The statement is through and holds the lock of its study. */
  async function untilUncommitted(): Promise<void> {
    while ((await advisoryLocks()).length === 0);
  }

  async function advisoryLocks(): Promise<unknown[]> {
    const { rows } = await database.pool.query(
      "select from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and state = 'idle in transaction'",
    );
    return rows;
  }
});

describe('an instance that is inserted', () => {
  it('is found with everything that was given', async () => {
    const instance = newInstance({ study: freshStudy() });
    expect(await index.insert(instance, 'reject')).toEqual({ status: 'inserted' });
    expect(await index.instance(instance)).toEqual({
      studyInstanceUid: instance.studyInstanceUid,
      seriesInstanceUid: instance.seriesInstanceUid,
      sopInstanceUid: instance.sopInstanceUid,
      sopClassUid: instance.sopClassUid,
      transferSyntaxUid: instance.transferSyntaxUid,
      frames: 1,
      blobKey: instance.blobKey,
      size: instance.size,
      sha256: instance.sha256,
      dataSetOffset: instance.dataSetOffset,
      deflated: false,
    });
    const [metadata] = await all(index.metadata(instance));
    expect(JSON.parse(inflateRawSync(metadata!.metadata).toString())).toEqual(instance.attributes);
    expect(await index.bulk(instance, '7FE00010')).toEqual(instance.bulk[0]);
    expect(await index.bulk(instance, '00420011')).toBeUndefined();
  });

  it('is a duplicate when it comes again, and changes nothing', async () => {
    const study = freshStudy();
    const first = newInstance({ study });
    await index.insert(first, 'reject');
    const before = await studyRow(first.studyInstanceUid);
    for (const policy of ['reject', 'replace', 'keep'] as const) {
      expect(await index.insert(newInstance({ study }), policy)).toEqual({
        status: 'duplicate',
        existing: { blobKey: first.blobKey, size: first.size, sha256: first.sha256, isFetched: false },
      });
    }
    expect(await studyRow(first.studyInstanceUid)).toEqual(before);
  });

  it('with different content is left out, kept out or put in its place, as the policy says', async () => {
    const study = freshStudy();
    const first = newInstance({ study });
    const second = newInstance({ study, version: 1 });
    const existing = { blobKey: first.blobKey, size: first.size, sha256: first.sha256, isFetched: false };
    await index.insert(first, 'reject');
    expect(await index.insert(second, 'reject')).toEqual({ status: 'differs', existing });
    expect(await index.insert(second, 'keep')).toEqual({ status: 'kept', existing });
    expect((await index.instance(first))?.blobKey).toBe(first.blobKey);
    expect(await index.insert(second, 'replace')).toEqual({ status: 'replaced', existing });
    expect((await index.instance(first))?.blobKey).toBe(second.blobKey);
    expect(await index.blobsToDelete(100)).toContain(first.blobKey);
    expect(await studyRow(first.studyInstanceUid)).toMatchObject({
      number_of_study_related_series: 1,
      number_of_study_related_instances: 1,
    });
  });

  it('takes the place of the blob that was found damaged, but not of what another has put there meanwhile', async () => {
    const study = freshStudy();
    const [first, again, late] = [newInstance({ study }), newInstance({ study }), newInstance({ study })];
    await index.insert(first, 'reject');
    expect(await index.replace(again, first.blobKey, 'leave')).toBe(true);
    expect(await index.replace(late, first.blobKey, 'leave')).toBe(false);
    expect((await index.instance(first))?.blobKey).toBe(again.blobKey);
    expect(await index.blobsToDelete(100)).toContain(first.blobKey);
  });

  it('answers that it was inserted if its own repetition finds it', async () => {
    const instance = newInstance({ study: freshStudy() });
    await index.insert(instance, 'reject');
    expect(await index.insert(instance, 'reject')).toEqual({ status: 'inserted' });
  });

  it('may hold text that Postgres does not take, which is not matched then', async () => {
    const instance = newInstance({
      study: freshStudy(),
      attributes: {
        '00081030': { vr: 'LO', Value: ['nul\0 and half a pair \ud800'] },
        '00081032': { vr: 'SQ', Value: [{ '00080104': { vr: 'LO', Value: ['nul\0 and \udc00'] } }] },
        '00104000': { vr: 'LT', Value: ['x'.repeat(100_000)] },
      },
    });
    expect(await index.insert(instance, 'reject')).toEqual({ status: 'inserted' });
    expect((await studyRow(instance.studyInstanceUid))?.['study_description']).toBe('nul and half a pair \ufffd');
  });
});

describe('a batch', () => {
  it('answers in its order, whatever became of each', async () => {
    const study = freshStudy();
    const old = newInstance({ study, instance: 7 });
    await index.insert(old, 'reject');
    const results = await index.insertInstances([
      request(newInstance({ study, instance: 9 })),
      request(newInstance({ study, instance: 7 })),
      request(newInstance({ study, instance: 8 })),
      request(newInstance({ study, instance: 9 })),
      request(newInstance({ study, instance: 7, version: 2 }), 'keep'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['inserted', 'duplicate', 'inserted', 'duplicate', 'kept']);
  });

  it('of any size over many studies and series counts each of them right', async () => {
    const base = 10_000;
    const numbers = Array.from({ length: 333 }, (_, n) => ({ study: base + (n % 7), series: n % 3, instance: n }));
    await index.insertInstances(numbers.map((one) => request(newInstance(one))));
    for (let study = base; study < base + 7; study++) {
      const own = numbers.filter((one) => one.study === study);
      expect(await studyRow(`1.2.826.0.1.${study}`)).toMatchObject({
        number_of_study_related_series: 3,
        number_of_study_related_instances: own.length,
        modalities_in_study: ['CT'],
        sop_classes_in_study: ['1.2.840.10008.5.1.4.1.1.2'],
      });
    }
  });

  it('collects the modalities and SOP classes of a study', async () => {
    const study = freshStudy();
    const series = ['SR', 'CT', 'SEG', 'CT'].map((modality, number) =>
      newInstance(
        { study, series: number, attributes: { '00080060': { vr: 'CS', Value: [modality] } } },
        { sopClassUid: `1.2.840.10008.5.1.4.1.1.${number % 3}` },
      ),
    );
    for (const instance of series) await index.insert(instance, 'reject');
    expect(await studyRow(series[0]!.studyInstanceUid)).toMatchObject({
      modalities_in_study: ['CT', 'SEG', 'SR'],
      sop_classes_in_study: [0, 1, 2].map((number) => `1.2.840.10008.5.1.4.1.1.${number}`),
      number_of_study_related_series: 4,
    });
  });

  it('lets the newest study attributes win and records every version', async () => {
    const study = freshStudy();
    const named = (name: string, instance: number) =>
      newInstance({ study, instance, attributes: { '00100010': { vr: 'PN', Value: [{ Alphabetic: name }] } } });
    await index.insertInstances(['One^A', 'Two^B', 'One^A', 'Three^C'].map((name, n) => request(named(name, n))));
    const { studyInstanceUid } = named('', 0);
    expect((await studyRow(studyInstanceUid))?.['patient_name']).toContain('three');
    expect((await studyRow(studyInstanceUid))?.['number_of_study_related_instances']).toBe(4);
    const versions = await index.disagreements(studyInstanceUid);
    const names = versions.map(
      ({ attributes }) => JSON.parse(inflateRawSync(attributes).toString())['00100010'].Value[0].Alphabetic,
    );
    expect(names.sort()).toEqual(['One^A', 'Three^C', 'Two^B']);
    expect(versions.every(({ seriesInstanceUid }) => seriesInstanceUid === undefined)).toBe(true);
    expect(await all(index.instances({ studyInstanceUid }))).toHaveLength(4);
  });

  it('records series attributes that disagree, with their series', async () => {
    const study = freshStudy();
    const described = (text: string, instance: number) =>
      newInstance({ study, series: 5, instance, attributes: { '0008103E': { vr: 'LO', Value: [text] } } });
    await index.insertInstances(['Thorax', 'Abdomen'].map((text, n) => request(described(text, n))));
    const { studyInstanceUid, seriesInstanceUid } = described('', 0);
    const versions = await index.disagreements(studyInstanceUid);
    expect(versions.map((version) => version.seriesInstanceUid)).toEqual([seriesInstanceUid, seriesInstanceUid]);
  });

  it('does not let an instance that cannot be stored harm those beside it', async () => {
    const study = freshStudy();
    const instances = Array.from({ length: 40 }, (_, instance) =>
      newInstance({ study, instance }, instance === 20 ? { size: Number.NaN } : {}),
    );
    const results = await Promise.allSettled(instances.map((instance) => index.insert(instance, 'reject')));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(results[20]!.status).toBe('rejected');
    expect(await studyRow(instances[0]!.studyInstanceUid)).toMatchObject({ number_of_study_related_instances: 39 });
  });
});

describe('reading', () => {
  it('goes by series number, then instance number, those without a number last', async () => {
    const study = freshStudy();
    const without = { '00200013': { vr: 'IS' as const } };
    const instances = [
      newInstance({ study, series: 1, instance: 3 }),
      newInstance({ study, series: 1, instance: 20 }),
      newInstance({ study, series: 1, instance: 1, attributes: without }),
      newInstance({ study, series: 10, instance: 0 }),
      newInstance({ study, series: 0, instance: 0, attributes: { '00200011': { vr: 'IS' } } }),
    ];
    await index.insertInstances([...instances].reverse().map((instance) => request(instance)));
    const { studyInstanceUid } = instances[0]!;
    const expected = instances.map(({ sopInstanceUid }) => sopInstanceUid);
    const uids = async (rows: AsyncIterable<{ sopInstanceUid: string }>) =>
      (await all(rows)).map(({ sopInstanceUid }) => sopInstanceUid);
    expect(await uids(index.instances({ studyInstanceUid }))).toEqual(expected);
    expect(await uids(index.metadata({ studyInstanceUid }))).toEqual(expected);
    expect(await uids(index.metadata(instances[1]!))).toEqual([expected[1]]);
  });

  it('walks through a series of thousands without leaving any out', async () => {
    const study = freshStudy();
    const numbers = Array.from({ length: 1500 }, (_, instance) => instance);
    const numbered = (instance: number) => ({ '00200013': { vr: 'IS' as const, Value: [instance % 40] } });
    await index.insertInstances(
      numbers.map((instance) => request(newInstance({ study, instance, attributes: numbered(instance) }))),
    );
    const found = await all(index.metadata(newSeries(study)));
    expect(new Set(found.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(1500);
    const order = found.map(({ metadata }) => JSON.parse(inflateRawSync(metadata).toString())['00200013'].Value[0]);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('never reads a whole series to find one instance, whatever the statistics say', async () => {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = newInstance({ study: 1 });
    for (const statement of ['analyze', 'delete from pg_statistic']) {
      await database.pool.query(statement);
      const { rows } = await writePool.query<{ 'QUERY PLAN': string }>(
        `explain select blob_key from instances where study_id = '${uidKey(studyInstanceUid)}'
         and series_id = '${uidKey(seriesInstanceUid)}' and instance_id = '${uidKey(sopInstanceUid)}'`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/instances_(pkey|id)\b/);
    }
  });

  it('has a digest of the metadata that changes with it and with nothing else', async () => {
    const study = freshStudy();
    const target = newSeries(study);
    expect(await index.metadataDigest(target)).toBeUndefined();
    await index.insert(newInstance({ study, instance: 1 }), 'reject');
    const one = await index.metadataDigest(target);
    expect(one).toHaveLength(32);
    await index.insert(newInstance({ study, instance: 1 }), 'reject');
    expect(await index.metadataDigest(target)).toEqual(one);
    await index.insert(newInstance({ study, instance: 2 }), 'reject');
    const two = await index.metadataDigest(target);
    expect(two).not.toEqual(one);
    await index.insert(newInstance({ study, instance: 2, version: 1 }), 'replace');
    expect(await index.metadataDigest(target)).not.toEqual(two);
  });

  it('shows the middle instance, and rather one with pixels', async () => {
    const study = freshStudy();
    const ct = [0, 1, 2, 3, 4].map((instance) => newInstance({ study, series: 2, instance }));
    const report = newInstance({ study, series: 1 }, { pixelData: undefined });
    await index.insertInstances([...ct, report].map((instance) => request(instance)));
    const middle = async (target: Parameters<Index['middleInstance']>[0]) =>
      (await index.middleInstance(target))?.sopInstanceUid;
    expect(await middle({ studyInstanceUid: report.studyInstanceUid })).toBe(ct[2]!.sopInstanceUid);
    expect(await middle(newSeries(study, 2))).toBe(ct[2]!.sopInstanceUid);
    expect(await middle(newSeries(study, 1))).toBe(report.sopInstanceUid);
    expect(await middle(ct[4]!)).toBe(ct[4]!.sopInstanceUid);
    expect(await middle({ studyInstanceUid: '1.2.3' })).toBeUndefined();
  });
});

function newSeries(study: number, series = 0): { studyInstanceUid: string; seriesInstanceUid: string } {
  const { studyInstanceUid, seriesInstanceUid } = newInstance({ study, series });
  return { studyInstanceUid, seriesInstanceUid };
}

describe('frames', () => {
  const encapsulated = (frames: number, fragments: number, frameStarts: Uint32Array | 'one-to-one' | 'unknown') => ({
    kind: 'encapsulated' as const,
    tag: '7FE00010' as const,
    frames,
    offset: 1000,
    length: 2 ** 40,
    fragmentOffsets: Float64Array.from({ length: fragments }, (_, n) => 2 ** 33 + n * 100),
    fragmentLengths: Float64Array.from({ length: fragments }, (_, n) => 50 + (n % 40)),
    frameStarts,
  });
  const fragment = (n: number) => ({ offset: 2 ** 33 + n * 100, length: 50 + (n % 40) });

  it('of native pixels are located by arithmetic', async () => {
    const native = {
      kind: 'native',
      tag: '7FE00010',
      vr: 'OB',
      bigEndian: false,
      frames: 3,
      bitsPerFrame: 12,
      offset: 100,
      length: 6,
    } as const;
    const instance = newInstance({ study: freshStudy() }, { pixelData: native });
    await index.insert(instance, 'reject');
    expect(await index.frames(instance, [2, 1])).toEqual([
      { number: 2, ranges: [{ offset: 101, length: 2 }], bitOffset: 4, encapsulated: false },
      { number: 1, ranges: [{ offset: 100, length: 2 }], bitOffset: 0, encapsulated: false },
    ]);
  });

  it('are cut out of a table of a hundred thousand in the order asked', async () => {
    const instance = newInstance({ study: freshStudy() }, { pixelData: encapsulated(100_000, 100_000, 'one-to-one') });
    await index.insert(instance, 'reject');
    const found = await index.frames(instance, [100_000, 1, 77_777, 1]);
    expect(found?.map(({ number, ranges }) => [number, ranges])).toEqual(
      [100_000, 1, 77_777, 1].map((number) => [number, [fragment(number - 1)]]),
    );
  });

  it('of several fragments have them all', async () => {
    const starts = Uint32Array.from({ length: 50_000 }, (_, n) => n * 3);
    const instance = newInstance({ study: freshStudy() }, { pixelData: encapsulated(50_000, 150_001, starts) });
    await index.insert(instance, 'reject');
    const found = await index.frames(instance, [1, 50_000]);
    expect(found?.[0]?.ranges).toEqual([0, 1, 2].map(fragment));
    expect(found?.[1]?.ranges).toEqual([149_997, 149_998, 149_999, 150_000].map(fragment));
  });

  it('that are not there, cannot be told apart or never were are refused in words', async () => {
    const one = newInstance({ study: freshStudy() }, { pixelData: encapsulated(5, 3, 'one-to-one') });
    const unknown = newInstance({ study: freshStudy() }, { pixelData: encapsulated(5, 3, 'unknown') });
    const none = newInstance({ study: freshStudy() }, { pixelData: undefined });
    await index.insertInstances([one, unknown, none].map((instance) => request(instance)));
    for (const number of [0, 6, 1.5, 2 ** 40]) {
      await expect(index.frames(one, [1, number])).rejects.toMatchObject({ code: 'frame-not-found' });
    }
    await expect(index.frames(one, [4])).rejects.toMatchObject({ code: 'frame-not-found' });
    await expect(index.frames(unknown, [1])).rejects.toMatchObject({ code: 'frame-boundary-unknown' });
    await expect(index.frames(none, [1])).rejects.toMatchObject({ code: 'no-pixel-data' });
    expect(await index.frames(newInstance({ study: 424_242 }), [1])).toBeUndefined();
  });
});

describe('erasing', () => {
  it('an instance leaves the others, counted right', async () => {
    const study = freshStudy();
    const [first, second, report] = [
      newInstance({ study, instance: 1 }),
      newInstance({ study, instance: 2 }),
      newInstance(
        { study, series: 1, attributes: { '00080060': { vr: 'CS', Value: ['SR'] } } },
        { sopClassUid: '1.2.840.10008.5.1.4.1.1.88.11' },
      ),
    ] as const;
    await index.insertInstances([first, second, report].map((instance) => request(instance)));
    expect(await index.erase(first)).toEqual({ instances: 1, blobKeys: [first.blobKey] });
    expect(await studyRow(first.studyInstanceUid)).toMatchObject({
      number_of_study_related_series: 2,
      number_of_study_related_instances: 2,
      modalities_in_study: ['CT', 'SR'],
    });
    expect(await index.known(first)).toEqual({ state: 'erased', at: expect.any(Date) });
    expect(await index.known(second)).toEqual({ state: 'stored' });
    await index.erase(report);
    expect(await studyRow(first.studyInstanceUid)).toMatchObject({
      number_of_study_related_series: 1,
      modalities_in_study: ['CT'],
      sop_classes_in_study: ['1.2.840.10008.5.1.4.1.1.2'],
    });
    expect(await index.known(newSeries(study, 1))).toEqual({ state: 'erased', at: expect.any(Date) });
  });

  it('or correcting one after the other reads none of the others, but for SOP classes that may be gone', async () => {
    const study = freshStudy();
    const ofClass = (instance: number, modality: string, sopClassUid: string, version = 0) =>
      newInstance(
        { study, instance, version, attributes: { '00080060': { vr: 'CS', Value: [modality] } } },
        { sopClassUid },
      );
    const [one, two, three] = [ofClass(1, 'CT', '1.1'), ofClass(2, 'CT', '1.1'), ofClass(3, 'CT', '1.2')] as const;
    await index.insertInstances([one, two, three].map((instance) => request(instance)));
    const classes = async () => (await studyRow(one.studyInstanceUid))?.['sop_classes_in_study'];
    // Nobody has it: who reads them all finds that out.
    const unread = 'update studies set sop_classes_in_study = $2 where study_id = $1';
    await database.pool.query(unread, [uidKey(one.studyInstanceUid), ['1.1', '1.2', 'unread']]);
    const corrected = ofClass(1, 'CT', '1.1', 1);
    expect(await index.replace(corrected, one.blobKey, 'drop')).toBe(true);
    await index.erase(two);
    expect(await classes()).toEqual(['1.1', '1.2', 'unread']);
    const other = ofClass(1, 'MR', '1.0', 2);
    expect(await index.replace(other, corrected.blobKey, 'drop')).toBe(true);
    expect(await studyRow(one.studyInstanceUid)).toMatchObject({
      modalities_in_study: ['MR'],
      sop_classes_in_study: ['1.0', '1.2', 'unread'],
      number_of_study_related_instances: 2,
    });
    await index.erase(three);
    expect(await classes()).toEqual(['1.0', 'unread']);
  });

  it('a study leaves nothing but what answers for it', async () => {
    const study = freshStudy();
    const instances = Array.from({ length: 50 }, (_, n) => newInstance({ study, series: n % 5, instance: n }));
    await index.insertInstances(instances.map((instance) => request(instance)));
    const { studyInstanceUid } = instances[0]!;
    const { instances: erased, blobKeys } = await index.erase({ studyInstanceUid });
    expect(erased).toBe(50);
    expect(new Set(blobKeys)).toEqual(new Set(instances.map(({ blobKey }) => blobKey)));
    for (const target of [{ studyInstanceUid }, newSeries(study, 3), instances[7]!]) {
      expect(await index.known(target)).toEqual({ state: 'erased', at: expect.any(Date) });
    }
    expect(await studyRow(studyInstanceUid)).toBeUndefined();
    expect(await index.referencedBlobs(blobKeys)).toEqual(new Set());
    const waiting = await index.blobsToDelete(10_000);
    expect(waiting).toEqual(expect.arrayContaining([...blobKeys]));
    await index.blobsDeleted(blobKeys);
    expect(await index.blobsToDelete(10_000)).not.toEqual(expect.arrayContaining([...blobKeys]));
  });

  it('what is not there does nothing', async () => {
    expect(await index.erase({ studyInstanceUid: '1.2.3.4' })).toEqual({ instances: 0, blobKeys: [] });
  });

  it('does not keep an instance from being stored again', async () => {
    const instance = newInstance({ study: freshStudy() });
    await index.insert(instance, 'reject');
    await index.erase(instance);
    expect(await index.insert({ ...instance, blobKey: `${instance.blobKey}-2` }, 'reject')).toEqual({
      status: 'inserted',
    });
    expect(await index.known(instance)).toEqual({ state: 'stored' });
  });
});

it('names the first level that is unknown', async () => {
  const instance = newInstance({ study: freshStudy() });
  await index.insert(instance, 'reject');
  const { studyInstanceUid, seriesInstanceUid } = instance;
  expect(await index.known({ studyInstanceUid: '9.9' })).toEqual({ state: 'unknown', level: 'study' });
  expect(await index.known({ studyInstanceUid, seriesInstanceUid: '9.9' })).toEqual({
    state: 'unknown',
    level: 'series',
  });
  expect(await index.known({ studyInstanceUid, seriesInstanceUid, sopInstanceUid: '9.9' })).toEqual({
    state: 'unknown',
    level: 'instance',
  });
});

it('lists every blob, and tells which of some are referred to', async () => {
  const { rows } = await database.pool.query<{ blob_key: string }>('select blob_key from instances');
  const blobs = await all(index.allBlobs());
  expect(new Set(blobs.map(({ blobKey }) => blobKey))).toEqual(new Set(rows.map(({ blob_key }) => blob_key)));
  expect(blobs).toHaveLength(rows.length);
  const [one] = blobs;
  expect(await index.referencedBlobs([one!.blobKey, 'orphan'])).toEqual(new Set([one!.blobKey]));
});

it('takes off the list of blobs to be deleted what a row refers to', async () => {
  const kept = newInstance({ study: freshStudy() });
  await index.insert(kept, 'reject');
  await database.pool.query(
    "insert into blobs_to_delete (blob_key, since) values ($1, '-infinity'), ('gone', '-infinity')",
    [kept.blobKey],
  );
  expect(await index.listedForDeletion([kept.blobKey, 'gone', 'other'])).toEqual(new Set([kept.blobKey, 'gone']));
  expect(await index.blobsToDelete(2)).toEqual(['gone']);
  expect(await index.listedForDeletion([kept.blobKey, 'gone'])).toEqual(new Set(['gone']));
});

it('forgets all studies when it is cleared, but not what was erased', async () => {
  const erased = newInstance({ study: freshStudy() });
  await index.insert(erased, 'reject');
  await index.erase(erased);
  await index.clear();
  expect(await all(index.allBlobs())).toEqual([]);
  expect(await index.known(erased)).toEqual({ state: 'erased', at: expect.any(Date) });
  await index.ping();
});
