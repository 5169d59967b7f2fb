import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildPart10, ctElements, pixelElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const study = '2.25.515151';
const files = [1, 2, 3].map((n) =>
  buildPart10({
    elements: ctElements(
      { study, series: `${study}.1`, instance: `${study}.1.${n}` },
      ...pixelElements({ rows: 16, columns: 16, pixelData: Buffer.alloc(512, n) }),
    ),
  }),
);

let server: TestServer;
let api: string;

interface Body {
  readonly id: string;
  readonly total: number;
  readonly items: readonly { readonly id: string; readonly status: string; readonly note?: string }[];
  readonly tasks: readonly { readonly type: string; readonly total: number }[];
}

const get = async (path: string) => {
  const answer = await fetch(`${api}${path}`);
  return { status: answer.status, body: (await answer.json()) as Body };
};
const post = async (path: string, body?: unknown) => {
  const answer = await fetch(`${api}${path}`, {
    method: 'POST',
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, location: answer.headers.get('location'), body: (await answer.json()) as Body };
};
const filesIn = (name: string) =>
  readdirSync(join(server.dataDir, name), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.dcm'))
    .map((path) => readFileSync(join(server.dataDir, name, path)));

beforeAll(async () => {
  server = await startTestServer();
  api = `${server.local}/api`;
  for (const name of ['plain', 'anonymous', 'mr']) mkdirSync(join(server.dataDir, name));
  const to = (name: string, over = {}) => ({
    name,
    confirm: true,
    destination: { kind: 'folder', path: join(server.dataDir, name) },
    ...over,
  });
  const etag = (await fetch(`${api}/config`)).headers.get('etag') ?? '';
  const answer = await fetch(`${api}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': etag },
    body: JSON.stringify({
      upload: { quietSeconds: 1 },
      publishers: [
        to('plain'),
        to('anonymous', {
          upload: { transferSyntaxUid: '1.2.840.10008.1.2.4.80', deidentify: { profile: 'basic' }, batchSize: 2 },
        }),
        to('mr', { expression: "Modality == 'MR'" }),
      ],
    }),
  });
  expect(answer.status).toBe(200);
  expect((await stow(server.web, files)).status).toBe(200);
  await vi.waitFor(
    async () => {
      const { body } = await get('/graphs');
      expect(body.items.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    },
    { timeout: 40_000, interval: 200 },
  );
});

afterAll(() => server.close());

describe('what was stored', () => {
  it('is at a folder byte for byte, and the ledger has its hash', async () => {
    const there = filesIn('plain');
    expect(there.map((file) => file.toString('hex')).sort()).toEqual(files.map((file) => file.toString('hex')).sort());
    const { body } = await get(`/deliveries?study=${study}&publisher=plain&limit=2`);
    expect(body).toMatchObject({
      total: 3,
      next: '2',
      publishers: [{ publisher: 'plain', here: 3, selected: 3, accepted: 3, confirmed: 3, missing: 0, complete: true }],
    });
    // Of one series, and of one instance, at all publishers.
    expect((await get(`/deliveries?study=${study}&series=${study}.2`)).body.items).toEqual([]);
    const one = (await get(`/deliveries?study=${study}&series=${study}.1&instance=${study}.1.2`)).body;
    expect(one).toMatchObject({
      total: 2,
      items: ['anonymous', 'plain'].map((publisher) => ({ publisher, sopInstanceUid: `${study}.1.2` })),
    });
  });

  it('is compressed and de-identified where that is asked for, batch by batch, and what was made for it is gone', async () => {
    const there = filesIn('anonymous');
    expect(there).toHaveLength(3);
    for (const file of there) {
      expect(file.includes('1.2.840.10008.1.2.4.80')).toBe(true);
      expect(file.includes(study)).toBe(false);
      expect(file.includes('Doe^John')).toBe(false);
    }
    const { items } = (await get('/graphs?publisher=anonymous')).body;
    const { tasks } = (await get(`/graphs/${items[0]?.id}`)).body;
    expect(tasks.map(({ type, total }) => [type, total])).toEqual([
      ['compress', 2],
      ['anonymise', 2],
      ['upload', 2],
      ['confirm', 2],
      ['compress', 1],
      ['anonymise', 1],
      ['upload', 1],
      ['confirm', 1],
    ]);
    for await (const { key } of server.house.blobs.list()) {
      // The janitor deletes them; they are listed for that.
      if (key.startsWith('publishing/')) expect(await server.house.index.blobsToDelete(1000)).toContain(key);
    }
  });

  it('is not where the filter says no, with the clause that said it', async () => {
    expect(filesIn('mr')).toEqual([]);
    const { body } = await get(`/why-not?study=${study}&publisher=mr`);
    expect(body).toMatchObject({
      verdict: 'not-selected',
      refusals: [{ of: 'publisher', clause: "Modality == 'MR'", from: 0, instances: 3 }],
    });
    expect((await get(`/graphs?publisher=mr`)).body.items[0]?.note).toContain('0 of 3 selected');
    expect((await get(`/why-not?study=${study}&publisher=nobody`)).status).toBe(404);
  });

  it('can be sent now, and replayed', async () => {
    const sent = await post('/send', { publisher: 'mr', study, series: `${study}.1`, instance: `${study}.1.2` });
    expect(sent).toMatchObject({ status: 202, body: { origin: 'send', unit: 'instance', instances: 1 } });
    expect(sent.location).toBe(`/api/graphs/${sent.body.id}`);
    await expect.poll(() => filesIn('mr').length).toBe(1);
    const replay = await post('/graphs/replay', {
      publisher: 'mr',
      expression: '',
      from: '2000-01-01',
      till: '2100-01-01',
    });
    expect(replay.status).toBe(202);
    await expect.poll(() => filesIn('mr').length).toBe(3);
    expect((await get(`/graphs/replay/${replay.body.id}`)).body).toMatchObject({ status: 'SUCCESS', graphs: 1 });
    expect((await post('/send', { publisher: 'mr', study: '1.2.3' })).status).toBe(404);
    expect(
      (
        await post('/graphs/replay', {
          publisher: 'mr',
          expression: 'Modality ==',
          from: '2000-01-01',
          till: '2100-01-01',
        })
      ).status,
    ).toBe(400);
    expect((await post('/graphs/replay', { publisher: 'mr', from: '2100-01-01', till: '2000-01-01' })).status).toBe(
      400,
    );
  });

  it('is told in the rows of study, series and image', async () => {
    for (const row of [`/studies/${study}`, `/series/${study}.1`, `/images/${study}.1.2`]) {
      const { forwarding } = (await get(row)).body as unknown as Record<'forwarding', Record<string, number>>;
      expect([row, forwarding]).toEqual([row, expect.objectContaining({ FAILED: 0 })]);
      // To one publisher as it came; to the other now and once more.
      expect(forwarding['SUCCESS']).toBeGreaterThanOrEqual(3);
    }
  });

  it('is found in the lists, page by page', async () => {
    expect((await get('/graphs?status=FAILED')).body).toEqual({ items: [], total: 0, totalIsExact: true });
    const { body } = await get(`/tasks?publisher=plain&study=${study}&type=upload&order=oldest`);
    expect(body).toMatchObject({
      total: 1,
      items: [{ type: 'upload', status: 'SUCCESS', done: 3, total: 3, attempts: 0 }],
    });
    const [task] = body.items;
    expect((await get(`/tasks/${task?.id}`)).body).toEqual(task);
    expect((await get(`/graphs?series=${study}.1&publisher=plain`)).body.total).toBe(1);
    expect((await get(`/graphs?text=${study}.1`)).body.total).toBeGreaterThanOrEqual(3);
    expect((await get('/tasks?limit=1')).body).toMatchObject({ items: [{}], next: '1' });
    expect((await get('/graphs?from=2100-01-01')).body.total).toBe(0);
    expect((await post(`/tasks/${task?.id}/retry`)).status).toBe(409);
    for (const path of ['/graphs/999999', '/tasks/999999', '/graphs/replay/999999']) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await get('/graphs/abc')).status).toBe(400);
    expect((await get('/tasks?type=nothing')).status).toBe(400);
  });
});
