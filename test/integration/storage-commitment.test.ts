import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PendingReport } from '../../src/commitment/commitment.ts';
import { createCommitment } from '../../src/commitment/create-commitment.ts';
import { createReportTeller } from '../../src/commitment/report-teller.ts';
import type {
  CommitmentReport,
  LongCommitmentReport,
  ReferencedInstance,
} from '../../src/dicom/commitment-data-set.ts';
import { createCommitmentStore } from '../../src/index/commitment-store.ts';
import { createSearchIndex } from '../../src/index/search-index.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createApplicationEntity } from '../../src/library/dimse.ts';
import { createSearch } from '../../src/search/create-search.ts';
import { buildPart10, ctElements } from '../support/dicom-builder.ts';
import { startDimseServer, type TestDimseServer } from '../support/dimse-server.ts';
import { createTestServices, send, type TestServices, testSource } from '../support/services.ts';

const ctImage = '1.2.840.10008.5.1.4.1.1.2';
const study = '2.25.90210';
const instance = (number: number): ReferencedInstance => ({
  sopClassUid: ctImage,
  sopInstanceUid: `${study}.1.${number}`,
});
/** More than two parts of a report. */
const asked = Array.from({ length: 5_000 }, (_, at) => instance(at));
const known = new Set([0, 1_999, 4_999].map((number) => instance(number).sopInstanceUid));
const expected = {
  committed: asked.filter(({ sopInstanceUid }) => known.has(sopInstanceUid)),
  failed: asked
    .filter(({ sopInstanceUid }) => !known.has(sopInstanceUid))
    .map((one) => ({ ...one, failureReason: 0x0112 })),
};

async function whole({ parts }: LongCommitmentReport): Promise<Omit<CommitmentReport, 'transactionUid'>> {
  const all = { committed: [] as ReferencedInstance[], failed: [] as CommitmentReport['failed'][number][] };
  for await (const { committed, failed } of parts()) {
    expect(committed.length + failed.length).toBeLessThanOrEqual(2_000);
    all.committed.push(...committed);
    all.failed.push(...failed);
  }
  return all;
}

describe('a storage commitment request for thousands of instances', () => {
  let services: TestServices;
  let dimse: TestDimseServer;
  const modality = createApplicationEntity({ aeTitle: 'CT1' });
  const store = () => createCommitmentStore(services.database.pool);
  const commitment = (over = store()) =>
    createCommitment({
      search: createSearch({ index: createSearchIndex({ pool: services.database.pool }) }),
      index: services.index,
      sizeOf: services.blobs.size,
      store: over,
      log: silentLog,
    });
  async function requested(transactionUid: string, instances = asked, over = store()): Promise<PendingReport> {
    const request = commitment(over).begin('CT1');
    for (let start = 0; start < instances.length; start += 1_000) {
      await request.take(instances.slice(start, start + 1_000));
    }
    return request.finish(transactionUid, 600_000);
  }
  async function rows(): Promise<[reports: number, parts: number]> {
    const { rows: counted } = await services.database.pool.query<{ reports: number; parts: number }>(
      `select (select count(*)::integer from commitment_reports) reports,
         (select count(*)::integer from commitment_report_parts) parts`,
    );
    return [counted[0]!.reports, counted[0]!.parts];
  }
  const teller = (tell: (aeTitle: string, report: LongCommitmentReport) => Promise<void>) =>
    createReportTeller({ store: store(), tell, log: silentLog });

  beforeAll(async () => {
    services = await createTestServices();
    for (const number of [0, 1_999, 4_999]) {
      const uids = { study, series: `${study}.1`, instance: instance(number).sopInstanceUid };
      await send(services.ingest, buildPart10({ elements: ctElements(uids) }), testSource);
    }
    dimse = await startDimseServer({ commitment: commitment() });
  });
  afterEach(async () => {
    await services.database.pool.query('truncate commitment_reports, commitment_report_parts');
  });
  afterAll(async () => {
    await modality.close();
    await dimse.server.close({ graceMs: 0 });
    await services.close();
  });

  it('is answered over the association that asked, in one report, of which nothing is kept then', async () => {
    const report = await modality.commit(`CAUSEWAY@127.0.0.1:${dimse.port}`, asked);
    expect(report.committed).toEqual(expected.committed);
    expect(report.failed).toEqual(expected.failed);
    await expect.poll(rows).toEqual([0, 0]);
  });

  it('is told over another association, whole, by whoever takes it from the database', async () => {
    const pending = await requested('2.25.1');
    expect(pending).toMatchObject({ committed: 3, failed: 4_997 });
    expect(await rows()).toEqual([1, 2]);
    await pending.missed();
    const told: [string, unknown][] = [];
    await teller(async (aeTitle, report) => {
      expect(report).toMatchObject({ transactionUid: '2.25.1', hasFailures: true });
      told.push([aeTitle, await whole(report)]);
    }).tellDue();
    expect(told).toEqual([['CT1', expected]]);
    expect(await rows()).toEqual([0, 0]);
  });

  it('has failures if only an earlier part has, and none if none has', async () => {
    const good = Array.from({ length: 2_001 }, () => instance(0));
    const withFailure = await requested('2.25.1', [instance(7), ...good]);
    expect(withFailure).toMatchObject({ committed: 2_001, failed: 1, report: { hasFailures: true } });
    await withFailure.missed();
    const without = await requested('2.25.2', good);
    expect(without.report.hasFailures).toBe(false);
    await without.missed();
    const told: Record<string, boolean> = {};
    await teller(async (_aeTitle, { transactionUid, hasFailures }) => {
      told[transactionUid] = hasFailures;
    }).tellDue();
    expect(told).toEqual({ '2.25.1': true, '2.25.2': false });
  });

  it('fails as a whole under a Transaction UID that is in use, and leaves the report alone that has it', async () => {
    const first = await requested('2.25.1');
    const second = await requested('2.25.1', asked.slice(0, 4_100));
    expect(second).toMatchObject({ committed: 0, failed: 4_100, report: { hasFailures: true } });
    const { committed, failed } = await whole(second.report);
    expect(committed).toEqual([]);
    expect(failed).toHaveLength(4_100);
    expect(new Set(failed.map(({ failureReason }) => failureReason))).toEqual(new Set([0x0131]));
    await second.acknowledged();
    expect(await rows()).toEqual([1, 2]);
    expect(await whole(first.report)).toEqual(expected);
    await first.acknowledged();
    expect(await rows()).toEqual([0, 0]);
  });

  it('is answered as it is when the connection is lost behind the commit that keeps its report', async () => {
    let losses = 0;
    const pool: pg.Pool = Object.create(services.database.pool, {
      query: {
        async value(text: string, values: unknown[]) {
          const answer: unknown = await services.database.pool.query(text, values);
          if (!text.startsWith('insert into commitment_reports') || losses++ > 0) return answer;
          throw new Error('Connection terminated unexpectedly');
        },
      },
    });
    for (const [instances, failed] of [
      [asked, 4_997],
      [asked.slice(0, 10), 9],
    ] as const) {
      losses = 0;
      const pending = await requested('2.25.1', instances, createCommitmentStore(pool));
      expect(losses).toBe(2);
      expect(pending).toMatchObject({ committed: instances.length - failed, failed });
      const report = await whole(pending.report);
      await pending.missed();
      const told: unknown[] = [];
      await teller(async (_aeTitle, owed) => void told.push(await whole(owed))).tellDue();
      expect(told).toEqual([report]);
    }
  });

  it('keeps all of its report when it is abandoned while it is finished, or after', async () => {
    let abandoning: Promise<void> | undefined;
    const { add, ...others } = store();
    const request = commitment({
      ...others,
      add: async (...report) => {
        abandoning = request.abandon();
        return add(...report);
      },
    }).begin('CT1');
    await request.take(asked);
    const { report } = await request.finish('2.25.1', 600_000);
    await abandoning;
    expect(await rows()).toEqual([1, 2]);
    await request.abandon();
    expect(await rows()).toEqual([1, 2]);
    expect(await whole(report)).toEqual(expected);
  });

  it('vouches for no instance whose file was lost or cut short', async () => {
    const numbers = [7_001, 7_002, 7_003];
    for (const number of numbers) {
      const uids = { study, series: `${study}.1`, instance: instance(number).sopInstanceUid };
      await send(services.ingest, buildPart10({ elements: ctElements(uids) }), testSource);
    }
    const targets = numbers.map((number) => ({
      studyInstanceUid: study,
      seriesInstanceUid: `${study}.1`,
      sopInstanceUid: instance(number).sopInstanceUid,
    }));
    const [lost, short] = await services.index.blobsOf(targets);
    await services.blobs.delete(lost!.blobKey);
    await truncate(join(services.blobsDir, short!.blobKey), 300);
    const pending = await requested('2.25.7', numbers.map(instance));
    expect(await whole(pending.report)).toEqual({
      committed: [instance(7_003)],
      failed: [7_001, 7_002].map((number) => ({ ...instance(number), failureReason: 0x0110 })),
    });
    await pending.acknowledged();
  });

  it('is not told while a part of its report is missing', async () => {
    const pending = await requested('2.25.1');
    await services.database.pool.query('delete from commitment_report_parts where part = 1');
    const missing = 'The storage commitment report is not whole: part 2 of the 2 that are kept is missing.';
    await expect(whole(pending.report)).rejects.toThrow(missing);
    await pending.missed();
    const told: unknown[] = [];
    await teller(async (_aeTitle, report) => {
      await expect(whole(report)).rejects.toThrow(missing);
      for await (const part of report.parts()) told.push(part);
    }).tellDue();
    expect(told).toHaveLength(1);
    expect(await rows()).toEqual([1, 1]);
  });

  it('leaves nothing behind that comes while, or after, it is abandoned', async () => {
    let abandoning: Promise<void> | undefined;
    const { addPart, ...others } = store();
    const request = commitment({
      ...others,
      addPart: async (...part) => {
        abandoning ??= request.abandon();
        return addPart(...part);
      },
    }).begin('CT1');
    await request.take(asked);
    await abandoning;
    await expect(request.take(asked)).rejects.toMatchObject({ code: 'aborted' });
    await expect(request.finish('2.25.1', 600_000)).rejects.toMatchObject({ code: 'aborted' });
    expect(await rows()).toEqual([0, 0]);
  });

  it('leaves nothing behind that was not completed: at once, or what a killed node left, in time', async () => {
    const abandoned = commitment().begin('CT1');
    await abandoned.take(asked);
    expect(await rows()).toEqual([0, 2]);
    await abandoned.abandon();
    expect(await rows()).toEqual([0, 0]);

    const killed = commitment().begin('CT1');
    await killed.take(asked);
    const pending = await requested('2.25.1');
    await store().abandonOlder(3_600_000);
    expect(await rows()).toEqual([1, 4]);
    await services.database.pool.query(`update commitment_report_parts set created_at = now() - interval '2 hours'`);
    await store().abandonOlder(3_600_000);
    expect(await rows()).toEqual([1, 2]);
    expect(await whole(pending.report)).toEqual(expected);
  });
});
