import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from 's3rver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newBlobKey } from '../../src/blobs/blob-keys.ts';
import type { BlobStore } from '../../src/blobs/blob-store.ts';
import { createS3BlobStore } from '../../src/blobs/s3-blob-store.ts';

const partBytes = 5_242_880;
let directory: string;
let server: Server;
let store: BlobStore;
const options = { credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }, partBytes };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-s3-'));
  const s3rver = new S3rver({ directory, silent: true, configureBuckets: [{ name: 'images', configs: [] }] });
  await s3rver.configureBuckets();
  server = createServer(s3rver.callback()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  store = await createS3BlobStore({ ...options, endpoint, location: 's3://images/causeway' });
});

afterAll(async () => {
  await store.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

async function put(content: Buffer): Promise<string> {
  const key = newBlobKey('1.2.3', `1.2.3.${content.length}`);
  const writer = store.create();
  for (let at = 0; at < content.length; at += 100_000) await writer.write(content.subarray(at, at + 100_000));
  await writer.commit(key);
  return key;
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const blob of store.list()) found.push(blob.key);
  return found;
}

test.each([0, 1, 600_000, partBytes + 1, 23_000_000])('an object of %i bytes comes back as written', async (size) => {
  const content = randomBytes(size);
  const key = await put(content);
  expect((await buffer(store.read(key))).equals(content)).toBe(true);
  for await (const blob of store.list()) if (blob.key === key) expect(blob.size).toBe(size);
  if (size > 100) {
    const part = content.subarray(size - 50, size - 10);
    expect((await store.readRange(key, size - 50, 40)).equals(part)).toBe(true);
    expect((await buffer(store.read(key, { offset: size - 50, length: 40 }))).equals(part)).toBe(true);
    await expect(store.readRange(key, size - 50, 90)).rejects.toMatchObject({ code: 'truncated' });
    // Who reads on would take what is left of a shortened object for all of it.
    const beyond = buffer(store.read(key, { offset: size - 50, length: 90 }));
    await expect(beyond).rejects.toMatchObject({ code: 'truncated', details: { offset: size } });
  }
  await store.delete(key);
  await store.delete(key);
  await expect(store.readRange(key, 0, 1)).rejects.toMatchObject({ code: 'not-found' });
  await expect(buffer(store.read(key))).rejects.toMatchObject({ code: 'not-found' });
  expect(await keys()).toEqual([]);
});

test('an upload that is discarded, early or late, leaves nothing', async () => {
  for (const size of [10, 600_000, 12_000_000]) {
    const writer = store.create();
    await writer.write(randomBytes(size));
    await writer.discard();
    await expect(writer.commit(newBlobKey('1', '2'))).rejects.toThrow();
  }
  const key = newBlobKey('1.2', '1.3');
  const writer = store.create();
  await writer.write(randomBytes(12_000_000));
  await writer.commit(key);
  await writer.discard();
  expect(await keys()).toEqual([]);
  expect(await store.removeAbandoned(new Date(Date.now() + 60_000))).toBe(0);
});

test('a store that cannot be reached is unavailable', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const endpoint = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  await new Promise((resolve) => closed.close(resolve));
  const lost = await createS3BlobStore({ ...options, endpoint, location: 's3://images' });
  const writer = lost.create();
  await writer.write(randomBytes(10));
  await expect(writer.commit(newBlobKey('1', '2'))).rejects.toMatchObject({ code: 'unavailable' });
  await expect(lost.space()).rejects.toMatchObject({ code: 'unavailable' });
  await lost.close();
});

test.each(['s3:/images', 's3://', 's3://UPPER/x'])('the location %s is refused by name', async (location) => {
  await expect(createS3BlobStore({ location })).rejects.toMatchObject({ code: 'configuration-invalid' });
});
