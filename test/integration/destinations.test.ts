import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEndpoint } from '../../src/publisher/configuration.ts';
import { createApiDestination } from '../../src/publisher/destinations/api.ts';
import { createBucketDestination } from '../../src/publisher/destinations/bucket.ts';
import { createFolderDestination } from '../../src/publisher/destinations/folder.ts';
import { createHl7Destination } from '../../src/publisher/destinations/hl7.ts';
import { createWebhookDestination } from '../../src/publisher/destinations/webhook.ts';
import { element } from '../support/dicom-builder.ts';
import {
  type Answering,
  answerAGiB,
  answerDrop,
  answerJson,
  type HttpReceiver,
  startHttpReceiver,
} from '../support/http-receiver.ts';
import {
  damaged,
  outcomesOf,
  outgoingInstance,
  outgoingSeries,
  sending,
  unitOf,
} from '../support/outgoing-instances.ts';

const now = () => new Date('2026-05-01T12:00:00Z');
const limits = { connectMs: 2_000, answerMs: 500, stallMs: 500 };
const statuses = (outcomes: readonly { readonly status: string }[]) => outcomes.map(({ status }) => status);
let directory: string;
let receiver: HttpReceiver;
/** Bytes of an answer that does not end. */
let handedOver = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-destinations-'));
  receiver = await startHttpReceiver(() => {});
});
afterEach(() => receiver.requests.splice(0));
afterAll(async () => {
  await receiver.close();
  await rm(directory, { recursive: true, force: true });
});

describe('a folder', () => {
  it('gets whole files by study and series, which are confirmed by their content', async () => {
    const folder = createFolderDestination({ kind: 'folder', path: directory }, { now });
    const [good, bad, changed] = outgoingSeries(3);
    const outcomes = await outcomesOf(folder.send([good!, damaged(bad!), changed!], sending()));
    expect(statuses(outcomes)).toEqual(['accepted', 'refused', 'accepted']);
    const path = ({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: typeof good & object) =>
      join(directory, studyInstanceUid, seriesInstanceUid, `${sopInstanceUid}.dcm`);
    expect((await readFile(path(good!))).equals(good!.file)).toBe(true);
    expect(await readdir(join(directory, '.incoming'))).toEqual([]);
    await writeFile(path(changed!), Buffer.alloc(changed!.size));
    expect(statuses(await folder.confirm!([good!, bad!, changed!], sending()))).toEqual([
      'confirmed',
      'missing',
      'missing',
    ]);
    // Large files take their time: whoever watches hears of it, and can end it.
    let signs = 0;
    await folder.confirm!([good!], sending({ alive: () => void signs++ }));
    expect(signs).toBeGreaterThan(0);
    const ended = sending({ signal: AbortSignal.abort(new Error('ended')) });
    await expect(folder.confirm!([good!], ended)).rejects.toThrow('ended');
    expect(await folder.test(sending())).toMatchObject({ ok: true });
    await folder.close();
  });

  it('is not made where it is not there: a share may not be mounted', async () => {
    const path = join(directory, 'not-mounted');
    const folder = createFolderDestination({ kind: 'folder', path }, { now });
    await expect(outcomesOf(folder.send(outgoingSeries(1), sending()))).rejects.toMatchObject({
      code: 'unavailable',
      message: `The folder ${path} is not there.`,
    });
    expect(await folder.test(sending())).toMatchObject({ ok: false, steps: [{ what: 'folder found', ok: false }] });
  });

  it('is not made again where it goes away: nothing is written where a share was mounted', async () => {
    const share = join(directory, 'share');
    await mkdir(share);
    // As people write it.
    const folder = createFolderDestination({ kind: 'folder', path: `${share}/` }, { now });
    const batch = outgoingSeries(2);
    async function* open(): AsyncGenerator<Uint8Array, void, void> {
      yield batch[0]!.file.subarray(0, 100);
      await rename(share, `${share}.away`);
      yield batch[0]!.file.subarray(100);
    }
    const outcomes = await outcomesOf(folder.send([{ ...batch[0]!, open }, batch[1]!], sending()));
    const answer = `The folder ${share} is not there.`;
    expect(outcomes).toMatchObject(batch.map(() => ({ status: 'failed', answer })));
    await expect(outcomesOf(folder.send(batch, sending()))).rejects.toMatchObject({
      code: 'unavailable',
      message: answer,
    });
    await expect(folder.confirm!(batch, sending())).rejects.toMatchObject({ code: 'unavailable', message: answer });
    await expect(readdir(share)).rejects.toMatchObject({ code: 'ENOENT' });
    await rename(`${share}.away`, share);
    expect(statuses(await outcomesOf(folder.send(batch, sending())))).toEqual(['accepted', 'accepted']);
    expect(statuses(await folder.confirm!(batch, sending()))).toEqual(['confirmed', 'confirmed']);
    await folder.close();
  });

  it('refuses a UID that would lead elsewhere', async () => {
    const folder = createFolderDestination({ kind: 'folder', path: directory }, { now });
    const climbing = { ...outgoingInstance(), studyInstanceUid: '..' };
    expect(statuses(await outcomesOf(folder.send([climbing], sending())))).toEqual(['refused']);
    await folder.close();
  });
});

describe('a bucket', () => {
  let s3: Server;
  let endpoint: string;
  const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

  beforeAll(async () => {
    const s3rver = new S3rver({
      directory: join(directory, 's3'),
      silent: true,
      configureBuckets: [{ name: 'images', configs: [] }],
    });
    await s3rver.configureBuckets();
    s3 = createHttpServer(s3rver.callback()).listen(0, '127.0.0.1');
    await new Promise((resolve) => s3.once('listening', resolve));
    endpoint = `http://127.0.0.1:${(s3.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    s3.closeAllConnections();
    await new Promise((resolve) => s3.close(resolve));
  });

  const bucket = (url = 's3://images/site-a', over: object = {}, maxPutBytes?: number) =>
    createBucketDestination(
      { kind: 'bucket', url, endpoint, ...keys, ...over },
      { limits, ...(maxPutBytes && { maxPutBytes }) },
    );

  it.each([undefined, 100])('gets objects with their hash, in one piece or in parts (%s)', async (maxPutBytes) => {
    const batch = outgoingSeries(5);
    const destination = bucket(undefined, {}, maxPutBytes);
    expect(statuses(await outcomesOf(destination.send(batch, sending())))).toEqual(Array(5).fill('accepted'));
    const never = outgoingInstance();
    const confirmed = await destination.confirm!([...batch, never], sending());
    expect(confirmed.filter(({ status }) => status === 'confirmed')).toHaveLength(5);
    expect(confirmed.find(({ status }) => status === 'missing')?.sopInstanceUid).toBe(never.sopInstanceUid);
    const other = { ...batch[0]!, sha256: '0'.repeat(64) };
    expect(await destination.confirm!([other], sending())).toMatchObject([{ status: 'missing' }]);
    await destination.close();
  });

  it.each<[string, Answering, object]>([
    [
      'loses what it says it has put',
      ({ method }, response) => void response.writeHead(method === 'PUT' ? 200 : 404).end(),
      {
        sent: ['accepted'],
        confirmed: [{ status: 'missing', answer: 'There is no such object' }],
      },
    ],
    [
      'says yes to everything',
      (_request, response) => void response.writeHead(200).end(),
      {
        sent: ['accepted'],
        confirmed: [{ status: 'missing', answer: 'The object is there, but it is not what was sent' }],
      },
    ],
    [
      'says yes with a GiB',
      async ({ method }, response) => {
        if (method === 'PUT') handedOver = await answerAGiB(response, 200);
        else response.writeHead(404).end();
      },
      { sent: ['accepted'], confirmed: [{ status: 'missing' }] },
    ],
    [
      'fails with a GiB',
      async (_request, response) => {
        handedOver = await answerAGiB(response, 500);
      },
      { thrown: { code: 'unavailable', message: expect.stringMatching(/^127\.0\.0\.1:\d+ failed \(.*500\)\.$/) } },
    ],
    [
      'fails with a page',
      (_request, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<html><p>no'),
      {
        thrown: { code: 'unavailable', message: expect.stringMatching(/^127\.0\.0\.1:\d+ failed \(.*502\)\.$/) },
      },
    ],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(301, { location: 'http://other.example/' }).end(),
      {
        thrown: { code: 'bad-request', message: expect.stringContaining('has the bucket in another region') },
      },
    ],
    ['hangs', () => {}, { thrown: { code: 'timed-out' } }],
  ])('that %s is believed only what it confirms', async (_what, answer, expected) => {
    handedOver = 0;
    receiver.answer = answer;
    const destination = bucket(undefined, { endpoint: receiver.origin });
    const [one] = outgoingSeries(1);
    const found = await (async () => {
      const sent = statuses(await outcomesOf(destination.send([one!], sending())));
      return { sent, confirmed: await destination.confirm!([one!], sending()) };
    })().catch((thrown: unknown) => ({ thrown }));
    expect(found).toMatchObject(expected);
    await destination.close();
    // What is handed over lies in the buffers of both sides: no more is read than that.
    expect(handedOver).toBeLessThan(2 ** 26);
  });

  it('tells a wrong key from a wrong bucket from a wrong address', async () => {
    const last = async (destination: ReturnType<typeof bucket>) => {
      const { steps } = await destination.test(sending());
      await destination.close();
      return steps.at(-1);
    };
    expect(await last(bucket())).toMatchObject({ what: 'can be written to', ok: true });
    expect(await last(bucket('s3://images/x', { accessKeyId: 'SOMEBODY' }))).toMatchObject({ ok: false });
    expect(await last(bucket('s3://nothing'))).toMatchObject({
      ok: false,
      answer: expect.stringContaining('has no such bucket'),
    });
    expect(await last(bucket('s3://images', { endpoint: 'http://127.0.0.1:1' }))).toMatchObject({
      what: 'connected',
      ok: false,
    });
  });
});

describe('an HTTP API that takes forms', () => {
  const endpoint = (over: Partial<CloudEndpoint> = {}): CloudEndpoint => ({
    name: 'cloud',
    url: `${receiver.origin}/api`,
    source: 'site-a',
    siteName: 'Site A',
    token: 'S3cret-token',
    threads: 3,
    computePer: 'series',
    ...over,
  });
  const api = (over: Partial<CloudEndpoint> = {}) => createApiDestination(endpoint(over), { now, limits });

  const takes: Answering = ({ body }, response) => {
    const uids = [...new Set(body.toString('latin1').match(/2\.25\.\d+/g))];
    answerJson(response, 200, { message: 'Success', series_instance_uids: uids });
  };

  it('gets a form of one series, with token, source and site', async () => {
    receiver.answer = takes;
    const batch = [...outgoingSeries(3), ...outgoingSeries(2)];
    const destination = api();
    expect(statuses(await outcomesOf(destination.send(batch, sending())))).toEqual(Array(5).fill('accepted'));
    expect(receiver.requests).toHaveLength(2);
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/api/studies/' });
    expect(request!.headers).toMatchObject({ authorization: 'Token S3cret-token', source: 'site-a' });
    const form = await new Response(Uint8Array.from(request!.body), {
      headers: { 'content-type': request!.headers['content-type']! },
    }).formData();
    expect([form.get('source'), form.get('site_name'), form.get('compute_per')]).toEqual([
      'site-a',
      'Site A',
      'series',
    ]);
    const file = form.get('file_0') as File;
    const sent = batch.find(({ sopInstanceUid }) => file.name === `${sopInstanceUid}.dcm`)!;
    expect(Buffer.from(await file.arrayBuffer()).equals(sent.file)).toBe(true);
    await destination.close();
  });

  it('takes a series that the answer does not name, or of which it has too few, for not sent', async () => {
    const batch = outgoingSeries(2);
    const destination = api();
    receiver.answer = (_request, response) =>
      answerJson(response, 200, { message: 'Success', series_instance_uids: ['1.2.3'] });
    expect(statuses(await outcomesOf(destination.send(batch, sending())))).toEqual(['failed', 'failed']);
    const { seriesInstanceUid } = batch[0]!;
    receiver.answer = (_request, response) =>
      answerJson(response, 200, {
        message: 'Success',
        series_instance_uids: [seriesInstanceUid],
        detailed_info: [{ SeriesInstanceUID: seriesInstanceUid, NumberOfSeriesRelatedInstances: 1 }],
      });
    expect(await outcomesOf(destination.send(batch, sending()))).toMatchObject([
      { status: 'failed', answer: 'The API has 1 instances of the series, and 2 were sent' },
      { status: 'failed' },
    ]);
    // It counts the series, of which batches were sent before.
    const isCounted = (many: number) => {
      receiver.answer = (_request, response) =>
        answerJson(response, 200, {
          message: 'Success',
          series_instance_uids: [seriesInstanceUid],
          detailed_info: [{ SeriesInstanceUID: seriesInstanceUid, NumberOfSeriesRelatedInstances: many }],
        });
    };
    const behind = (before: number) => sending({ acceptedBefore: async () => before });
    isCounted(33);
    expect(await outcomesOf(destination.send(batch, behind(32)))).toMatchObject([
      { status: 'failed', answer: 'The API has 33 instances of the series, and 34 were sent' },
      { status: 'failed' },
    ]);
    isCounted(34);
    expect(statuses(await outcomesOf(destination.send(batch, behind(32))))).toEqual(['accepted', 'accepted']);
    // Others count what they were sent at once.
    isCounted(2);
    expect(statuses(await outcomesOf(destination.send(batch, behind(32))))).toEqual(['accepted', 'accepted']);
    receiver.answer = (_request, response) => answerJson(response, 400, { message: 'No DICOM files were uploaded!' });
    expect(statuses(await outcomesOf(destination.send(batch, sending())))).toEqual(['refused', 'refused']);
    receiver.answer = (_request, response) => answerJson(response, 200, { success: false, message: 'Access denied!' });
    await expect(outcomesOf(destination.send(batch, sending()))).rejects.toMatchObject({ code: 'forbidden' });
    await destination.close();
  });

  it.each<[string, Answering, string]>([
    [
      'says nothing',
      (_request, response) => void response.writeHead(200).end(),
      'what is no answer of such an API (200)',
    ],
    [
      'answers with a page',
      (_request, response) => void response.writeHead(200).end('<html>'),
      'what is no answer of such an API (200)',
    ],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(307, { location: '/login' }).end(),
      'sends us elsewhere (307)',
    ],
    [
      'answers with a GiB',
      (_request, response) => void answerAGiB(response, 200),
      'answers with more than 8388608 bytes',
    ],
    ['gives a byte now and then', (_request, response) => answerDrop(response, 100), 'has not come to its end within'],
  ])('takes nothing for sent where it %s', async (_what, answer, words) => {
    receiver.answer = answer;
    const destination = api();
    await expect(outcomesOf(destination.send(outgoingSeries(1), sending()))).rejects.toThrow(words);
    await destination.close();
  });

  it('tells results that are not there yet, that are there, and that will never be', async () => {
    const [one] = outgoingSeries(1);
    const destination = api();
    const ask = () => destination.results!(unitOf(one!), sending());
    let body: object = {
      success: false,
      message: 'Image Series with resource_uid x is under process. Please check back.',
    };
    receiver.answer = ({ path, headers }, response) => {
      if (path === '/api/files/1.dcm?signature=a') response.end(headers['authorization'] ?? 'nobody');
      else answerJson(response, path.startsWith('/api/compute/') ? 202 : 200, body);
    };
    expect(await ask()).toMatchObject({ complete: false, results: [], troubles: [] });
    body = { success: false, message: 'Series with resource_uid x has not yet been invoked for computation.' };
    expect(await ask()).toMatchObject({ complete: false, results: [], troubles: [] });
    expect(receiver.requests.at(-1)?.path).toBe(`/api/compute/${one!.seriesInstanceUid}`);
    const link = (signature: string) => `${receiver.origin}/api/files/1.dcm?signature=${signature}`;
    body = {
      success: true,
      message: 'Results retrieved successfully!',
      result: { files: { sc: [link('a')], pdf: [] } },
    };
    const { complete, results } = await ask();
    expect([complete, results.map(({ mediaType }) => mediaType)]).toEqual([true, ['application/dicom']]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of results[0]!.open()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('Token S3cret-token');
    body = { success: true, result: { files: { sc: [link('b')] } } };
    // Signed anew, it is the same result.
    expect((await ask()).results[0]!.id).toBe(results[0]!.id);
    body = { success: false, message: 'Not a valid use case', debug_info: { reason: 'no chest' } };
    const words = `The API makes nothing of the series ${one!.seriesInstanceUid}: Not a valid use case, no chest.`;
    expect(await ask()).toMatchObject({ complete: true, results: [], troubles: [{ words, mayPass: false }] });
    await destination.close();
  });

  it('tells of each part that fails, or that it never got, beside the results of the others', async () => {
    const parts = outgoingSeries(3);
    const uids = parts.map(({ sopInstanceUid }) => sopInstanceUid);
    const destination = api({ computePer: 'instance' });
    receiver.answer = ({ path }, response) => {
      const at = uids.findIndex((uid) => path.endsWith(uid));
      if (at === 0) answerJson(response, 200, { success: true, result: { files: { sr: [`${receiver.origin}/1`] } } });
      else if (at === 1) answerJson(response, 200, { success: false, message: 'It failed' });
      else answerJson(response, 404, { success: false, message: 'It is not yet uploaded!' });
    };
    const unit = unitOf(parts[0]!, { sopInstanceUids: uids });
    const { complete, results, troubles } = await destination.results!(unit, sending());
    expect([complete, results.map(({ about }) => about.sopInstanceUid)]).toEqual([true, [uids[0]]]);
    expect(troubles).toHaveLength(2);
    expect(troubles).toEqual(
      expect.arrayContaining([
        { words: `The API makes nothing of the instance ${uids[1]}: It failed.`, mayPass: false },
        { words: `The API says that it never got the instance ${uids[2]}.`, mayPass: true },
      ]),
    );
    await destination.close();
  });

  it('keeps back no results because of a part at which it fails', async () => {
    const parts = outgoingSeries(4);
    const uids = parts.map(({ sopInstanceUid }) => sopInstanceUid);
    const destination = api({ computePer: 'instance' });
    const ask = (some: readonly string[]) =>
      destination.results!(unitOf(parts[0]!, { sopInstanceUids: some }), sending());
    receiver.answer = ({ path }, response) => {
      const at = uids.findIndex((uid) => path.endsWith(uid));
      if (path.startsWith('/api/compute/')) response.writeHead(404).end('<html>');
      else if (at === 0) answerJson(response, 500, { detail: 'crashed' });
      else if (at === 1) answerJson(response, 200, { success: false, message: 'It has not been invoked.' });
      else if (at === 2) response.writeHead(503).end();
      else answerJson(response, 200, { success: true, result: { files: { sr: [`${receiver.origin}/1`] } } });
    };
    const { complete, results, troubles, isAnswered } = await ask(uids);
    expect([complete, results.map(({ about }) => about.sopInstanceUid)]).toEqual([false, [uids[3]]]);
    expect(isAnswered).toBe(true);
    const words = (at: number, why: string) => ({
      words: expect.stringMatching(`^The API does not tell about the instance ${uids[at]}: .*${why}`),
      mayPass: true,
    });
    expect(troubles).toHaveLength(3);
    expect(troubles).toEqual(
      expect.arrayContaining([words(0, 'failed.*500'), words(1, 'compute/.*404'), words(2, 'not available.*503')]),
    );
    // One whose computation crashed is no outage; nobody who answers about any of them is one.
    expect(await ask([uids[0]!])).toMatchObject({
      complete: false,
      troubles: [words(0, '500')],
      isAnswered: false,
    });
    await expect(ask([uids[2]!])).rejects.toMatchObject({ code: 'unavailable' });
    receiver.requests.splice(0);
    receiver.answer = (_request, response) => void response.writeHead(503).end();
    const many = Array.from({ length: 50 }, (_, at) => `1.2.${at}`);
    await expect(ask(many)).rejects.toMatchObject({ code: 'unavailable' });
    expect(receiver.requests.length).toBeLessThan(10);
    receiver.requests.splice(0);
    receiver.answer = (_request, response) => answerJson(response, 500, { detail: 'crashed' });
    const study = Array.from({ length: 500 }, (_, at) => `1.2.${at}`);
    expect((await ask(study)).troubles).toHaveLength(study.length);
    expect(receiver.requests.length).toBeLessThan(100);
    receiver.answer = (_request, response) => answerJson(response, 401, { detail: 'Invalid token.' });
    await expect(ask(uids)).rejects.toMatchObject({ code: 'forbidden' });
    await destination.close();
  });

  it('tells results apart by all that is in their links but signatures', async () => {
    const [one] = outgoingSeries(1);
    const destination = api();
    const idsOf = async (...links: string[]) => {
      receiver.answer = (_request, response) =>
        answerJson(response, 200, {
          success: true,
          result: { files: { sr: links.map((link) => `https://c.test/${link}`) } },
        });
      const { results } = await destination.results!(unitOf(one!), sending());
      return results.map(({ id }) => id);
    };
    const ids = await idsOf('get?id=1&X-Amz-Signature=a', 'get?id=2', 'get?page=1&id=2', 'get');
    expect(new Set(ids).size).toBe(4);
    const signed = ['get?sig=x&se=y&id=1', 'get?id=2&Expires=3&Key-Pair-Id=k', 'get?id=2&page=1', 'get?X-Goog-Date=4'];
    expect(await idsOf(...signed)).toEqual(ids);
    // The next time it may have made another one of the same kind.
    expect(await idsOf('get?id=2')).toEqual([ids[1]]);
    expect(ids).not.toContainEqual((await idsOf('get?id=3'))[0]);
    // Links are signed in more ways than are known, which tell nothing where a file is named, and but once.
    const [signedAnyhow] = await idsOf('1.pdf?whatever=1');
    expect(await idsOf('1.pdf?whatever=2', '2.pdf?whatever=3')).toEqual([
      signedAnyhow,
      expect.not.stringMatching(signedAnyhow!),
    ]);
    expect(new Set(await idsOf('1.pdf?page=1', '1.pdf?page=2')).size).toBe(2);
    // However many there are.
    expect(new Set(await idsOf(...Array.from({ length: 2500 }, (_, n) => `${n}`))).size).toBe(2500);
    await destination.close();
  });

  it('confirms only what it says that it has', async () => {
    const [one] = outgoingSeries(1);
    const destination = api({ computePer: 'instance' });
    for (const [body, status] of [
      [{ success: true, result: { files: {} } }, 'confirmed'],
      [{ success: false, message: 'It is under process. Please check back.' }, 'confirmed'],
      [{ success: false, message: 'It has not yet been invoked for computation.' }, 'confirmed'],
      [{ success: false, message: 'It is not yet uploaded!' }, 'missing'],
      [{ success: false, message: 'Something went wrong' }, 'unknown'],
    ] as const) {
      receiver.answer = (_request, response) => answerJson(response, 200, body);
      expect(statuses(await destination.confirm!([one!], sending()))).toEqual([status]);
    }
    await destination.close();
  });

  it('keeps its token from other hosts', async () => {
    const other = await startHttpReceiver(
      ({ headers }, response) => void response.end(headers['authorization'] ?? 'nobody'),
    );
    const destination = api();
    receiver.answer = (_request, response) =>
      answerJson(response, 200, { success: true, result: { files: { sr: [`${other.origin}/x`] } } });
    const { results } = await destination.results!(unitOf(outgoingInstance()), sending());
    const chunks: Uint8Array[] = [];
    for await (const chunk of results[0]!.open()) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('nobody');
    await destination.close();
    await other.close();
  });

  it('passes a test with its token, and tells a wrong token from a wrong address', async () => {
    const last = async () => {
      const destination = api();
      const test = await destination.test(sending());
      await destination.close();
      expect(JSON.stringify(test)).not.toContain('S3cret');
      return test.steps.at(-1);
    };
    receiver.answer = (_request, response) =>
      answerJson(response, 404, { success: false, message: 'Series with SeriesInstanceUID x is not yet uploaded!' });
    expect(await last()).toMatchObject({ what: 'speaks the API', ok: true });
    receiver.answer = (_request, response) => answerJson(response, 401, { detail: 'Invalid token.' });
    expect(await last()).toMatchObject({ what: 'token accepted', ok: false });
    receiver.answer = (_request, response) =>
      void response.writeHead(404, { 'content-type': 'text/html' }).end('<html>');
    expect(await last()).toMatchObject({ what: 'speaks the API', ok: false });
  });
});

describe('a webhook', () => {
  it('gets signed JSON about a study, with the same key when it comes again', async () => {
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    const settings = {
      kind: 'webhook',
      url: `${receiver.origin}/hook`,
      auth: { kind: 'none' },
      signingKey: 'S3cret-key',
    } as const;
    const webhook = createWebhookDestination(settings, { now, publisher: 'ris', limits });
    const batch = outgoingSeries(2);
    for (const _time of [1, 2]) {
      expect(statuses(await outcomesOf(webhook.send(batch, sending())))).toEqual(['accepted', 'accepted']);
    }
    const [first, second] = receiver.requests;
    expect(first!.headers['idempotency-key']).toBe(second!.headers['idempotency-key']);
    const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first!.headers['x-causeway-signature']))!;
    expect(mac).toBe(createHmac('sha256', 'S3cret-key').update(`${seconds}.${first!.body.toString()}`).digest('hex'));
    expect(JSON.parse(first!.body.toString())).toMatchObject({
      event: 'instances',
      publisher: 'ris',
      studyInstanceUid: batch[0]!.studyInstanceUid,
      series: [{ instances: [{ sha256: batch[0]!.sha256 }, { sha256: batch[1]!.sha256 }] }],
    });
    expect(first!.body.toString()).not.toMatch(/Doe|ID1|S3cret/);
    expect(await webhook.test(sending())).toMatchObject({ ok: true });
    receiver.answer = (_request, response) => void response.writeHead(422).end('no');
    expect(statuses(await outcomesOf(webhook.send(batch, sending())))).toEqual(['refused', 'refused']);
    await webhook.close();
  });
});

describe('a webhook with moods', () => {
  const webhook = (url: string) =>
    createWebhookDestination({ kind: 'webhook', url, auth: { kind: 'none' } }, { now, publisher: 'ris', limits });

  it.each<[string, Answering, string]>([
    ['hangs', () => {}, 'took the request and does not answer'],
    [
      'answers with a GiB',
      (_request, response) => void answerAGiB(response, 200),
      'answers with more than 8388608 bytes',
    ],
    ['fails with a GiB', (_request, response) => void answerAGiB(response, 500), 'failed (500)'],
    ['gives a byte now and then', (_request, response) => answerDrop(response, 100), 'has not come to its end within'],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(302, { location: '/login' }).end(),
      'sends us elsewhere (302)',
    ],
  ])('is told again where it %s', async (_what, answer, words) => {
    receiver.answer = answer;
    const destination = webhook(`${receiver.origin}/hook`);
    await expect(outcomesOf(destination.send(outgoingSeries(1), sending()))).rejects.toThrow(words);
    await destination.close();
  });

  it('is left where it never reads', async () => {
    const sockets: Socket[] = [];
    const deaf = createServer((socket) => void sockets.push(socket.pause()));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const destination = webhook(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}/hook`);
    // More than the buffers of both sides take.
    const [one] = outgoingSeries(1);
    const many = Array.from({ length: 60_000 }, (_, n) => ({ ...one!, sopInstanceUid: `2.25.${n}` }));
    await expect(outcomesOf(destination.send(many, sending()))).rejects.toMatchObject({ code: 'timed-out' });
    await destination.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));
  });
});

describe('HL7', () => {
  let server: TcpServer;
  let port: number;
  let answer: (message: string, socket: Socket) => void;
  const messages: string[] = [];

  beforeAll(async () => {
    server = createServer((socket) => {
      let text = '';
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (!text.endsWith('\x1c\r')) return;
        messages.push(text.slice(1, -2));
        answer(text.slice(1, -2), socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const hl7 = (at = now) =>
    createHl7Destination(
      {
        kind: 'hl7',
        host: '127.0.0.1',
        port,
        sendingApplication: 'CAUSEWAY',
        sendingFacility: 'SITE|A',
        receivingApplication: 'RIS',
        receivingFacility: 'HOSPITAL',
      },
      { now: at, urlOf: (uid) => `https://images.example/viewer?study=${uid}&x=1`, limits: { answerMs: 300 } },
    );
  const acknowledge =
    (code: string, err = '') =>
    (message: string, socket: Socket): void => {
      const controlId = message.split('|')[9];
      const ack = `MSH|^~\\&|RIS|HOSPITAL|CAUSEWAY|A|20260501||ACK|1|P|2.5.1\rMSA|${code}|${controlId}\r${err}`;
      // In pieces, as networks do.
      socket.write(`\x0b${ack.slice(0, 20)}`);
      socket.end(`${ack.slice(20)}\x1c\r`);
    };

  it('says the same under the same control id when it says it again, as its acknowledgment was lost', async () => {
    const batch = outgoingSeries(1);
    const later = () => new Date(now().getTime() + 3_600_000);
    answer = acknowledge('AA');
    for (const at of [now, later]) await outcomesOf(hl7(at).send(batch, sending()));
    const said = messages.slice(-2).map((message) => message.split('\r').map((segment) => segment.split('|')));
    const [first, second] = said.map(([msh, _pid, obr]) => ({ id: msh![9], at: obr![22] }));
    expect(second!.id).toBe(first!.id);
    expect([first!.at, second!.at]).toEqual(['20260501120000+0000', '20260501130000+0000']);
    await outcomesOf(hl7(later).send(outgoingSeries(1), sending()));
    expect(messages.at(-1)!.split('|')[9]).not.toBe(first!.id);
  });

  it('tells of a study in one message, with what could end it escaped', async () => {
    answer = acknowledge('AA');
    const batch = outgoingSeries(2, {
      elements: [
        element('00080005', 'CS', 'ISO_IR 192'),
        element('00080050', 'SH', 'A|1'),
        element('00081030', 'LO', 'CT & more\r^~'),
        element('00100021', 'LO', 'Hospital'),
      ],
    });
    expect(statuses(await outcomesOf(hl7().send(batch, sending())))).toEqual(['accepted', 'accepted']);
    const segments = messages.at(-1)!.split('\r');
    expect(segments[0]).toMatch(
      /^MSH\|\^~\\&\|CAUSEWAY\|SITE\\F\\A\|RIS\|HOSPITAL\|20260501120000\+0000\|\|ORU\^R01\^ORU_R01\|[0-9a-f]{20}\|P\|2\.5\.1\|\|\|AL\|NE\|\|UNICODE UTF-8$/,
    );
    expect(segments.find((one) => one.startsWith('PID'))).toBe('PID|1||ID1^^^Hospital||Doe^John');
    const obr = segments.find((one) => one.startsWith('OBR'))!.split('|');
    expect([obr[3], obr[4]]).toEqual(['A\\F\\1', '^CT \\T\\ more \\S\\\\R\\']);
    const { studyInstanceUid, seriesInstanceUid } = batch[0]!;
    expect(segments.filter((one) => one.startsWith('OBX')).map((one) => one.split('|')[5])).toEqual([
      studyInstanceUid,
      seriesInstanceUid,
      '2',
      `https://images.example/viewer?study=${studyInstanceUid}\\T\\x=1^CAUSEWAY^TEXT^HTML`,
    ]);
  });

  it.each([
    ['AA', '', 'accepted', 'Acknowledged (AA)'],
    [
      'AE',
      'ERR|||101^Required field missing|E',
      'refused',
      'The receiver finds an error in the message: AE (101): Required field missing',
    ],
    [
      'AE',
      'ERR|||207^Application internal error|E',
      'failed',
      'The receiver finds an error in the message: AE (207): Application internal error',
    ],
    ['AR', '', 'failed', 'The receiver rejects the message: AR'],
    [
      'AR',
      'ERR|||203^Unsupported version id|E',
      'refused',
      'The receiver rejects the message: AR (203): Unsupported version id',
    ],
  ])('tells %s %s', async (code, err, status, words) => {
    answer = acknowledge(code, err);
    const [outcome] = await outcomesOf(hl7().send(outgoingSeries(1), sending()));
    expect(outcome).toMatchObject({ status, answer: words });
  });

  it.each<[string, typeof answer, string]>([
    ['says nothing', () => {}, 'took the message and does not acknowledge it within 0.3 s'],
    ['hangs up', (_message, socket) => void socket.destroy(), 'closed the connection without an acknowledgment'],
    ['answers half', (_message, socket) => void socket.end('\x0bMSH|'), 'closed the connection in the middle of its'],
    [
      'acknowledges another',
      (_message, socket) => void socket.end('\x0bMSH|\rMSA|AA|other\r\x1c\r'),
      'another message',
    ],
    ['is no HL7', (_message, socket) => void socket.end('\x0bhello\x1c\r'), 'is no HL7 acknowledgment'],
    ['answers without a frame', (_message, socket) => void socket.write('MSH|\rMSA|AA|1\r'), 'does not acknowledge it'],
    [
      'answers with bytes of all kinds',
      (_message, socket) => void socket.write(Buffer.from(Array.from({ length: 4096 }, (_, n) => n & 255))),
      'does not acknowledge it',
    ],
    [
      'goes on and on',
      (_message, socket) => void socket.write(`\x0b${'x'.repeat(2 ** 21)}`),
      'answers with more than 1048576 bytes',
    ],
    [
      'gives a byte now and then',
      (_message, socket) => {
        const timer = setInterval(() => socket.write('\x0b'), 50);
        socket.once('close', () => clearInterval(timer));
      },
      'does not acknowledge it within 0.3 s',
    ],
  ])('fails for now where the receiver %s', async (_what, misbehaves, words) => {
    answer = misbehaves;
    const failure = await outcomesOf(hl7().send(outgoingSeries(1), sending())).catch((thrown: unknown) => thrown);
    expect((failure as { code: string }).code).toMatch(/^(unavailable|timed-out)$/);
    expect((failure as Error).message).toContain(words);
  });
});
