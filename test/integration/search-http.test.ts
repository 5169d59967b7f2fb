import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dictionaryEntry } from '../../src/dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement } from '../../src/dicom/json-model.ts';
import { type BuiltElement, buildPart10, element, inTagOrder, sequence } from '../support/dicom-builder.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;

const root = '1.2.826.0.1.3680043.10.998.7';
const ctImage = '1.2.840.10008.5.1.4.1.1.2';
const mrImage = '1.2.840.10008.5.1.4.1.1.4';

const uidOf = (...numbers: readonly number[]) => [root, ...numbers].join('.');

function file(study: number, series: number, instance: number, elements: readonly BuiltElement[]): Buffer {
  const own = new Set(elements.map(({ tag }) => tag));
  const common = [
    element('00080016', 'UI', ctImage),
    element('00080018', 'UI', uidOf(study, series, instance)),
    element('00080060', 'CS', 'CT'),
    element('0020000D', 'UI', uidOf(study)),
    element('0020000E', 'UI', uidOf(study, series)),
    element('00200011', 'IS', String(series)),
    element('00200013', 'IS', String(instance)),
    element('00280010', 'US', [4]),
    element('00280011', 'US', [8]),
    element('00280100', 'US', [8]),
    element('7FE00010', 'OB', Buffer.alloc(32)),
  ].filter(({ tag }) => !own.has(tag));
  return buildPart10({ elements: inTagOrder([...common, ...elements]) });
}

const maxi = [
  element('00080020', 'DA', '20240229'),
  element('00080030', 'TM', '103015'),
  element('00080050', 'SH', 'ACC-1'),
  element('00080090', 'PN', 'Referrer^Rita'),
  element('00080201', 'SH', '+0100'),
  element('00081030', 'LO', 'Thorax Köln'),
  element('00080005', 'CS', 'ISO_IR 192'),
  element('00100010', 'PN', 'Slide^Maxi=山田^太郎'),
  element('00100020', 'LO', 'PX-1'),
  element('00100030', 'DA', '19700101'),
  element('00100040', 'CS', 'F'),
  element('00200010', 'SH', '77'),
];
const scheduled = (step: string) =>
  sequence('00400275', [[element('00321060', 'LO', 'Thorax'), element('00400009', 'SH', step)]]);
const performed = [element('00400244', 'DA', '20240229'), element('00400245', 'TM', '110000')];
const privateGroup = [element('70530010', 'LO', 'Causeway Test'), element('70531001', 'DS', '1.5')];
const pet = [
  element('00080020', 'DA', '20230101'),
  element('00100010', 'PN', 'Doe^John'),
  element('00100020', 'LO', 'PX-2'),
];

const files = [
  ...[1, 2, 3].map((n) => file(1, 1, n, [...maxi, ...performed, scheduled('STEP-1'), ...privateGroup])),
  file(1, 2, 1, [...maxi, element('00080060', 'CS', 'MR'), element('00080016', 'UI', mrImage), scheduled('STEP-2')]),
  file(2, 1, 1, [...pet, element('00080050', 'SH', 'ACC-2')]),
  // Neither date nor name nor id: the oldest hospital device.
  file(3, 1, 1, [element('00080050', 'SH', '')]),
];

beforeAll(async () => {
  server = await startTestServer({ CAUSEWAY_SEARCH_LIMIT: '3' });
  const answer = await stow(server.web, files);
  expect(await answer.json()).not.toHaveProperty('00081198');
});

afterAll(() => server?.close());

interface Answer {
  readonly status: number;
  readonly warnings: string | null;
  readonly text: string;
  readonly matches: DicomJson[];
}

async function search(path: string): Promise<Answer> {
  const response = await fetch(`${server.web}${path}`);
  const text = await response.text();
  const matches = response.status === 200 ? (JSON.parse(text) as DicomJson[]) : [];
  return { status: response.status, warnings: response.headers.get('warning'), text, matches };
}

async function found(path: string, tag = '0020000D'): Promise<unknown[]> {
  const { status, matches, text } = await search(path);
  expect(status, text).toBe(200);
  return matches.map((match) => match[tag]?.Value?.[0]);
}

function tags(match: DicomJson | undefined): string[] {
  return Object.keys(match ?? {}).sort();
}

const studyDefaults =
  '00080005 00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040 0020000D 00200010 00201206 00201208';
const seriesDefaults =
  '00080005 00080056 00080060 0008103E 00081190 0020000D 0020000E 00200011 00201209 00400244 00400245 00400275';
const instanceDefaults =
  '00080005 00080016 00080018 00080056 00081190 0020000D 0020000E 00200013 00280008 00280010 00280011 00280100';
const union = (...lists: readonly string[]) => [...new Set(lists.flatMap((list) => list.split(' ')))].sort();

describe('the six resources of QIDO-RS', () => {
  it.each([
    ['/studies', '0020000D', [uidOf(1), uidOf(2), uidOf(3)]],
    [`/studies/${uidOf(1)}/series`, '0020000E', [uidOf(1, 1), uidOf(1, 2)]],
    [`/studies/${uidOf(2)}/instances`, '00080018', [uidOf(2, 1, 1)]],
    [
      `/studies/${uidOf(1)}/series/${uidOf(1, 1)}/instances`,
      '00080018',
      [uidOf(1, 1, 1), uidOf(1, 1, 2), uidOf(1, 1, 3)],
    ],
    ['/series?limit=3', '0020000E', [uidOf(1, 1), uidOf(1, 2), uidOf(2, 1)]],
    ['/instances?PatientID=PX-2', '00080018', [uidOf(2, 1, 1)]],
  ])('%s', async (path, tag, expected) => {
    expect(await found(path, tag)).toEqual(expected);
  });

  it.each([
    ['/studies/count', 3],
    ['/studies/count?limit=1&offset=2', 3],
    ['/studies/count?PatientName=slide*', 1],
    [`/studies/${uidOf(1)}/series/count`, 2],
    [`/studies/${uidOf(1)}/series/count?Modality=MR`, 1],
    [`/studies/${uidOf(1)}/instances/count`, 4],
    [`/studies/${uidOf(1)}/series/${uidOf(1, 1)}/instances/count`, 3],
    ['/series/count?PatientID=PX-1', 2],
    ['/instances/count', 6],
    ['/instances/count?StudyDate=20230101-20231231', 1],
  ])('%s counts', async (path, count) => {
    const response = await fetch(`${server.web}${path}`);
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { count } });
  });

  it('counts as it searches: warns of what is not indexed, refuses what is no key', async () => {
    const unindexed = await fetch(`${server.web}/studies/count?WindowCenter=40`);
    expect(await unindexed.json()).toEqual({ count: 3 });
    expect(unindexed.headers.get('warning')).toContain('WindowCenter is not indexed');
    expect((await fetch(`${server.web}/studies/count?PatientNam=x`)).status).toBe(400);
    expect((await fetch(`${server.web}/studies/count`, { headers: { Accept: 'image/png' } })).status).toBe(406);
    expect((await fetch(`${server.web}/studies/count`, { method: 'DELETE' })).status).toBe(405);
  });

  it('of very many keys that are not indexed names a few, lest the answer has more headers than clients take', async () => {
    const tags = Array.from({ length: 600 }, (_, n) => `0018${(0x9000 + n).toString(16).toUpperCase()}`);
    const keys = tags
      .filter((tag) => /^(IS|DS|CS|LO|SH)$/.test(dictionaryEntry(tag)?.vr ?? ''))
      .map((tag) => `${tag}=1`);
    expect(keys.length).toBeGreaterThan(50);
    const { status, headers } = await fetch(`${server.web}/studies?${keys.join('&')}`);
    expect(status).toBe(200);
    const warnings = headers.get('warning') ?? '';
    expect(warnings.split('299 ')).toHaveLength(11);
    expect(warnings).toMatch(/There are \d+ more warnings/);
  });

  it.each([
    ['/studies', union(studyDefaults)],
    [`/studies/${uidOf(2)}/series`, union(seriesDefaults)],
    [`/studies/${uidOf(2)}/instances`, union(instanceDefaults, seriesDefaults)],
    [`/studies/${uidOf(2)}/series/${uidOf(2, 1)}/instances`, union(instanceDefaults)],
    [`/series?StudyInstanceUID=${uidOf(2)}`, union(seriesDefaults, studyDefaults)],
    [`/instances?StudyInstanceUID=${uidOf(2)}`, union(instanceDefaults, seriesDefaults, studyDefaults)],
  ])(
    '%s tells the attributes of the tables, with or without value, and those of its parents',
    async (path, expected) => {
      const { matches } = await search(path);
      for (const match of matches) expect(tags(match).filter((tag) => tag !== '00080201')).toEqual(expected);
    },
  );

  it('tells about a study', async () => {
    const { matches } = await search(`/studies?StudyInstanceUID=${uidOf(1)}`);
    expect(matches).toEqual([
      {
        '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
        '00080020': { vr: 'DA', Value: ['20240229'] },
        '00080030': { vr: 'TM', Value: ['103015'] },
        '00080050': { vr: 'SH', Value: ['ACC-1'] },
        '00080056': { vr: 'CS', Value: ['ONLINE'] },
        '00080061': { vr: 'CS', Value: ['CT', 'MR'] },
        '00080090': { vr: 'PN', Value: [{ Alphabetic: 'Referrer^Rita' }] },
        '00080201': { vr: 'SH', Value: ['+0100'] },
        '00081190': { vr: 'UR', Value: [`${server.web}/studies/${uidOf(1)}`] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Slide^Maxi', Ideographic: '山田^太郎' }] },
        '00100020': { vr: 'LO', Value: ['PX-1'] },
        '00100030': { vr: 'DA', Value: ['19700101'] },
        '00100040': { vr: 'CS', Value: ['F'] },
        '0020000D': { vr: 'UI', Value: [uidOf(1)] },
        '00200010': { vr: 'SH', Value: ['77'] },
        '00201206': { vr: 'IS', Value: [2] },
        '00201208': { vr: 'IS', Value: [4] },
      },
    ]);
  });

  it('tells about a series and about an instance, and where each is to be had', async () => {
    const [series] = (await search(`/studies/${uidOf(1)}/series`)).matches;
    expect(series).toMatchObject({
      '00080060': { Value: ['CT'] },
      '00081190': { vr: 'UR', Value: [`${server.web}/studies/${uidOf(1)}/series/${uidOf(1, 1)}`] },
      '00200011': { vr: 'IS', Value: [1] },
      '00201209': { vr: 'IS', Value: [3] },
      '00400275': { vr: 'SQ', Value: [{ '00321060': { Value: ['Thorax'] }, '00400009': { Value: ['STEP-1'] } }] },
    });
    const [instance] = (await search(`/instances?SOPInstanceUID=${uidOf(1, 1, 2)}`)).matches;
    expect(instance).toMatchObject({
      '00080016': { vr: 'UI', Value: [ctImage] },
      '00081190': {
        Value: [`${server.web}/studies/${uidOf(1)}/series/${uidOf(1, 1)}/instances/${uidOf(1, 1, 2)}`],
      },
      '00100020': { Value: ['PX-1'] },
      '00200011': { Value: [1] },
      '00200013': { vr: 'IS', Value: [2] },
      '00280010': { vr: 'US', Value: [4] },
      '00280011': { vr: 'US', Value: [8] },
    });
  });

  it('gives an empty attribute as its VR alone', async () => {
    const [match] = (await search(`/studies?StudyInstanceUID=${uidOf(3)}`)).matches;
    expect(match).toMatchObject({ '00080050': { vr: 'SH' }, '00100010': { vr: 'PN' }, '00080020': { vr: 'DA' } });
    for (const each of Object.values(match ?? {}))
      expect(each satisfies DicomJsonElement).not.toHaveProperty('Value', []);
    expect(match).not.toHaveProperty('00080201');
  });

  it('answers in XML, one part a match', async () => {
    const response = await fetch(`${server.web}/studies`, {
      headers: { Accept: 'multipart/related; type="application/dicom+xml"' },
    });
    const parts = splitMultipart(Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
    expect(parts).toHaveLength(3);
    expect(parts[0]?.headers).toMatchObject({ 'Content-Type': 'application/dicom+xml' });
    expect(parts[0]?.body.toString()).toContain('keyword="PatientName"');
  });
});

describe('requests of OHIF', () => {
  const list = '/studies?limit=3&offset=0&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090%2C00100030';

  it.each([
    ['', [1, 2, 3]],
    ['&PatientName=*Slid*', [1]],
    ['&PatientName=*slid*', [1]],
    ['&PatientName=*%E5%A4%AA%E9%83%8E*', [1]],
    ['&00100020=*X*', [1, 2]],
    ['&00100020=*-2*', [2]],
    ['&AccessionNumber=*CC-1*', [1]],
    ['&StudyDescription=*K%C3%B6ln*', [1]],
    ['&StudyDescription=*thorax*', []],
    ['&ModalitiesInStudy=CT%2CMR', [1, 2, 3]],
    ['&ModalitiesInStudy=MR', [1]],
    ['&ModalitiesInStudy=US%2CMR', [1]],
    ['&StudyDate=20230101-20240228', [2]],
    ['&StudyDate=20230101-20240229', [1, 2]],
    ['&PatientName=joh', [2]],
    ['&PatientName=ohn', []],
  ])('the study list %s', async (filter, studies) => {
    expect(await found(list + filter)).toEqual(studies.map((study) => uidOf(study)));
  });

  it('the study list tells what it asked for', async () => {
    const [match] = (await search(list)).matches;
    expect(match).toMatchObject({
      '00080090': { Value: [{ Alphabetic: 'Referrer^Rita' }] },
      '00081030': { vr: 'LO', Value: ['Thorax Köln'] },
      '00100030': { Value: ['19700101'] },
      '00080061': { Value: ['CT', 'MR'] },
      '00201208': { Value: [4] },
    });
    expect(match).not.toHaveProperty('00080060');
  });

  it('opening a study', async () => {
    expect(await found(`/studies?StudyInstanceUID=${uidOf(1)}`)).toEqual([uidOf(1)]);
    const path = `/studies/${uidOf(1)}/series?includefield=00080021%2C00080031%2C0008103E%2C00200011`;
    const { matches } = await search(path);
    expect(matches.map((match) => match['00200011']?.Value)).toEqual([[1], [2]]);
    expect(matches[0]).toMatchObject({ '00080021': { vr: 'DA' }, '00080031': { vr: 'TM' }, '0008103E': { vr: 'LO' } });
    expect(await found('/studies?00100020=PX-1')).toEqual([uidOf(1)]);
    expect(await found('/studies?00100020=px-1')).toEqual([]);
  });
});

describe('a search by QIDO-RS', () => {
  it.each(['=', '==', '====X', '^^^=^', '%5C%5C', '*=*=*'])(
    'finds every study that has a name where the key says nothing about its groups: %s',
    async (key) => {
      const answer = await fetch(`${server.web}/studies?PatientName=${key}`);
      expect(answer.status, await answer.clone().text()).toBe(200);
      expect(await answer.json()).not.toHaveLength(0);
    },
  );

  it('never returns attributes of lower levels', async () => {
    const asked = 'includefield=Modality,SOPInstanceUID,Rows,PatientID';
    const [study] = (await search(`/studies?${asked}`)).matches;
    expect(tags(study)).not.toEqual(expect.arrayContaining(['00080060']));
    for (const tag of ['00080060', '00080018', '00280010']) expect(study).not.toHaveProperty(tag);
    const [series] = (await search(`/studies/${uidOf(1)}/series?${asked}`)).matches;
    expect(series).toMatchObject({ '00100020': { Value: ['PX-1'] }, '00080060': { Value: ['CT'] } });
    for (const tag of ['00080018', '00280010']) expect(series).not.toHaveProperty(tag);
    const all = (await search(`/studies/${uidOf(1)}/series?includefield=all`)).matches[0];
    for (const tag of ['00080018', '00280010', '70531001']) expect(all).not.toHaveProperty(tag);
    expect(all).toHaveProperty('00100040');
  });

  it('tells everything but pixels with includefield=all, keys ascending', async () => {
    const { text, matches } = await search(`/instances?SOPInstanceUID=${uidOf(1, 1, 1)}&includefield=all`);
    const keys = [...text.matchAll(/"([0-9A-F]{8})":\{"vr"/g)].map(([, key]) => key);
    const inItems = new Set(['00321060', '00400009']);
    const atTop = keys.filter((key) => key !== undefined && !inItems.has(key));
    expect(atTop).toEqual([...atTop].sort());
    expect(atTop).toEqual(expect.arrayContaining(['00280010', '00400275', '70530010', '70531001']));
    expect(matches[0]).not.toHaveProperty('7FE00010');
  });

  it('brings the creator of a private attribute', async () => {
    const [match] = (await search(`/instances?SOPInstanceUID=${uidOf(1, 1, 1)}&includefield=70531001`)).matches;
    expect(match).toMatchObject({
      '70530010': { vr: 'LO', Value: ['Causeway Test'] },
      '70531001': { vr: 'DS', Value: [1.5] },
    });
  });

  it('tells of a sequence only what was asked for', async () => {
    const path = `/instances?SOPInstanceUID=${uidOf(1, 1, 1)}&includefield=00400275.00400009`;
    const [withDefaults] = (await search(`/studies/${uidOf(1)}/series`)).matches;
    expect(withDefaults?.['00400275']?.Value).toEqual([
      { '00321060': { vr: 'LO', Value: ['Thorax'] }, '00400009': { vr: 'SH', Value: ['STEP-1'] } },
    ]);
    const within = await search(
      `/studies/${uidOf(1)}/series/${uidOf(1, 1)}/instances?limit=1&includefield=RequestAttributesSequence.ScheduledProcedureStepID`,
    );
    expect(within.matches[0]?.['00400275']?.Value).toEqual([{ '00400009': { vr: 'SH', Value: ['STEP-1'] } }]);
    expect((await search(path)).matches[0]?.['00400275']?.Value).toHaveLength(1);
  });

  it.each([
    ['RequestAttributesSequence.ScheduledProcedureStepID=STEP-2', [uidOf(1, 2)]],
    ['00400275.00400009=STEP-*', [uidOf(1, 1), uidOf(1, 2)]],
    ['00400275.00400009=STEP-1&00400275.RequestedProcedureDescription=Thorax', [uidOf(1, 1)]],
    ['PerformedProcedureStepStartDate=20240229&PerformedProcedureStepStartTime=11', [uidOf(1, 1)]],
    ['PerformedProcedureStepStartDate=20240229&PerformedProcedureStepStartTime=12-', []],
    ['PatientName=Slide*&Modality=MR', [uidOf(1, 2)]],
    ['ModalitiesInStudy=MR&SeriesNumber=1', [uidOf(1, 1)]],
    [`SeriesInstanceUID=${uidOf(2, 1)},${uidOf(1, 2)}`, [uidOf(1, 2), uidOf(2, 1)]],
    ['AccessionNumber=&emptyvaluematching=true', [uidOf(3, 1)]],
    ['ModalitiesInStudy=CT,MR&multiplevaluematching=true', [uidOf(1, 1), uidOf(1, 2)]],
  ])('for series by %s', async (query, expected) => {
    expect(await found(`/series?${query}`, '0020000E')).toEqual(expected);
  });

  it.each([
    ['/studies?PatientWeight=70', null],
    ['/studies?PixelSpacing=1', 'PixelSpacing'],
    ['/studies?70531001=1.5', '70531001'],
    ['/studies?Modality=CT', 'Modality'],
    ['/series?00400275.00400010=X', 'RequestAttributesSequence.ScheduledStationName'],
  ])('%s warns of a key that it does not use: %s', async (path, name) => {
    const { status, warnings, matches } = await search(path);
    expect(status).toBe(200);
    if (name === null) {
      expect(warnings).toBeNull();
      return;
    }
    expect(warnings).toContain('299 ');
    expect(warnings).toContain(`${name} `);
    expect(matches.length).toBeGreaterThan(0);
  });

  it.each([
    ['/studies?PatientNmae=X', 'PatientNmae'],
    ['/studies?StudyDate=-', 'StudyDate'],
    ['/studies?StudyDate=yesterday', 'StudyDate'],
    ['/studies?limit=none', 'limit'],
    ['/series?SeriesInstanceUID=%27', 'SeriesInstanceUID'],
  ])('%s is refused by name', async (path, name) => {
    const response = await fetch(`${server.web}${path}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(await response.json())).toContain(name);
  });
});

describe('the pages of a search', () => {
  it('follow one another in one order and say what is behind them', async () => {
    const whole = await found(`/studies/${uidOf(1)}/instances?limit=3`, '00080018');
    const rest = await found(`/studies/${uidOf(1)}/instances?limit=3&offset=3`, '00080018');
    expect([...whole, ...rest]).toEqual([uidOf(1, 1, 1), uidOf(1, 1, 2), uidOf(1, 1, 3), uidOf(1, 2, 1)]);
    for (const offset of [0, 1, 2, 3]) {
      const { matches, warnings } = await search(`/studies/${uidOf(1)}/instances?limit=1&offset=${offset}`);
      expect(matches[0]?.['00080018']?.Value).toEqual([[...whole, ...rest][offset]]);
      if (offset < 3) expect(warnings).toContain(`There are ${3 - offset} additional results that can be requested`);
      else expect(warnings).toBeNull();
    }
  });

  it('end in an empty list', async () => {
    expect(await search('/studies?offset=3')).toMatchObject({ status: 200, text: '[]', warnings: null });
    expect(await search('/studies?offset=999999999999')).toMatchObject({ status: 200, text: '[]', warnings: null });
    expect(await search('/studies?PatientID=nobody')).toMatchObject({ status: 200, text: '[]', warnings: null });
  });

  it('are never longer than the limit of the settings', async () => {
    const { matches, warnings } = await search('/instances?limit=1000');
    expect(matches).toHaveLength(3);
    expect(warnings).toContain('There are 3 additional results that can be requested');
  });

  it('may be empty', async () => {
    const { matches, warnings } = await search('/studies?limit=0');
    expect(matches).toEqual([]);
    expect(warnings).toContain('There are 3 additional results that can be requested');
  });
});
