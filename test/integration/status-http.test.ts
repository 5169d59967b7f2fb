import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calledPeer } from '../../src/dimse/scu/called-peer.ts';
import type { components } from '../../src/http/openapi.gen.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { peerDefaults } from '../../src/peers/parse-known-peer.ts';
import { buildPart10, ctElements, element, inTagOrder } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

type Schemas = components['schemas'];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  // Stored one after the other, so that it is known which came last.
  await store({ study: 1, series: 1, instance: 1, id: 'P1', name: 'Müller^Jörg', sex: 'M', modality: 'CT' });
  await store({ study: 1, series: 2, instance: 2, id: 'P1', name: 'Müller^Jörg', sex: 'M', modality: 'SR' });
  await store({ study: 2, series: 3, instance: 3, id: 'P2', name: 'Yamada^Tarou=山田^太郎', sex: 'F', modality: 'MR' });
  await store({ study: 3, series: 4, instance: 4, id: 'P1', name: 'Müller^Jörg', sex: 'M', modality: 'CT' });
  await store({ study: 4, series: 5, instance: 5, id: '', name: 'Nobody', sex: '', modality: 'US' });
  await store({ study: 5, series: 6, instance: 6, id: '', name: 'Nobody', sex: '', modality: 'US' });
});
afterAll(() => server?.close());

const uid = (n: number) => `2.25.4711000${n}`;

async function store(facts: Record<'study' | 'series' | 'instance', number> & Record<string, string | number>) {
  const { study, series, instance, id, name, sex, modality } = facts;
  const uids = { study: uid(study), series: uid(series), instance: uid(instance) };
  const elements = inTagOrder([
    ...ctElements(uids).filter(({ tag }) => !['00080060', '00100010', '00100020'].includes(tag)),
    element('00080005', 'CS', 'ISO_IR 192'),
    element('00080060', 'CS', String(modality)),
    element('00081030', 'LO', `Study 100%_${study}`),
    element('00100010', 'PN', String(name)),
    element('00100020', 'LO', String(id)),
    element('00100040', 'CS', String(sex)),
    element('00101010', 'AS', '042Y'),
    element('00080020', 'DA', '20010203'),
  ]);
  expect((await stow(server.web, [buildPart10({ elements })])).status).toBe(200);
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${server.local}/api/${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as T;
}

interface Table<R> {
  readonly items: R[];
  readonly total: number;
  readonly totalIsExact: boolean;
}

async function studiesOf(query: string): Promise<number[]> {
  const { items, total } = await get<Table<Schemas['StudyRow']>>(`studies?${query}`);
  expect(items).toHaveLength(total);
  return items.map(({ studyInstanceUid }) => Number(studyInstanceUid.slice(-1)));
}

describe('the tables of what is stored', () => {
  it('show what came last first, with what is known of the patient', async () => {
    const { items, ...facts } = await get<Table<Schemas['ImageRow']>>('images');
    expect(facts).toEqual({ total: 6, totalIsExact: true });
    expect(items.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([6, 5, 4, 3, 2, 1].map(uid));
    expect(items[3]).toMatchObject({
      sopClassName: 'CT Image Storage',
      transferSyntaxName: 'Explicit VR Little Endian',
      modality: 'MR',
      patientName: 'Yamada^Tarou=山田^太郎',
      patientId: 'P2',
      patientSex: 'F',
      patientAge: '042Y',
      studyDate: '20010203',
      door: 'stow',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const series = await get<Table<Schemas['SeriesRow']>>('series');
    expect(series.items[3]).toMatchObject({ studyDate: '20010203' });
    expect(series.items.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual([6, 5, 4, 3, 2, 1].map(uid));
  });

  it('put the studies of a Patient ID together, and nobody with nobody', async () => {
    const { items, total } = await get<Table<Schemas['PatientRow']>>('patients');
    expect(total).toBe(4);
    expect(
      items.map(({ patientId, studies, series, instances, modalities }) => [
        patientId,
        studies,
        series,
        instances,
        modalities,
      ]),
    ).toEqual([
      [undefined, 1, 1, 1, ['US']],
      [undefined, 1, 1, 1, ['US']],
      ['P1', 2, 3, 3, ['CT', 'SR']],
      ['P2', 1, 1, 1, ['MR']],
    ]);
    expect(await get<Table<unknown>>('patients?sex=F')).toMatchObject({
      total: 1,
      items: [{ patientAge: '042Y', studyDate: '20010203' }],
    });
  });

  it('are turned page by page', async () => {
    const pages = await Promise.all(
      [0, 2, 4, 6].map((offset) => get<Table<Schemas['ImageRow']>>(`images?limit=2&offset=${offset}`)),
    );
    expect(pages.flatMap(({ items }) => items.map(({ sopInstanceUid }) => sopInstanceUid))).toEqual(
      [6, 5, 4, 3, 2, 1].map(uid),
    );
    expect(pages.slice(0, 3).map(({ total }) => total)).toEqual([6, 6, 6]);
  });

  it.each([
    ['a name in any case and with or without accents', 'text=muller', [3, 1]],
    ['a name in another script', `text=${encodeURIComponent('山田')}`, [2]],
    ['several words, in texts of their own', 'text=p1+jorg+study', [3, 1]],
    ['words that are nowhere together', 'text=p2+jorg', []],
    ['a UID', `text=${uid(2)}`, [2]],
    ['characters that SQL would take for wildcards, literally', `text=${encodeURIComponent('100%_2')}`, [2]],
    ['and wildcards literally, too', `text=${encodeURIComponent('00%5')}`, []],
    ['a modality', 'modality=SR', [1]],
    ['a patient', 'patient=P1', [3, 1]],
    ['a patient of an issuer', 'patient=P1&issuer=', [3, 1]],
    ['a patient of another issuer', 'patient=P1&issuer=ELSEWHERE', []],
    ['a time that has not come', 'from=2999-01-01', []],
    ['a time before', 'till=1999-12-31T23:59:59%2B02:00', []],
    [
      'a moment before, whose T and Z are small',
      `till=${new Date(Date.now() - 3_600_000).toISOString().toLowerCase()}`,
      [],
    ],
    ['a day', `from=2000-01-01&till=${new Date().toISOString().slice(0, 10)}`, [5, 4, 3, 2, 1]],
  ])('find %s', async (_what, query, studies) => {
    expect(await studiesOf(query)).toEqual(studies);
  });

  it('lead from level to level, and to one row', async () => {
    expect(await get(`series?study=${uid(1)}`)).toMatchObject({ total: 2 });
    expect(await get(`images?series=${uid(3)}`)).toMatchObject({ items: [{ sopInstanceUid: uid(3) }] });
    expect(await get(`images?patient=P1&modality=CT`)).toMatchObject({ total: 2 });
    expect(await get(`images?text=jorg+sr`)).toMatchObject({ total: 1 });
    expect(await get(`images/${uid(3)}`)).toMatchObject({ studyInstanceUid: uid(2) });
    expect(await get(`series/${uid(3)}`)).toMatchObject({ instances: 1, modality: 'MR' });
    expect(await get(`studies/${uid(1)}`)).toMatchObject({ modalities: ['CT', 'SR'], series: 2 });
  });

  it.each([
    ['images/2.25.99', 404],
    ['images?limit=0', 400],
    ['images?limit=1001', 400],
    ['studies?from=yesterday', 400],
    ['studies?text=a+b+c+d+e+f+g+h+i', 400],
  ])('answer %s with %i', async (path, status) => {
    const response = await fetch(`${server.local}/api/${path}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('the status', () => {
  it('tells what to type into a modality, and what came', async () => {
    const status = await get<Schemas['Status']>('status');
    expect(status).toMatchObject({
      aeTitle: 'CAUSEWAY',
      addresses: ['127.0.0.1'],
      dimsePort: server.dimsePort,
      health: { status: 'ok' },
      totals: { studies: 5, series: 6, instances: 6 },
      disk: { freeBytes: expect.any(Number) },
    });
    expect(Math.abs(Date.parse(status.now) - Date.now())).toBeLessThan(60_000);
    expect(status.received.reduce((sum, { instances }) => sum + instances, 0)).toBe(6);
  });
});

describe('the events', () => {
  it('tell of associations, echoes and instances, accepted or refused and why, after those that were', async () => {
    const gone = new AbortController();
    const response = await fetch(`${server.local}/api/events?recent=200`, { signal: gone.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const echoed = server.house.scu.echo(
      calledPeer({ ...peerDefaults, aeTitle: 'CAUSEWAY', host: '127.0.0.1', port: server.dimsePort }),
      silentLog,
    );
    await stow(server.web, [Buffer.from('no DICOM')]);
    const kinds = new Map<string, Schemas['HouseEvent']>();
    let text = '';
    let lastId = '';
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      const events = text.split('\n\n').slice(0, -1);
      for (const event of events) {
        const [, id, kind, data] = /^id: (\S+)\nevent: (\S+)\ndata: (.*)$/.exec(event) ?? [];
        if (id !== undefined) lastId = id;
        if (kind !== undefined && data !== undefined) {
          const told = JSON.parse(data) as Schemas['HouseEvent'];
          kinds.set(`${kind} ${told.outcome ?? ''}`.trim(), told);
        }
      }
      if (kinds.has('association-ended released') && kinds.has('instance refused')) break;
    }
    gone.abort();
    await echoed;
    expect(kinds.get('echo')).toMatchObject({ callingAeTitle: 'CAUSEWAY', address: '127.0.0.1' });
    expect(kinds.get('association-accepted')).toMatchObject({ association: kinds.get('echo')?.association });
    expect(kinds.get('instance stored')).toMatchObject({ door: 'stow', studyInstanceUid: uid(5) });
    expect(kinds.get('instance refused')?.reason).toMatch(/\w+ \w+/);
    expect(text).not.toContain('Nobody');

    // Who comes back is told what happened since, and nothing twice.
    await fetch(`${server.web}/studies/${uid(5)}`, { method: 'DELETE' });
    for (const [query, headers] of [
      [`recent=200&after=${lastId}`, {}],
      ['recent=200', { 'Last-Event-ID': lastId }],
    ] as const) {
      const back = new AbortController();
      const again = await fetch(`${server.local}/api/events?${query}`, { headers, signal: back.signal });
      let since = '';
      for await (const chunk of again.body as AsyncIterable<Uint8Array>) {
        since += Buffer.from(chunk).toString();
        if (since.includes('event: deleted')) break;
      }
      back.abort();
      expect(since).not.toContain('event: instance');
      expect(since).toContain(`"kind":"deleted","studyInstanceUid":"${uid(5)}"`);
    }
  });
});
