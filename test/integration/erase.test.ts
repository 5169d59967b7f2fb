import { afterAll, beforeAll, expect, test } from 'vitest';
import { createErase } from '../../src/erase/create-erase.ts';
import { createJanitor } from '../../src/ingest/janitor.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { buildPart10, ctElements, element, pixelElements } from '../support/dicom-builder.ts';
import { createTestServices, send, type TestServices } from '../support/services.ts';

let services: TestServices;
beforeAll(async () => {
  services = await createTestServices();
});
afterAll(() => services.close());

/** Two series of three instances in a study of its own. */
async function storeStudy(study: string): Promise<void> {
  for (const series of ['1', '2']) {
    for (const instance of ['1', '2', '3']) {
      const uids = { study, series: `${study}.${series}`, instance: `${study}.${series}.${instance}` };
      const elements = ctElements(uids, ...pixelElements({ rows: 8, columns: 8 }));
      expect(await send(services.ingest, buildPart10({ elements }))).toMatchObject({ status: 'stored' });
    }
  }
}

test('an instance, a series and a study are erased with their blobs, and what is left of the study stays', async () => {
  const study = '2.25.10';
  await storeStudy(study);
  const blobsBefore = (await services.blobKeys()).length;
  const series = { studyInstanceUid: study, seriesInstanceUid: `${study}.1` };
  const instance = { ...series, sopInstanceUid: `${study}.1.2` };
  const remaining = async () => blobsBefore - (await services.blobKeys()).length;

  expect(await services.erase.erase(instance)).toBe(1);
  expect(await remaining()).toBe(1);
  await expect(services.retrieve.metadataEtag(instance)).rejects.toMatchObject({ code: 'gone' });
  expect(await services.erase.erase(series)).toBe(2);
  expect(await remaining()).toBe(3);
  await expect(services.retrieve.metadataEtag(series)).rejects.toMatchObject({ code: 'gone' });
  expect(await services.erase.erase({ studyInstanceUid: study })).toBe(3);
  expect(await remaining()).toBe(6);
  await expect(services.retrieve.metadataEtag({ studyInstanceUid: study })).rejects.toMatchObject({ code: 'gone' });
  expect(await services.index.blobsToDelete(10)).toEqual([]);
});

test('what was erased before is gone, what never was is not found by its level', async () => {
  const study = '2.25.11';
  await storeStudy(study);
  await services.erase.erase({ studyInstanceUid: study });
  await expect(services.erase.erase({ studyInstanceUid: study })).rejects.toMatchObject({ code: 'gone' });
  await storeStudy(study);
  await expect(services.erase.erase({ studyInstanceUid: '2.25.404' })).rejects.toMatchObject({
    code: 'not-found',
    details: { level: 'study' },
  });
  const unknownSeries = { studyInstanceUid: study, seriesInstanceUid: '2.25.404' };
  await expect(services.erase.erase(unknownSeries)).rejects.toMatchObject({
    code: 'not-found',
    details: { level: 'series' },
  });
});

test('a crash between index and blobs erases all the same: nothing is found, and the janitor deletes the blobs', async () => {
  const study = '2.25.12';
  await storeStudy(study);
  const blobsBefore = (await services.blobKeys()).length;
  const { index, blobs, custody } = services;
  const crashing = createErase({
    index,
    blobs: { delete: () => Promise.reject(new Error('The process dies here.')) },
    forget: () => {},
    log: silentLog,
  });
  expect(await crashing.erase({ studyInstanceUid: study })).toBe(6);
  await expect(services.retrieve.metadataEtag({ studyInstanceUid: study })).rejects.toMatchObject({ code: 'gone' });
  expect(await services.blobKeys()).toHaveLength(blobsBefore);

  const janitor = createJanitor({ blobs, index, custody, clock: systemClock, log: silentLog });
  expect(await janitor.clean()).toMatchObject({ deleted: 6 });
  expect(await services.blobKeys()).toHaveLength(blobsBefore - 6);
  expect(await index.blobsToDelete(10)).toEqual([]);
  await janitor.close();
});

test('an instance that is stored again after its erasure is there', async () => {
  const file = buildPart10({ elements: ctElements({ study: '2.25.13', instance: '2.25.13.1' }) });
  await send(services.ingest, file);
  await services.erase.erase({ studyInstanceUid: '2.25.13' });
  const outcome = await send(services.ingest, file);
  expect(outcome).toMatchObject({ status: 'stored' });
  if (outcome.status === 'refused') return;
  expect(await services.retrieve.metadataEtag(outcome)).toBeTruthy();
});

test('instances that are stored while their study is erased are either erased or whole', async () => {
  const study = '2.25.14';
  const file = (number: number) =>
    buildPart10({
      elements: ctElements({ study, instance: `${study}.${number}` }, element('00200013', 'IS', String(number))),
    });
  await Promise.all([
    ...Array.from({ length: 40 }, (_, number) => send(services.ingest, file(number))),
    ...Array.from({ length: 5 }, () => services.erase.erase({ studyInstanceUid: study }).catch(() => 0)),
  ]);
  const there = new Set<string>();
  for await (const { blobKey } of services.index.instances({ studyInstanceUid: study })) there.add(blobKey);
  const keys = new Set(await services.blobKeys());
  for (const key of there) expect(keys.has(key)).toBe(true);
  const referenced = await services.index.referencedBlobs([...keys]);
  expect([...keys].filter((key) => !referenced.has(key))).toEqual([]);
});
