import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { type ReindexOutcome, reindex } from '../../src/ingest/reindex.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  inTagOrder,
  pixelElements,
  sequence,
} from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let studies = 0;

beforeAll(async () => {
  server = await startTestServer({
    // The policy under which most would be lost.
    CAUSEWAY_ON_DIFFERENT_CONTENT_OF: 'stow:127.0.0.1=replace',
    // An operation keeps one of them for as long as it goes on.
    CAUSEWAY_DATABASE_CONNECTIONS: '2',
  });
});
afterAll(() => server.close());

interface Sent {
  readonly study: string;
  readonly url: string;
  readonly file: Buffer;
}

async function store(
  more: readonly BuiltElement[],
  { without = [], ...options }: { transferSyntaxUid?: string; without?: string[]; trailing?: Buffer } = {},
): Promise<Sent> {
  studies += 1;
  const study = `2.25.9${String(studies).padStart(4, '0')}`;
  const uids = { study, series: `${study}.1`, instance: `${study}.1.1` };
  const tags = new Set([...more.map(({ tag }) => tag), ...without]);
  const elements = inTagOrder([...ctElements(uids).filter(({ tag }) => !tags.has(tag)), ...more]);
  const file = buildPart10({ elements, ...options });
  expect([200, 202]).toContain((await stow(server.web, [file])).status);
  return { study, url: `${server.web}/studies/${study}`, file };
}

const name = (alphabetic: string): DicomJson => ({ '00100010': { vr: 'PN', Value: [{ Alphabetic: alphabetic }] } });

async function start(studyInstanceUids: readonly string[], changeDataset: unknown) {
  const response = await fetch(`${server.web.replace('/dicom-web', '/v2/dicom-web')}/studies/$bulkUpdate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ studyInstanceUids, changeDataset }),
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

async function update(studyInstanceUids: readonly string[], change: DicomJson) {
  const { status, location, body } = await start(studyInstanceUids, change);
  expect({ status, location }).toEqual({ status: 202, location: body['href'] });
  let answer: Response | undefined;
  await expect
    .poll(
      async () => {
        answer = await fetch(location!);
        return answer.status;
      },
      { timeout: 20_000, interval: 10 },
    )
    .toBe(200);
  return (await answer!.json()) as { status: string; results: Record<string, unknown> };
}

/** What those who look on were told, up to the first event of a kind. */
async function told(kind: string): Promise<string> {
  const gone = new AbortController();
  const { body } = await fetch(`${server.local}/api/events?recent=200`, { signal: gone.signal });
  let text = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (text.includes(`event: ${kind}\n`)) break;
  }
  gone.abort();
  return text;
}

async function metadata({ url }: Sent, headers: Record<string, string> = {}): Promise<DicomJson> {
  const [found] = (await (await fetch(`${url}/metadata`, { headers })).json()) as DicomJson[];
  return found!;
}

async function bytes({ url, study }: Sent, headers: Record<string, string> = {}): Promise<Buffer> {
  const response = await fetch(`${url}/series/${study}.1/instances/${study}.1.1`, {
    headers: { Accept: 'application/dicom; transfer-syntax=*', ...headers },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Files of the instance, whatever version. */
async function filesOf({ study }: Sent): Promise<{ readonly path: string; readonly content: Buffer }[]> {
  const entries = await readdir(join(server.dataDir, 'blobs'), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const files = await Promise.all(paths.map(async (path) => ({ path, content: await readFile(path) })));
  return files.filter(({ content }) => content.includes(`${study}.1.1`));
}

const original = { 'msdicom-request-original': 'true' };
const history = (dataSet: DicomJson) => dataSet['04000561']?.Value as DicomJson[];

describe('a bulk update', () => {
  it('changes attributes of everything stored of a study, and says so wherever one looks', async () => {
    const pixelData = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7));
    const pixels = pixelElements({ rows: 4, columns: 4, pixelData });
    const sent = await store([element('00100010', 'PN', 'Wrong^Name'), ...pixels]);
    const result = await update([sent.study], { ...name('Right^Name'), '00101010': { vr: 'AS', Value: ['042Y'] } });
    expect(await told('corrected')).toContain(`"kind":"corrected","studyInstanceUid":"${sent.study}"`);
    expect(result).toMatchObject({
      status: 'completed',
      percentComplete: 100,
      type: 'update',
      results: { studyUpdated: 1, studyFailed: 0, instanceUpdated: 1 },
    });
    const found = await metadata(sent);
    expect(found).toMatchObject({ ...name('Right^Name'), '00101010': { vr: 'AS', Value: ['042Y'] } });
    expect(history(found)).toMatchObject([
      {
        '04000550': { Value: [{ '00100010': { Value: [{ Alphabetic: 'Wrong^Name' }] }, '00101010': { vr: 'AS' } }] },
        '04000562': { Value: [expect.stringMatching(/^\d{14}\.\d{3}\+0000$/)] },
        '04000565': { Value: ['CORRECT'] },
      },
    ]);
    const list = async (query: string) =>
      ((await (await fetch(`${server.web}/studies?StudyInstanceUID=${sent.study}&${query}`)).json()) as []).length;
    expect([await list('PatientName=Right*'), await list('PatientName=Wrong*')]).toEqual([1, 0]);
    const actionsAndStates = async () => {
      const changes = (await (await fetch(`${server.web}/changefeed?limit=200`)).json()) as Record<string, unknown>[];
      const ofStudy = changes.filter(({ StudyInstanceUid }) => StudyInstanceUid === sent.study);
      return ofStudy.map(({ Action, State }) => [Action, State]);
    };
    // Changes are numbered when no transaction of before is open, whichever database of the cluster it is in.
    await expect.poll(actionsAndStates).toEqual([
      ['create', 'replaced'],
      ['update', 'current'],
    ]);
    // Everything that was not to be changed has its bytes.
    const updated = await bytes(sent);
    expect(updated.subarray(updated.length - 32).equals(pixelData)).toBe(true);
    expect((await fetch(`${sent.url}/rendered`, { headers: { Accept: 'image/png' } })).status).toBe(200);
  });

  it('keeps the original, which can be had until the study is deleted, and no version in between', async () => {
    const sent = await store([element('00100010', 'PN', 'First^Name')]);
    await update([sent.study], name('Second^Name'));
    await update([sent.study], name('Third^Name'));
    expect(await metadata(sent)).toMatchObject(name('Third^Name'));
    expect(history(await metadata(sent)).map((item) => item['04000550']?.Value)).toMatchObject([
      [name('First^Name')],
      [name('Second^Name')],
    ]);
    expect(await metadata(sent, original)).toMatchObject(name('First^Name'));
    expect(history(await metadata(sent, original))).toBeUndefined();
    expect((await bytes(sent, original)).equals(sent.file)).toBe(true);
    const blobs = async () => (await readdir(join(server.dataDir, 'blobs'), { recursive: true })).length;
    const before = await blobs();
    expect((await fetch(sent.url, { method: 'DELETE' })).status).toBe(204);
    // The original and what stands in its place now.
    expect(await blobs()).toBeLessThanOrEqual(before - 2);
    expect((await fetch(`${sent.url}/metadata`, { headers: original })).status).toBe(410);
  });

  it('outlives the original that is sent again, whatever the policy; other content starts anew', async () => {
    const sent = await store([element('00100010', 'PN', 'Wrong^Name')]);
    await update([sent.study], name('Right^Name'));
    expect((await stow(server.web, [sent.file])).status).toBe(200);
    expect(await metadata(sent)).toMatchObject(name('Right^Name'));
    expect((await bytes(sent, original)).equals(sent.file)).toBe(true);
    // Another sender writes File Meta Information of its own.
    const uids = { study: sent.study, series: `${sent.study}.1`, instance: `${sent.study}.1.1` };
    const version = (patient: string) =>
      buildPart10({
        elements: inTagOrder([
          ...ctElements(uids).filter(({ tag }) => tag !== '00100010'),
          element('00100010', 'PN', patient),
        ]),
        meta: [element('00020013', 'SH', 'ANOTHER')],
      });
    expect((await stow(server.web, [version('Wrong^Name')])).status).toBe(200);
    expect(await metadata(sent)).toMatchObject(name('Right^Name'));
    expect((await stow(server.web, [version('Other^Name')])).status).toBe(200);
    expect(await metadata(sent)).toMatchObject(name('Other^Name'));
    expect(await metadata(sent, original)).toMatchObject(name('Other^Name'));
  });

  it.each(['lost', 'damaged'])(
    'gives way to the original that is sent again if its own file is %s',
    async (trouble) => {
      const sent = await store([element('00100010', 'PN', 'Wrong^Name')]);
      await update([sent.study], name('Right^Name'));
      const corrected = (await filesOf(sent)).find(({ content }) => content.includes('Right^Name'))!;
      if (trouble === 'lost') await rm(corrected.path);
      else await writeFile(corrected.path, Buffer.from(corrected.content).fill(7, corrected.content.length - 8));
      expect((await stow(server.web, [sent.file])).status).toBe(200);
      expect((await bytes(sent)).equals(sent.file)).toBe(true);
      expect(await metadata(sent)).toMatchObject(name('Wrong^Name'));
      await update([sent.study], name('Right^Name'));
      expect(await metadata(sent)).toMatchObject(name('Right^Name'));
    },
  );

  it.each(['as it was', 'behind File Meta Information of another'])(
    'keeps its original when its damaged corrected file is sent again %s',
    async (how) => {
      const sent = await store([element('00100010', 'PN', 'Wrong^Name')]);
      await update([sent.study], name('Right^Name'));
      const { path, content } = (await filesOf(sent)).find(({ content }) => content.includes('Right^Name'))!;
      const corrected = await bytes(sent);
      await writeFile(path, Buffer.from(content).fill(7, content.length - 8));
      const again = Buffer.from(corrected);
      if (how !== 'as it was') again.write('ELSEWHERE', again.indexOf('CAUSEWAY_'), 'latin1');
      expect((await stow(server.web, [again])).status).toBe(200);
      expect((await bytes(sent)).equals(again)).toBe(true);
      expect((await bytes(sent, original)).equals(sent.file)).toBe(true);
    },
  );

  it.each([
    ['Implicit VR Little Endian', '1.2.840.10008.1.2'],
    ['Explicit VR Big Endian', '1.2.840.10008.1.2.2'],
  ])('leaves the encoding as it is: %s', async (_, transferSyntaxUid) => {
    const sent = await store(
      [
        sequence('00081140', [[element('00081155', 'UI', '1.2.3')]]),
        sequence('04000561', [[element('04000565', 'CS', 'COERCE')]], { undefinedLength: true }),
        ...pixelElements({ rows: 4, columns: 4 }),
      ],
      { transferSyntaxUid },
    );
    expect((await update([sent.study], name('Right^Name'))).status).toBe('completed');
    const found = await metadata(sent);
    expect(found).toMatchObject({ ...name('Right^Name'), '00083002': { Value: [transferSyntaxUid] } });
    expect(history(found)).toMatchObject([
      { '04000565': { Value: ['COERCE'] } },
      { '04000565': { Value: ['CORRECT'] } },
    ]);
  });

  it('writes names in the character set of the instance, or says that it cannot', async () => {
    const latin = await store([
      element('00080005', 'CS', 'ISO_IR 100'),
      element('00100010', 'PN', Buffer.from('Müller^Jörg', 'latin1')),
    ]);
    expect((await update([latin.study], name('Möller^Jörg'))).status).toBe('completed');
    expect(await metadata(latin)).toMatchObject(name('Möller^Jörg'));
    expect((await bytes(latin)).includes(Buffer.from('Möller^Jörg', 'latin1'))).toBe(true);
    expect(history(await metadata(latin))[0]?.['04000550']?.Value).toMatchObject([name('Müller^Jörg')]);

    const undeclared = await store([], { without: ['00080005'] });
    expect((await update([undeclared.study], name('山田^太郎'))).status).toBe('completed');
    expect(await metadata(undeclared)).toMatchObject(name('山田^太郎'));

    const failed = await update([latin.study, undeclared.study, '2.25.404'], name('山田^花子'));
    expect(failed).toMatchObject({
      status: 'failed',
      results: { studyUpdated: 1, studyFailed: 2, instanceUpdated: 1 },
    });
    expect(failed.results['errors']).toEqual([
      expect.stringMatching(new RegExp(`character set of the instance.*StudyInstanceUID: ${latin.study}`)),
      'The study 2.25.404 is not stored.',
    ]);
    expect(await metadata(latin)).toMatchObject(name('Möller^Jörg'));
  });

  it('declares the character set that the text of an instance turned out to be in, where it names none', async () => {
    const undeclared = (encoding: 'latin1' | 'utf8', ...more: BuiltElement[]) =>
      store([element('00081030', 'LO', Buffer.from('Schädel', encoding)), ...more], { without: ['00080005'] });
    const latin = await undeclared('latin1');
    const utf8 = await undeclared('utf8');
    const mixed = await undeclared('latin1', element('0008103E', 'LO', Buffer.from('schräg', 'utf8')));
    const { status, results } = await update([latin.study, utf8.study, mixed.study], name('Müller^Jörg'));
    expect([status, results['errors']]).toEqual(['failed', [expect.stringContaining(mixed.study)]]);
    for (const [sent, term] of [
      [latin, 'ISO_IR 100'],
      [utf8, 'ISO_IR 192'],
    ] as const) {
      expect(await metadata(sent)).toMatchObject({
        ...name('Müller^Jörg'),
        '00081030': { Value: ['Schädel'] },
      });
      expect((await bytes(sent)).includes(term)).toBe(true);
    }
    expect((await update([latin.study], name('山田^太郎'))).status).toBe('failed');
  });

  it.each<[string, unknown, unknown]>([
    ['no study', [], name('A')],
    ['more than fifty studies', Array.from({ length: 51 }, (_, at) => `1.2.${at}`), name('A')],
    ['what is no UID', ['../etc'], name('A')],
    ['no change', ['1.2.3'], {}],
    ['no data set', ['1.2.3'], 'name'],
    ['an attribute that identifies the instance', ['1.2.3'], { '00080018': { vr: 'UI', Value: ['1.2'] } }],
    ['another VR', ['1.2.3'], { '00100010': { vr: 'LO', Value: ['A'] } }],
    ['an empty value', ['1.2.3'], { '00100020': { vr: 'LO' } }],
  ])('refuses %s with 400', async (_, uids, change) => {
    expect(await start(uids as string[], change)).toMatchObject({ status: 400 });
  });

  it('keeps its original when a file turns up that is neither', async () => {
    const sent = await store([element('00100010', 'PN', 'Wrong^Name')]);
    await update([sent.study], name('Right^Name'));
    const uids = { study: sent.study, series: `${sent.study}.1`, instance: `${sent.study}.1.1` };
    const [one] = await filesOf(sent);
    const stray = join(dirname(one!.path), 'stray.dcm');
    await writeFile(stray, buildPart10({ elements: ctElements(uids, element('00104000', 'LT', 'rejected')) }));
    const outcomes: ReindexOutcome[] = [];
    const { house } = server;
    await reindex(
      { blobs: house.blobs, index: house.index, clock: systemClock, maxMetadataBytes: 1_000_000 },
      {
        concurrency: 1,
        minAgeMs: -1000,
        signal: new AbortController().signal,
        onBlob: (key, outcome) => void (key.endsWith('/stray.dcm') && outcomes.push(outcome)),
      },
    );
    expect(outcomes).toMatchObject([{ status: 'refused' }]);
    expect((await bytes(sent, original)).equals(sent.file)).toBe(true);
    await rm(stray);
  });

  it('has its damaged original back when that is sent again, and no file is left over', async () => {
    const sent = await store([element('00100010', 'PN', 'Wrong^Name')]);
    await update([sent.study], name('Right^Name'));
    const damaged = (await filesOf(sent)).find(({ content }) => !content.includes('Right^Name'))!;
    await writeFile(damaged.path, Buffer.from(damaged.content).fill(7, damaged.content.length - 8));
    expect((await stow(server.web, [sent.file])).status).toBe(200);
    expect((await bytes(sent, original)).equals(sent.file)).toBe(true);
    expect(await metadata(sent)).toMatchObject(name('Right^Name'));
    const key = relative(join(server.dataDir, 'blobs'), damaged.path);
    expect(await server.house.index.listedForDeletion([key])).toEqual(new Set([key]));
  });

  it.each(['first', 'last'])(
    'outlive the index: what it is rebuilt from tells them apart, the corrected one read %s',
    async (order) => {
      const sent = await store([element('00100010', 'PN', 'Wrong^Name')]);
      await update([sent.study], name('Right^Name'));
      const { house } = server;
      await house.index.clear();
      const keys: { key: string; size: number; modifiedAt: Date }[] = [];
      for await (const blob of house.blobs.list()) keys.push(blob);
      const corrected = new Set<string>();
      for (const { key } of keys) {
        const chunks: Buffer[] = [];
        for await (const chunk of house.blobs.read(key)) chunks.push(chunk as Buffer);
        if (Buffer.concat(chunks).includes('Right^Name')) corrected.add(key);
      }
      const rank = ({ key }: { key: string }) => (corrected.has(key) === (order === 'first') ? 0 : 1);
      const blobs = {
        read: house.blobs.read.bind(house.blobs),
        async *list() {
          yield* keys.sort((a, b) => rank(a) - rank(b));
        },
      };
      await reindex(
        { blobs, index: house.index, clock: systemClock, maxMetadataBytes: 1_000_000 },
        { concurrency: 1, minAgeMs: -1000, signal: new AbortController().signal, onBlob: () => {} },
      );
      expect(await metadata(sent)).toMatchObject(name('Right^Name'));
      expect(await metadata(sent, { 'msdicom-request-original': 'true' })).toMatchObject(name('Wrong^Name'));
    },
  );
});
