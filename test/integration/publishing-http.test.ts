import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askAsDescribed, type DescribedRequest, describedOperations } from '../support/described-answers.ts';
import { buildPart10, ctElements, pixelElements } from '../support/dicom-builder.ts';
import { joinMultipart, stow } from '../support/multipart-bodies.ts';
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
    expect(sent.location).toBe(`${api}/graphs/${sent.body.id}`);
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

  it('is listed with what came back of it, and what became of that', async () => {
    const graph = (await get(`/graphs?study=${study}&publisher=plain`)).body.items[0]!.id;
    expect((await get(`/results?graph=${graph}`)).body).toEqual({ items: [], total: 0 });
    await server.pool.query(
      `insert into publishing_results (publisher, result_id, graph_id, wave, study_instance_uid, series_instance_uid,
         sop_instance_uid, answer, at, status)
       values ('plain', 'a', $1, 1, '1.2', '1.3', '1.4', 'It is stored.', '2026-03-02T12:00:00Z', 'stored'),
         ('plain', 'b', $1, 1, null, null, null, 'It is of another study.', '2026-03-02T12:00:01Z', 'refused')`,
      [graph],
    );
    const row = { publisher: 'plain', graph };
    const stored = { studyInstanceUid: '1.2', seriesInstanceUid: '1.3', sopInstanceUid: '1.4' };
    expect((await get(`/results?study=${study}`)).body).toEqual({
      items: [
        { ...row, id: 'a', status: 'stored', answer: 'It is stored.', at: '2026-03-02T12:00:00.000Z', stored },
        { ...row, id: 'b', status: 'refused', answer: 'It is of another study.', at: '2026-03-02T12:00:01.000Z' },
      ],
      total: 2,
    });
    expect((await get(`/results?study=${study}&limit=1`)).body).toMatchObject({ items: [{ id: 'a' }], next: '1' });
    expect((await get('/results')).status).toBe(400);
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

describe('every answer of the whole server', () => {
  const series = `${study}.1`;
  const instance = `${study}.1.1`;
  const path = { study, series, instance };
  const accept = (type: string) => ({ Accept: type });
  const dicomXml = accept('multipart/related; type="application/dicom+xml"');
  const other = '2.25.525252';
  const otherPath = { study: other, series: `${other}.1`, instance: `${other}.1.1` };
  const otherFiles = [1, 2, 3].map((n) =>
    buildPart10({ elements: ctElements({ study: other, series: `${other}.${n}`, instance: `${other}.${n}.1` }) }),
  );
  const multipart = { 'Content-Type': 'multipart/related; type="application/dicom"; boundary=causeway-test-boundary' };
  const dicom = { 'Content-Type': 'application/dicom' };
  const tag = { tagPath: '00181020' };
  const peer = { aeTitle: 'DESCRIBED' };
  const item = { item: 'described' };
  const scheduled = {
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane' }] },
    '00100020': { vr: 'LO', Value: ['P1'] },
    '0020000D': { vr: 'UI', Value: ['1.2.3'] },
    '00401001': { vr: 'SH', Value: ['R1'] },
    '00400100': {
      vr: 'SQ',
      Value: [
        {
          '00080060': { vr: 'CS', Value: ['CT'] },
          '00400001': { vr: 'AE', Value: ['CT1'] },
          '00400002': { vr: 'DA', Value: ['20261130'] },
          '00400003': { vr: 'TM', Value: ['080000'] },
          '00400009': { vr: 'SH', Value: ['S1'] },
        },
      ],
    },
  };

  it('is as the OpenAPI document says', async () => {
    const asked = new Set<string>();
    const wrong: string[] = [];
    const ask = async (...requests: DescribedRequest[]): Promise<unknown> => {
      let last: unknown;
      for (const request of requests) {
        asked.add(request.operation);
        const answer = await askAsDescribed(server.local, request);
        wrong.push(...answer.wrong);
        last = answer.body;
      }
      return last;
    };

    for (const operation of ['searchStudies', 'searchAllSeries', 'searchAllInstances'] as const) {
      await ask(
        { operation },
        { operation, headers: accept('application/json') },
        { operation, headers: dicomXml },
        { operation, headers: dicomXml, query: '?PatientID=nobody', status: 204 },
        { operation, query: '?Foo=1', status: 400 },
        { operation, headers: accept('image/png'), status: 406 },
      );
    }
    for (const operation of ['searchSeriesOfStudy', 'searchInstancesOfStudy', 'searchInstancesOfSeries'] as const) {
      await ask({ operation, path }, { operation, path, headers: dicomXml });
    }
    for (const operation of ['countStudies', 'countAllSeries', 'countAllInstances'] as const) {
      await ask({ operation }, { operation, query: '?Foo=1', status: 400 });
    }
    for (const operation of ['countSeriesOfStudy', 'countInstancesOfStudy', 'countInstancesOfSeries'] as const) {
      await ask({ operation, path });
    }
    await ask(
      { operation: 'storeInstances', body: joinMultipart(otherFiles), headers: multipart },
      { operation: 'storeInstances', body: otherFiles[0], headers: { ...dicom, ...accept('application/json') } },
      { operation: 'storeInstances', body: otherFiles[0], headers: { ...dicom, ...accept('application/dicom+xml') } },
      {
        operation: 'storeInstances',
        body: joinMultipart([files[0]!, Buffer.from('no')]),
        headers: multipart,
        status: 202,
      },
      { operation: 'storeInstances', body: 'no', headers: dicom, status: 409 },
      { operation: 'storeInstances', body: 'no', headers: multipart, status: 400 },
      { operation: 'storeInstances', body: 'no', headers: { 'Content-Type': 'text/plain' }, status: 415 },
      { operation: 'storeInstancesOfStudy', path, body: joinMultipart(files), headers: multipart },
      { operation: 'storeInstancesOfStudy', path, body: joinMultipart(otherFiles), headers: multipart, status: 409 },
    );
    for (const operation of ['retrieveStudy', 'retrieveSeries', 'retrieveInstance'] as const) {
      await ask(
        { operation, path },
        { operation, path, headers: accept('application/zip') },
        { operation, path: { study: '1.9', series: '1.9', instance: '1.9' }, status: 404 },
        { operation, path, headers: accept('image/png'), status: 406 },
        { operation, path: { ...path, study: '1'.repeat(65) }, status: 400 },
      );
    }
    await ask({ operation: 'retrieveInstance', path, headers: accept('application/dicom') });
    for (const operation of ['retrieveStudyMetadata', 'retrieveSeriesMetadata', 'retrieveInstanceMetadata'] as const) {
      await ask(
        { operation, path },
        { operation, path, headers: accept('application/json') },
        { operation, path, headers: dicomXml },
        { operation, path, headers: { 'If-None-Match': '*' }, status: 304 },
      );
    }
    for (const operation of [
      'retrieveRenderedStudy',
      'retrieveRenderedSeries',
      'retrieveRenderedInstance',
      'retrieveRenderedFrame',
      'retrieveStudyThumbnail',
      'retrieveSeriesThumbnail',
      'retrieveInstanceThumbnail',
      'retrieveFrameThumbnail',
    ] as const) {
      const ofFrame = { ...path, frames: '1' };
      await ask(
        { operation, path: ofFrame },
        { operation, path: ofFrame, headers: accept('image/png') },
        { operation, path: ofFrame, headers: accept('multipart/related; type="image/png"') },
        { operation, path: ofFrame, query: '?viewport=x', status: 400 },
        { operation, path: ofFrame, headers: accept('audio/ogg'), status: 406 },
      );
    }
    const bulk = { ...path, path: '7FE00010' };
    await ask(
      { operation: 'retrieveFrames', path: { ...path, frames: '1' } },
      { operation: 'retrieveFrames', path: { ...path, frames: '1' }, headers: accept('application/octet-stream') },
      { operation: 'retrieveFrames', path: { ...path, frames: '1' }, headers: accept('image/jls') },
      { operation: 'retrieveFrames', path: { ...path, frames: '2' }, status: 404 },
      { operation: 'retrieveBulkdata', path: bulk },
      { operation: 'retrieveBulkdata', path: bulk, headers: accept('application/octet-stream') },
      { operation: 'retrieveBulkdata', path: bulk, headers: { Range: 'bytes=0-9', ...accept('*/*') }, status: 206 },
      { operation: 'retrieveBulkdata', path: bulk, headers: { Range: 'bytes=9999-', ...accept('*/*') }, status: 416 },
    );
    const byUri = `?requestType=WADO&studyUID=${study}&seriesUID=${series}&objectUID=${instance}`;
    await ask(
      { operation: 'retrieveByUri', query: byUri },
      { operation: 'retrieveByUri', query: `${byUri}&contentType=application/dicom` },
      { operation: 'retrieveByUri', query: '?requestType=WADO', status: 400 },
      { operation: 'retrieveCapabilities' },
      { operation: 'retrieveCapabilities', headers: accept('application/json') },
      { operation: 'retrieveConformance' },
      { operation: 'readChangeFeed', query: '?includemetadata=true' },
      { operation: 'readChangeFeed', headers: accept('text/event-stream') },
      { operation: 'readLatestChange' },
      { operation: 'live' },
      { operation: 'ready' },
      { operation: 'metrics' },
    );

    const tagsAdded = await ask(
      { operation: 'addExtendedQueryTags', body: [{ Path: tag.tagPath, Level: 'Series' }], status: 202 },
      { operation: 'addExtendedQueryTags', body: {}, status: 400 },
    );
    const begun = (await ask({
      operation: 'startBulkUpdate',
      body: { studyInstanceUids: [other], changeDataset: { '00100020': { vr: 'LO', Value: ['P9'] } } },
      status: 202,
    })) as { readonly id: string };
    expect(tagsAdded).toBeDefined();
    const completed = async () => {
      const { body } = await askAsDescribed(server.local, { operation: 'getOperation', path: { operation: begun.id } });
      return (body as { readonly status: string }).status;
    };
    await expect.poll(completed, { timeout: 20_000 }).toBe('completed');
    await ask(
      { operation: 'getOperation', path: { operation: begun.id } },
      {
        operation: 'getOperation',
        path: { operation: begun.id.replace(/./g, (one) => (one === '-' ? '-' : '0')) },
        status: 404,
      },
      { operation: 'listExtendedQueryTags' },
      { operation: 'getExtendedQueryTag', path: tag },
      { operation: 'listExtendedQueryTagErrors', path: tag },
      { operation: 'updateExtendedQueryTag', path: tag, body: { QueryStatus: 'Disabled' } },
      { operation: 'deleteExtendedQueryTag', path: tag, status: 204 },
      { operation: 'getExtendedQueryTag', path: tag, status: 404 },
    );

    await ask(
      { operation: 'addPeer', body: { ...peer, host: '127.0.0.1', port: server.dimsePort }, status: 201 },
      { operation: 'addPeer', body: { ...peer, host: 'elsewhere' }, status: 409 },
      { operation: 'listPeers' },
      { operation: 'listPeerChanges' },
      { operation: 'getPeer', path: peer },
      { operation: 'putPeer', path: peer, body: { host: '127.0.0.1', userIdentity: { userName: 'a', passcode: 'b' } } },
      { operation: 'putPeer', path: peer, body: { host: '127.0.0.1' }, headers: { 'If-Match': '"1"' }, status: 412 },
      {
        operation: 'putPeer',
        path: { aeTitle: 'OTHER' },
        body: { host: '127.0.0.1', port: server.dimsePort },
        status: 201,
      },
      { operation: 'echoPeer', path: { aeTitle: 'OTHER' } },
      { operation: 'deletePeer', path: peer, status: 204 },
      { operation: 'deletePeer', path: peer, status: 404 },
    );

    for (const operation of ['listImages', 'listSeries', 'listStudies', 'listPatients'] as const) {
      await ask({ operation }, { operation, query: '?from=x', status: 400 });
    }
    await ask(
      { operation: 'getStatus' },
      { operation: 'followEvents', query: '?recent=200' },
      { operation: 'getImage', path },
      { operation: 'getSeries', path },
      { operation: 'getStudy', path },
      { operation: 'getStudy', path: { study: '1.9' }, status: 404 },
    );

    const configuration = await ask({ operation: 'getConfiguration' });
    const file = await ask({ operation: 'exportConfiguration' });
    const { items } = (await ask({ operation: 'listConfigurationVersions' })) as {
      items: readonly { version: number }[];
    };
    const version = { version: String(items[0]?.version) };
    await ask(
      { operation: 'getConfigurationVersion', path: version },
      { operation: 'putConfiguration', body: configuration, headers: { 'If-Match': `"${version.version}"` } },
      { operation: 'putConfiguration', body: configuration, headers: { 'If-Match': '"9999"' }, status: 412 },
      { operation: 'putConfiguration', body: configuration, status: 428 },
      { operation: 'putConfiguration', body: { publishers: 1 }, headers: { 'If-Match': '*' }, status: 400 },
      { operation: 'restoreConfigurationVersion', path: version },
      { operation: 'importConfiguration', body: file },
      { operation: 'checkFilter', body: { expression: 'Modality == ' } },
      { operation: 'checkFilter', body: { expression: "Modality == 'CT'" } },
      { operation: 'tryFilter', body: { expression: "Modality == 'MR'" } },
      { operation: 'listFilterAttributes' },
      { operation: 'testPublisher', body: { publisher: 'plain' } },
      { operation: 'testPublisher', body: { publisher: 'nobody' }, status: 404 },
    );

    const sent = (await ask({ operation: 'sendNow', body: { publisher: 'plain', study }, status: 202 })) as {
      id: string;
    };
    const replay = (await ask({
      operation: 'startReplay',
      body: { publisher: 'plain', from: '2000-01-01', till: '2000-01-02' },
      status: 202,
    })) as { id: string };
    const tasks = (await ask({ operation: 'listTasks' })) as { readonly items: readonly { readonly id: string }[] };
    const task = { task: tasks.items[0]?.id ?? '' };
    await ask(
      { operation: 'listGraphs' },
      { operation: 'listGraphs', query: '?limit=x', status: 400 },
      { operation: 'getGraph', path: { graph: sent.id } },
      { operation: 'getGraph', path: { graph: '999999' }, status: 404 },
      { operation: 'getReplay', path: { replay: replay.id } },
      { operation: 'getTask', path: task },
      { operation: 'retryTask', path: { task: '999999' }, status: 404 },
      { operation: 'retryGraph', path: { graph: '999999' }, status: 404 },
      { operation: 'listDeliveries', query: `?study=${study}` },
      { operation: 'listResults', query: `?study=${study}` },
      { operation: 'listResults', query: `?graph=${sent.id}` },
      { operation: 'whyNotSent', query: `?study=${study}&publisher=mr` },
      { operation: 'whyNotSent', query: `?study=${study}&publisher=plain` },
    );

    await ask(
      { operation: 'addWorklistItem', body: scheduled, status: 201 },
      { operation: 'putWorklistItem', path: item, body: scheduled, status: 201 },
      { operation: 'putWorklistItem', path: item, body: scheduled },
      { operation: 'putWorklistItem', path: item, body: { '00100010': { vr: 'XX' } }, status: 400 },
      { operation: 'getWorklistItem', path: item },
      { operation: 'listWorklist' },
      { operation: 'deleteWorklistItem', path: item, status: 204 },
      { operation: 'getWorklistItem', path: item, status: 404 },
    );

    await ask(
      { operation: 'deleteInstance', path: otherPath, status: 204 },
      { operation: 'deleteSeries', path: { study: other, series: `${other}.2` }, status: 204 },
      { operation: 'deleteStudy', path: otherPath, status: 204 },
      { operation: 'deleteStudy', path: otherPath, status: 410 },
      { operation: 'deleteStudy', path: { study: '1.9' }, status: 404 },
    );

    expect(wrong.join('\n')).toBe('');
    expect(describedOperations.filter((operation) => !asked.has(operation))).toEqual([]);
  }, 60_000);
});
