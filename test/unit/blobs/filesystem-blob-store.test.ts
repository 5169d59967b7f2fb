import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newBlobKey } from '../../../src/blobs/blob-keys.ts';
import type { BlobStore } from '../../../src/blobs/blob-store.ts';
import { createFilesystemBlobStore } from '../../../src/blobs/filesystem-blob-store.ts';

let root: string;
let store: BlobStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'causeway-blobs-'));
  store = await createFilesystemBlobStore(join(root, 'blobs'));
});

afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true, force: true });
});

const incomingFiles = () => readdir(join(root, 'blobs', 'incoming'));

async function put(content: Uint8Array, key = newBlobKey('1.2.3', '1.2.3.4'), chunkBytes = 65_536): Promise<string> {
  const writer = store.create();
  for (let at = 0; at < content.length; at += chunkBytes) await writer.write(content.subarray(at, at + chunkBytes));
  await writer.commit(key);
  return key;
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const blob of store.list()) found.push(blob.key);
  return found;
}

describe('a blob', () => {
  test.each([0, 1, 4095, 65_536, 262_144, 1_048_577, 5_000_000])('of %i bytes comes back as written', async (size) => {
    const content = randomBytes(size);
    const key = await put(content);
    expect((await buffer(store.read(key))).equals(content)).toBe(true);
    expect(await incomingFiles()).toEqual([]);
  });

  test('written in chunks of odd sizes comes back as written', async () => {
    const content = randomBytes(1_500_001);
    const key = await put(content, undefined, 1013);
    expect((await buffer(store.read(key))).equals(content)).toBe(true);
  });

  test('is not visible before its commit', async () => {
    const writer = store.create();
    await writer.write(randomBytes(600_000));
    expect(await keys()).toEqual([]);
    await writer.discard();
    expect(await incomingFiles()).toEqual([]);
  });

  test('has a file from its 64th KiB on, so that what is small and never ends costs the disk nothing', async () => {
    const writer = store.create();
    await writer.write(randomBytes(65_535));
    expect(await incomingFiles()).toEqual([]);
    await writer.write(Buffer.of(1));
    await vi.waitFor(async () => expect(await incomingFiles()).toHaveLength(1));
    await writer.discard();
    expect(await incomingFiles()).toEqual([]);
  });

  test('is gone when it is discarded after its commit', async () => {
    const writer = store.create();
    await writer.write(randomBytes(10));
    const key = newBlobKey('1.2', '1.3');
    await writer.commit(key);
    await writer.discard();
    await writer.discard();
    expect(await keys()).toEqual([]);
  });

  test('that was discarded takes no more bytes and cannot be committed', async () => {
    const writer = store.create();
    await writer.discard();
    await expect(writer.write(Buffer.of(1))).rejects.toThrow();
    await expect(writer.commit(newBlobKey('1.2', '1.3'))).rejects.toThrow();
    expect(await incomingFiles()).toEqual([]);
    expect(await readdir(join(root, 'blobs'))).toEqual(['incoming']);
  });

  test('can be read in parts', async () => {
    const content = randomBytes(700_000);
    const key = await put(content);
    expect((await store.readRange(key, 300_000, 5)).equals(content.subarray(300_000, 300_005))).toBe(true);
    const part = await buffer(store.read(key, { offset: 100, length: 600_000 }));
    expect(part.equals(content.subarray(100, 600_100))).toBe(true);
    expect((await buffer(store.read(key, { offset: 100, length: 0 }))).length).toBe(0);
  });

  test('that ends before the part that is asked for fails with truncated', async () => {
    const key = await put(randomBytes(100));
    await expect(store.readRange(key, 90, 20)).rejects.toMatchObject({ code: 'truncated' });
    await expect(buffer(store.read(key, { offset: 90, length: 20 }))).rejects.toMatchObject({ code: 'truncated' });
  });

  test('that is not there harms nobody if its reader gave up before', async () => {
    const stream = store.read(newBlobKey('1.2.3', '1.2.3.4'));
    stream.destroy();
    // An event that nobody listens to would end the process.
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.errored).toMatchObject({ code: 'not-found' });
  });

  test('that is not there fails with not-found, and deleting it succeeds', async () => {
    const key = newBlobKey('1.2', '1.3');
    await expect(store.readRange(key, 0, 1)).rejects.toMatchObject({ code: 'not-found' });
    await expect(buffer(store.read(key))).rejects.toMatchObject({ code: 'not-found' });
    await store.delete(key);
  });

  test('is deleted', async () => {
    const key = await put(randomBytes(100));
    await store.delete(key);
    expect(await keys()).toEqual([]);
  });
});

test.each(['../outside.dcm', 'aa/../../outside', '/etc/passwd', 'aa//b', '', 'aa/.hidden'])(
  'the key %j, which could leave the store, is refused',
  async (key) => {
    await expect(store.readRange(key, 0, 1)).rejects.toMatchObject({ code: 'internal' });
    expect(() => store.read(key)).toThrow();
  },
);

test('many writers into few directories all commit, and the listing has every blob with its size', async () => {
  const sizes = new Map<string, number>();
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const key = newBlobKey(`1.2.${index % 7}`, `1.3.${index}`);
      await put(randomBytes(index * 1000), key);
      sizes.set(key, index * 1000);
    }),
  );
  for await (const blob of store.list()) {
    expect(sizes.get(blob.key)).toBe(blob.size);
    sizes.delete(blob.key);
  }
  expect(sizes.size).toBe(0);
});

test('a writer that outruns the disk is held back', async () => {
  const writer = store.create();
  let heldBack = 0;
  for (let index = 0; index < 64; index += 1) {
    const wait = writer.write(Buffer.alloc(262_144, index));
    if (wait) heldBack += 1;
    await wait;
  }
  expect(heldBack).toBeGreaterThan(5);
  await writer.discard();
});

test('a new start cleans up old leftovers of a crash and empty directories, and nothing that is being written', async () => {
  const old = new Date(Date.now() - 3_600_000);
  const leftover = join(root, 'blobs', 'incoming', 'crashed.part');
  await writeFile(leftover, 'half');
  await utimes(leftover, old, old);
  const key = await put(randomBytes(10));
  await store.delete(key);
  const kept = await put(randomBytes(10), newBlobKey('9.9', '9.9.1'));
  const writer = store.create();
  await writer.write(randomBytes(300_000));

  expect(await store.removeAbandoned(new Date(Date.now() - 60_000))).toBe(1);
  expect(await store.removeAbandoned(new Date(Date.now() + 60_000))).toBe(0);
  await store.removeEmptyFolders(new Date(Date.now() - 60_000));
  expect(await readdir(join(root, 'blobs'))).toHaveLength(3);
  await store.removeEmptyFolders(new Date(Date.now() + 60_000));
  expect(await incomingFiles()).toHaveLength(1);
  expect((await readdir(join(root, 'blobs'))).sort()).toEqual([kept.slice(0, 2), 'incoming']);

  const again = newBlobKey('1.2.3', '1.2.3.4');
  await writer.commit(again);
  expect((await keys()).sort()).toEqual([kept, again].sort());
});

test('a directory that disappears between its creation and the commit is created again', async () => {
  const first = await put(randomBytes(10));
  await rm(join(root, 'blobs', first.slice(0, 2)), { recursive: true });
  const second = await put(randomBytes(20));
  expect(await keys()).toEqual([second]);
});

test('space is that of the disk, and a store that went away says so', async () => {
  const space = await store.space();
  expect(space?.freeBytes).toBeGreaterThan(0);
  expect(space?.totalBytes).toBeGreaterThan(space?.freeBytes ?? 0);
  await rm(join(root, 'blobs'), { recursive: true });
  await expect(store.space()).rejects.toThrow();
});

test.each([0, 1, 3])(
  'a disk that is full after %i writes is storage-full, and nothing is left behind',
  async (writes) => {
    const handle = await open(join(root, 'probe'), 'w');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const writev = prototype.writev;
    let count = 0;
    const spy = vi.spyOn(prototype, 'writev').mockImplementation(function (this: FileHandle, ...given) {
      count += 1;
      if (count > writes) return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
      return writev.apply(this, given);
    });
    try {
      const writer = store.create();
      const storing = async () => {
        for (let index = 0; index < 100; index += 1) await writer.write(randomBytes(65_536));
        await writer.commit(newBlobKey('1.2', '1.3'));
      };
      await expect(storing()).rejects.toMatchObject({ code: 'storage-full' });
      await writer.discard();
      expect(await incomingFiles()).toEqual([]);
      expect(await keys()).toEqual([]);
    } finally {
      spy.mockRestore();
    }
  },
);

test('the last bytes of a disk are not taken, and nothing is left of what would have needed them', async () => {
  const full = await createFilesystemBlobStore(join(root, 'blobs'), { reserveBytes: Number.MAX_SAFE_INTEGER });
  const writer = full.create();
  await expect(
    Promise.resolve(writer.write(randomBytes(600_000))).then(() => writer.commit('a/b.dcm')),
  ).rejects.toMatchObject({
    code: 'storage-full',
    details: { limit: 'diskReserveBytes' },
  });
  await writer.discard();
  expect([await keys(), await incomingFiles()]).toEqual([[], []]);
  await full.close();
});

describe('a store that is known by its mark', () => {
  function identity(knownAtFirst?: string) {
    let known = knownAtFirst;
    return {
      known: async () => known,
      async agree(id: string) {
        known ??= id;
        return known === id;
      },
    };
  }

  test('is marked once, and found again', async () => {
    const folder = join(root, 'marked');
    const one = identity();
    for (let starts = 0; starts < 2; starts += 1)
      await (await createFilesystemBlobStore(folder, { identity: one })).close();
    expect((await readdir(folder)).sort()).toEqual(['.causeway-store', 'incoming']);
    // A new database learns which one it is.
    await (await createFilesystemBlobStore(folder, { identity: identity() })).close();
  });

  test.each(['', '\n', '3f2a'])('is never known by a mark that says nothing: %j', async (mark) => {
    const folder = join(root, 'half-marked');
    await mkdir(folder);
    await writeFile(join(folder, '.causeway-store'), mark);
    const one = identity();
    await expect(createFilesystemBlobStore(folder, { identity: one })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('remove that file'),
    });
    expect(await one.known()).toBeUndefined();
  });

  test.each([
    ['has no mark', undefined],
    ['has that of another', 'another'],
  ])('is not the folder that %s, in which nothing is made', async (_, mark) => {
    const folder = join(root, 'not-mounted');
    if (mark !== undefined) {
      await mkdir(folder);
      await writeFile(join(folder, '.causeway-store'), mark);
    }
    await expect(createFilesystemBlobStore(folder, { identity: identity('known') })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('would have to say known'),
    });
    expect(await readdir(folder).catch(() => [])).toEqual(mark === undefined ? [] : ['.causeway-store']);
  });
});
