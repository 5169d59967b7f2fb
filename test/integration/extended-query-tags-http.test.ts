import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { buildPart10, element, inTagOrder } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;

const root = '1.2.826.0.1.3680043.10.998.11';

/** @param block where the device keeps its private attributes this time */
function file(study: number, software: string, factor: string, block = '10'): Buffer {
  return buildPart10({
    elements: inTagOrder([
      element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
      element('00080018', 'UI', `${root}.${study}.1.1`),
      element('00080060', 'CS', 'CT'),
      element('00100020', 'LO', `P${study}`),
      element('00102000', 'LO', `Alert${study}`),
      element('00181020', 'LO', software),
      element('0020000D', 'UI', `${root}.${study}`),
      element('0020000E', 'UI', `${root}.${study}.1`),
      element(`705300${block}`, 'LO', 'Causeway Test'),
      element(`7053${block}01`, 'DS', factor),
    ]),
  });
}

beforeAll(async () => {
  server = await startTestServer();
  expect((await stow(server.web, [file(1, '1.0', '1.50'), file(2, '2.0', '2', '12')])).status).toBe(200);
});

afterAll(() => server?.close());

function add(body: unknown, contentType = 'application/json'): Promise<Response> {
  return fetch(`${server.web}/extendedquerytags`, {
    method: 'POST',
    headers: { 'Content-Type': contentType },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function studies(path: string, tag = '0020000D'): Promise<unknown[]> {
  const answer = await fetch(`${server.web}${path}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('warning')).toBeNull();
  return ((await answer.json()) as DicomJson[]).map((match) => match[tag]?.Value?.[0]);
}

describe('extended query tags', () => {
  it('are not searched for before they are added', async () => {
    const answer = await fetch(`${server.web}/series?SoftwareVersions=2.0`);
    expect(answer.headers.get('warning')).toContain('SoftwareVersions is not indexed');
    expect(await answer.json()).toHaveLength(2);
  });

  it('are added by an operation that tells how far it is, and found by from then on', async () => {
    const added = await add([
      { Path: 'SoftwareVersions', Level: 'Series' },
      { path: '70531001', vr: 'DS', level: 'instance', privateCreator: 'Causeway Test' },
      { Path: '00102000', VR: 'LO', Level: 'Study' },
    ]);
    expect(added.status).toBe(202);
    const { href } = (await added.json()) as { href: string };
    expect(added.headers.get('location')).toBe(href);
    await expect.poll(async () => (await fetch(href)).status).toBe(200);
    expect(await (await fetch(href)).json()).toMatchObject({
      type: 'reindex',
      status: 'completed',
      percentComplete: 100,
      resources: ['00181020', '70531001', '00102000'].map((path) => `${server.web}/extendedquerytags/${path}`),
    });
    // What a search knows of tags may be a second old.
    await expect
      .poll(async () => (await fetch(`${server.web}/series?SoftwareVersions=2.0`)).headers.get('warning'))
      .toBeNull();
    expect(await studies('/series?SoftwareVersions=2.0')).toEqual([`${root}.2`]);
    expect(await studies('/studies?MedicalAlerts=alert*')).toEqual([]);
    expect(await studies('/studies?MedicalAlerts=Alert*')).toHaveLength(2);
    expect(await studies('/instances?70531001=1.5')).toEqual([`${root}.1`]);
    expect(await studies('/instances?70531001=2.0&MedicalAlerts=Alert2')).toEqual([`${root}.2`]);
    expect(await (await fetch(`${server.web}/series/count?00181020=1.0`)).json()).toEqual({ count: 1 });
  });

  it('are found by in what is stored afterwards, at once', async () => {
    await stow(server.web, [file(3, '3.0', '3', '20')]);
    expect(await studies('/series?SoftwareVersions=3.*')).toEqual([`${root}.3`]);
    expect(await studies('/instances?70531001=3')).toEqual([`${root}.3`]);
    const below = await fetch(`${server.web}/studies?SoftwareVersions=3.0`);
    expect(below.headers.get('warning')).toContain('lies below the level of the search');
  });

  it('are kept from searches and let back, and read what is stored meanwhile', async () => {
    const update = (body: unknown, path = 'SoftwareVersions') =>
      fetch(`${server.web}/extendedquerytags/${path}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    const disabled = await update({ QueryStatus: 'Disabled' });
    expect({ status: disabled.status, tag: await disabled.json() }).toMatchObject({
      status: 200,
      tag: { path: '00181020', queryStatus: 'Disabled' },
    });
    await stow(server.web, [file(4, '4.0', '4')]);
    const unused = await fetch(`${server.web}/series?SoftwareVersions=4.0`);
    expect(unused.headers.get('warning')).toContain('SoftwareVersions is disabled');
    expect(await unused.json()).toHaveLength(4);
    expect(await (await update({ queryStatus: 'enabled' })).json()).toMatchObject({ queryStatus: 'Enabled' });
    expect(await studies('/series?SoftwareVersions=4.0')).toEqual([`${root}.4`]);
    expect((await update({ QueryStatus: 'Perhaps' })).status).toBe(400);
    expect((await update(['Disabled'])).status).toBe(400);
    expect((await update({ QueryStatus: 'Disabled' }, 'Allergies')).status).toBe(404);
  });

  it('are listed, got by tag or keyword, and deleted', async () => {
    const all = (await (await fetch(`${server.web}/extendedquerytags`)).json()) as unknown[];
    expect(all).toHaveLength(3);
    const got = await fetch(`${server.web}/extendedquerytags/SoftwareVersions`);
    expect(await got.json()).toEqual({
      path: '00181020',
      vr: 'LO',
      level: 'Series',
      status: 'Ready',
      queryStatus: 'Enabled',
    });
    expect(all).toContainEqual(expect.objectContaining({ path: '70531001', privateCreator: 'Causeway Test' }));
    const remove = () => fetch(`${server.web}/extendedquerytags/00181020`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect((await fetch(`${server.web}/extendedquerytags/00181020`)).status).toBe(404);
    expect((await fetch(`${server.web}/extendedquerytags/Nonsense`)).status).toBe(400);
    const answer = await fetch(`${server.web}/series?SoftwareVersions=2.0`);
    expect(answer.headers.get('warning')).toContain('SoftwareVersions is not indexed');
  });

  it.each([
    ['is searchable from the start', [{ Path: 'PatientName', Level: 'Study' }], 409],
    ['is there already', [{ Path: 'MedicalAlerts', Level: 'Study' }], 409],
    ['is in the list twice', ['Allergies', '00102110'].map((Path) => ({ Path, Level: 'Study' })), 400],
    ['is no attribute', [{ Path: 'Nonsense', Level: 'Study' }], 400],
    [
      'lies in a sequence',
      [{ Path: 'RequestAttributesSequence.ReasonForTheRequestedProcedure', Level: 'Series' }],
      400,
    ],
    ['has another VR', [{ Path: 'Allergies', VR: 'PN', Level: 'Study' }], 400],
    ['is a sequence', [{ Path: 'ReferencedStudySequence', Level: 'Study' }], 400],
    ['is pixel data', [{ Path: 'PixelData', Level: 'Instance' }], 400],
    ['has no level', [{ Path: 'Allergies' }], 400],
    ['has a level that is none', [{ Path: 'Allergies', Level: 'Frame' }], 400],
    ['differs within a study', [{ Path: 'ImageComments', Level: 'Study' }], 400],
    ['is private and has no creator', [{ Path: '70531002', VR: 'LO', Level: 'Instance' }], 400],
    ['is private and has no VR', [{ Path: '70531002', Level: 'Instance', PrivateCreator: 'X' }], 400],
    ['is not private and has a creator', [{ Path: 'Allergies', Level: 'Study', PrivateCreator: 'X' }], 400],
    ['reserves a block', [{ Path: '70530010', VR: 'LO', Level: 'Instance', PrivateCreator: 'X' }], 400],
    ['is a number', [{ Path: 1, Level: 'Study' }], 400],
    ['is nothing', [null], 400],
    ['is not in a list', { Path: 'Allergies', Level: 'Study' }, 400],
    ['is missing', [], 400],
    ['is no JSON', '[{', 400],
    ['is too long', JSON.stringify(['x'.repeat(300_000)]), 413],
  ])('a tag that %s is refused', async (_why, body, status) => {
    const answer = await add(body);
    const problem = (await answer.json()) as { detail: string };
    expect({ status: answer.status, detail: problem.detail }).toEqual({ status, detail: expect.stringMatching(/\w/) });
    expect(await (await fetch(`${server.web}/extendedquerytags`)).json()).toHaveLength(2);
  });

  it('come as JSON and in no other way; an operation that never was is not found', async () => {
    expect((await add('<tag/>', 'application/xml')).status).toBe(415);
    const operations = `${server.web}/operations`;
    expect((await fetch(`${operations}/00000000-0000-4000-8000-000000000000`)).status).toBe(404);
    expect((await fetch(`${operations}/1`)).status).toBe(400);
  });
});

describe('values that a tag does not find', () => {
  const path = '00400250'; // PerformedProcedureStepEndDate
  const errors = (query = '') => fetch(`${server.web}/extendedquerytags/${path}/errors${query}`);
  const withDate = (study: number, ...dates: string[]) =>
    buildPart10({
      elements: inTagOrder([
        element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
        element('00080018', 'UI', `${root}.${study}.1.1`),
        element('00080060', 'CS', 'CT'),
        element('0020000D', 'UI', `${root}.${study}`),
        element('0020000E', 'UI', `${root}.${study}.1`),
        element(path, 'DA', dates.join('\\')),
      ]),
    });

  it('are its errors, keep searches from it until it is enabled, and are told of then', async () => {
    expect((await errors()).status).toBe(404);
    expect((await stow(server.web, [withDate(31, '2024'), withDate(32, '20240229')])).status).toBe(202);
    const added = (await (await add([{ Path: path, Level: 'Series' }])).json()) as { href: string };
    await expect.poll(async () => (await fetch(added.href)).status).toBe(200);
    const tag = `${server.web}/extendedquerytags/${path}`;
    const disabled = { queryStatus: 'Disabled', errors: { count: 1, href: `${tag}/errors` } };
    await expect.poll(async () => (await fetch(tag)).json()).toMatchObject(disabled);
    const listed = await errors();
    expect(listed.status).toBe(200);
    expect(await listed.json()).toEqual([
      {
        studyInstanceUid: `${root}.31`,
        seriesInstanceUid: `${root}.31.1`,
        sopInstanceUid: `${root}.31.1.1`,
        createdTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        errorMessage: 'Value 1 of 1 is none that the VR DA has',
      },
    ]);
    const found = () => fetch(`${server.web}/series?PerformedProcedureStepEndDate=20240101-`);
    expect((await found()).headers.get('warning')).toContain('is disabled');

    const enabled = await fetch(tag, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ QueryStatus: 'Enabled' }),
    });
    expect(await enabled.json()).toMatchObject({ queryStatus: 'Enabled', errors: { count: 1 } });
    const answer = await found();
    expect(answer.headers.get('erroneous-dicom-attributes')).toBe('PerformedProcedureStepEndDate');
    expect(((await answer.json()) as DicomJson[]).map((match) => match['0020000D']?.Value)).toEqual([[`${root}.32`]]);
  });

  it('come with instances, too, a page at a time, and go with them', async () => {
    expect((await stow(server.web, [withDate(33, '20240301', 'soon'), withDate(34, '20240302')])).status).toBe(202);
    expect(await (await fetch(`${server.web}/extendedquerytags/${path}`)).json()).toMatchObject({
      queryStatus: 'Enabled',
      errors: { count: 2 },
    });
    expect(await (await errors('?limit=1&offset=1')).json()).toMatchObject([
      { studyInstanceUid: `${root}.33`, errorMessage: 'Value 2 of 2 is none that the VR DA has' },
    ]);
    expect((await errors('?limit=201')).status).toBe(400);
    expect((await fetch(`${server.web}/studies/${root}.33`, { method: 'DELETE' })).status).toBe(204);
    expect(await (await errors()).json()).toHaveLength(1);
  });
});
