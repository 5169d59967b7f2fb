import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BlobStore } from '../../src/blobs/blob-store.ts';
import { createS3BlobStore } from '../../src/blobs/s3-blob-store.ts';

const partBytes = 5_242_880;
const hourMs = 3_600_000;
let answer: RequestListener;
let server: Server;
let store: BlobStore;

/** With no more patience than a test can wait for, where it waits. */
const openStore = (timeouts: { answerMs: number; stallMs: number }) =>
  createS3BlobStore({
    location: 's3://images/causeway',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
    partBytes,
    timeouts: { connectMs: 10_000, ...timeouts },
  });

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  store = await openStore({ answerMs: 60_000, stallMs: 1_000 });
});
afterEach(async () => {
  await store.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a store that takes what is put and never answers is unavailable', async () => {
  await store.close();
  store = await openStore({ answerMs: 100, stallMs: 1_000 });
  answer = (request) => void request.resume();
  const writer = store.create();
  await writer.write(Buffer.from('content'));
  await expect(writer.commit('a/b.dcm')).rejects.toMatchObject({ code: 'unavailable' });
});

test('an object of which nothing comes any more fails its reader, one that is read slowly does not', async () => {
  const content = Buffer.alloc(3_000_000, 7);
  let sent = content.length / 2;
  answer = (_request, response) => {
    response.writeHead(200, { 'Content-Length': content.length });
    response.write(content.subarray(0, sent));
    if (sent === content.length) response.end();
  };
  const reads = [buffer(store.read('a/b.dcm')), store.readRange('a/b.dcm', 0, content.length)];
  for (const read of await Promise.allSettled(reads)) expect(read).toMatchObject({ reason: { code: 'unavailable' } });
  sent = content.length;
  const slow = store.read('a/b.dcm');
  await new Promise((resolve) => slow.once('readable', resolve));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await buffer(slow)).equals(content)).toBe(true);
});

test('uploads are aborted days after they began, however many there are, and never those that are under way here', async () => {
  const aborted: string[] = [];
  let own = '';
  const upload = (key: string, ageMs: number) =>
    `<Upload><Key>${key}</Key><UploadId>${key.length}</UploadId><Initiated>${new Date(Date.now() - ageMs).toISOString()}</Initiated></Upload>`;
  const uploads = (more: string, ...found: string[]) =>
    `<ListMultipartUploadsResult>${found.join('')}${more}</ListMultipartUploadsResult>`;
  answer = (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    request.resume();
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/xml');
      if (request.method === 'POST') {
        own = pathname.replace('/images/', '');
        response.end('<InitiateMultipartUploadResult><UploadId>own</UploadId></InitiateMultipartUploadResult>');
      } else if (request.method === 'DELETE') {
        aborted.push(pathname);
        response.writeHead(204).end();
      } else if (!searchParams.has('uploads')) {
        if (request.method === 'PUT') response.setHeader('ETag', '"1"').end();
        else response.end('<ListBucketResult></ListBucketResult>');
      } else if (searchParams.get('key-marker') === 'causeway/incoming/b') {
        response.end(uploads('', upload('causeway/incoming/c', 1000 * hourMs), upload(own, 1000 * hourMs)));
      } else {
        const more = '<IsTruncated>true</IsTruncated><NextKeyMarker>causeway/incoming/b</NextKeyMarker>';
        response.end(
          uploads(more, upload('causeway/incoming/a', 1000 * hourMs), upload('causeway/incoming/b', 3 * hourMs)),
        );
      }
    });
  };
  const writer = store.create();
  await writer.write(Buffer.alloc(partBytes + 1));
  await expect.poll(() => own).not.toBe('');
  expect(await store.removeAbandoned(new Date(Date.now() - hourMs))).toBe(2);
  expect(aborted).toEqual(['/images/causeway/incoming/a', '/images/causeway/incoming/c']);
  await writer.discard();
});
