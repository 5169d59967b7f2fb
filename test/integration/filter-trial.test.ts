import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { createFilterTrialSource } from '../../src/index/filter-trial-source.ts';
import { createFilterTrial } from '../../src/publisher/create-filter-trial.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let database: TestDatabase;
let server: TestServer;
const between: Date[] = [];

const chest: DicomJson = { '00180015': { vr: 'CS', Value: ['CHEST'] } };

/** Two chests of three instances, of which one is a localizer; then a head. */
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ DATABASE_URL: database.url });
  const { index } = server.house;
  for (const study of [1, 2]) {
    for (const instance of [0, 1, 2]) {
      const localizer: DicomJson = { '00080008': { vr: 'CS', Value: ['LOCALIZER'] } };
      await index.insert(
        newInstance({ study, instance, attributes: { ...chest, ...(instance === 2 && localizer) } }),
        'reject',
      );
    }
  }
  const { rows } = await database.pool.query<{ now: Date }>('select clock_timestamp() as now');
  between.push(rows[0]!.now);
  await index.insert(newInstance({ study: 3, attributes: { '00180015': { vr: 'CS', Value: ['HEAD'] } } }), 'reject');
});

afterAll(async () => {
  await server.close();
  await database.drop();
});

async function tried(body: object) {
  const response = await fetch(`${server.local}/api/config/try-filter`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: the body is compared, not used
  return { status: response.status, body: (await response.json()) as any };
}

const expression = "BodyPartExamined == 'CHEST' && ImageType != 'LOCALIZER'";

it('tells of every study how much of it is selected, and which clause says no to the rest', async () => {
  const { body } = await tried({ expression });
  expect(body.items).toEqual([
    {
      studyInstanceUid: '1.2.826.0.1.3',
      studyDescription: 'Synthetic',
      studyDate: '20240229',
      patientName: 'Synthetic^Number 3',
      patientId: 'P3',
      modalities: ['CT'],
      instances: 1,
      selectedInstances: 0,
      refusals: [
        {
          clause: "BodyPartExamined == 'CHEST'",
          from: 0,
          till: 27,
          because: "BodyPartExamined is 'HEAD'",
          expression: 'publisher',
          instances: 1,
        },
      ],
    },
    expect.objectContaining({ studyInstanceUid: '1.2.826.0.1.2', instances: 3, selectedInstances: 2 }),
    expect.objectContaining({
      studyInstanceUid: '1.2.826.0.1.1',
      refusals: [expect.objectContaining({ clause: "ImageType != 'LOCALIZER'", instances: 1 })],
    }),
  ]);
  expect([body.examined, body.selected, body.complete]).toEqual([
    { studies: 3, instances: 7 },
    { studies: 2, instances: 4 },
    true,
  ]);
});

it('looks at what was stored in a time, and at no more studies than asked', async () => {
  const after = await tried({ expression, from: between[0]!.toISOString() });
  expect(after.body.items.map(({ studyInstanceUid }: { studyInstanceUid: string }) => studyInstanceUid)).toEqual([
    '1.2.826.0.1.3',
  ]);
  const before = await tried({ expression, till: between[0]!.toISOString(), limit: 1 });
  expect(before.body).toMatchObject({
    items: [{ studyInstanceUid: '1.2.826.0.1.2' }],
    complete: false,
    because: 'Only the 1 newest studies were looked at.',
  });
});

it("narrows the site's filter where it is asked to, and names whose clause it is", async () => {
  const { headers } = await fetch(`${server.local}/api/config`);
  await fetch(`${server.local}/api/config`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', 'If-Match': headers.get('etag')! },
    body: JSON.stringify({ filter: { expression: "Modality == 'MR'" } }),
  });
  const { body } = await tried({ expression: 'exists(Rows)', alsoSiteFilter: true });
  expect(body.selected.studies).toBe(0);
  expect(body.items[0].refusals[0]).toMatchObject({ clause: "Modality == 'MR'", expression: 'filter' });
  // One that is drafted takes the place of the one that is saved, and is told apart where it is none.
  const drafted = await tried({ expression: 'exists(Rows)', alsoSiteFilter: true, siteExpression: '' });
  expect(drafted.body.selected.studies).toBeGreaterThan(0);
  const broken = await tried({ expression: 'exists(Rows)', siteExpression: 'Modality = 1' });
  expect([broken.status, broken.body.errors[0].path]).toEqual([400, '/siteExpression']);
});

it('refuses what is no expression, at its place', async () => {
  const { status, body } = await tried({ expression: 'Modality = 1' });
  expect([status, body.errors]).toEqual([
    400,
    [{ path: '/expression', message: 'Values are compared by ==.', from: 9, till: 10 }],
  ]);
});

it('reads page by page, and ends in time with what it has', async () => {
  const source = createFilterTrialSource(database.pool);
  const pages: number[] = [];
  const counted: typeof source = {
    ...source,
    instances: async (...asked) => {
      const page = await source.instances(...asked);
      pages.push(page.length);
      return page;
    },
  };
  const whole = await createFilterTrial({ source: counted, limits: { pageInstances: 2 } })({
    expression: '',
    limit: 10,
  });
  expect([whole.selected, whole.partial, Math.max(...pages)]).toEqual([{ studies: 3, instances: 7 }, undefined, 2]);
  const some = await createFilterTrial({ source, limits: { maxInstances: 4 } })({ expression: '', limit: 10 });
  expect([some.examined.instances, some.partial]).toEqual([4, 'After 4 instances the search was ended.']);
  let now = 0;
  const late = createFilterTrial({ source, limits: { maxMs: 1_500 }, now: () => (now += 1_000) });
  expect(await late({ expression: '', limit: 10 })).toMatchObject({
    examined: { studies: 1, instances: 1 },
    partial: 'After 1.5 s the search was ended.',
  });
});
