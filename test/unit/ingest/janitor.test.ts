import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { BlobStore, StoredBlob } from '../../../src/blobs/blob-store.ts';
import type { Index } from '../../../src/index/instance-index.ts';
import { type BlobCustody, createBlobCustody } from '../../../src/ingest/blob-custody.ts';
import { createJanitor, type Janitor } from '../../../src/ingest/janitor.ts';
import { silentLog } from '../../../src/kernel/log.ts';

const hourMs = 3_600_000;
let nowMs: number;
let stored: Map<string, StoredBlob>;
let referenced: Set<string>;
let garbage: Set<string>;
let abandonedBefore: Date | undefined;
let custody: BlobCustody;
let janitor: Janitor;

const clock = { now: () => new Date(nowMs) };

const blobs = {
  async delete(key: string) {
    if (key.startsWith('stuck')) throw new Error('The disk refuses.');
    stored.delete(key);
  },
  async *list() {
    yield* [...stored.values()];
  },
  removeEmptyFolders: async () => {},
  removeAbandoned: async (before: Date) => {
    abandonedBefore = before;
    return 0;
  },
} as unknown as BlobStore;

const index: Pick<Index, 'blobsToDelete' | 'blobsDeleted' | 'referencedBlobs'> = {
  blobsToDelete: async (limit) => [...garbage].slice(0, limit),
  async blobsDeleted(keys) {
    for (const key of keys) garbage.delete(key);
  },
  referencedBlobs: async (keys) => new Set(keys.filter((key) => referenced.has(key))),
};

function store(key: string, ageMs = 10 * hourMs): void {
  stored.set(key, { key, size: 1, modifiedAt: new Date(nowMs - ageMs) });
}

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  stored = new Map();
  referenced = new Set();
  garbage = new Set();
  abandonedBefore = undefined;
  custody = createBlobCustody(clock.now);
  janitor = createJanitor({ blobs, index, custody, clock, log: silentLog });
});

afterEach(() => janitor.close());

test('blobs of erased instances are deleted, also more than fit into one batch', async () => {
  for (let count = 0; count < 1203; count += 1) {
    store(`erased-${count}`);
    garbage.add(`erased-${count}`);
  }
  expect(await janitor.clean()).toMatchObject({ deleted: 1203 });
  expect(stored.size).toBe(0);
  expect(garbage.size).toBe(0);
});

test('blobs in doubt are looked for shortly before they are deleted, not all of them at first', async () => {
  const order: string[] = [];
  const asking = {
    ...index,
    async referencedBlobs(keys: readonly string[]) {
      order.push('asked');
      return new Set(keys.slice(0, 1));
    },
  };
  const deleting = { ...blobs, delete: async () => void order.push('deleted') };
  for (let count = 0; count < 250; count += 1) custody.doubt(`doubtful-${count}`);
  nowMs += 2 * hourMs;
  const careful = createJanitor({ blobs: deleting, index: asking, custody, clock, log: silentLog });
  expect(await careful.clean()).toMatchObject({ orphans: 247 });
  expect(order.filter((one, at) => one !== order[at - 1])).toEqual([
    'asked',
    'deleted',
    'asked',
    'deleted',
    'asked',
    'deleted',
  ]);
});

test('a blob that cannot be deleted keeps no other, and is tried again in the next round', async () => {
  for (const key of ['stuck-1', 'stuck-2', ...Array.from({ length: 700 }, (_, count) => `erased-${count}`)]) {
    store(key);
    garbage.add(key);
  }
  custody.doubt('stuck-3');
  custody.doubt('in-doubt');
  nowMs += 2 * hourMs;
  expect(await janitor.clean()).toMatchObject({ deleted: 700, orphans: 1 });
  expect([...garbage]).toEqual(['stuck-1', 'stuck-2']);
  expect(await janitor.clean()).toMatchObject({ deleted: 0, orphans: 0 });
  nowMs += 2 * hourMs;
  expect(custody.takeDoubtful(clock.now())).toEqual(['stuck-3']);
});

test('a sweep counts old blobs without an instance and deletes none: the index may be the one that lost them', async () => {
  for (let count = 0; count < 1100; count += 1) {
    store(`kept-${count}`);
    referenced.add(`kept-${count}`);
    store(`orphan-${count}`);
  }
  store('young', 0.5 * hourMs);
  expect(await janitor.sweep()).toBe(1100);
  expect(stored.size).toBe(2201);
});

test('an instance that is being stored keeps its blob, however long it takes', async () => {
  store('on-its-way');
  custody.hold('on-its-way');
  expect(await janitor.sweep()).toBe(0);
  referenced.add('on-its-way');
  custody.release('on-its-way');
  expect(await janitor.sweep()).toBe(0);
  expect(stored.has('on-its-way')).toBe(true);
});

test('a blob that gets its instance while the index is asked stays', async () => {
  store('late');
  const asked = {
    ...index,
    async referencedBlobs() {
      custody.hold('late');
      return new Set<string>();
    },
  };
  const other = createJanitor({ blobs, index: asked, custody, clock, log: silentLog });
  expect(await other.sweep()).toBe(0);
  expect(stored.has('late')).toBe(true);
});

test('a blob in doubt is looked at after the grace period: it goes if the index does not refer to it', async () => {
  store('committed-after-all', 0);
  store('never-committed', 0);
  custody.doubt('committed-after-all');
  custody.doubt('never-committed');
  referenced.add('committed-after-all');
  expect(await janitor.clean()).toMatchObject({ orphans: 0 });
  nowMs += 2 * hourMs;
  expect(await janitor.clean()).toMatchObject({ orphans: 1 });
  expect([...stored.keys()]).toEqual(['committed-after-all']);
});

test('leftovers of writers are removed after the grace period', async () => {
  await janitor.clean();
  expect(abandonedBefore).toEqual(new Date(nowMs - hourMs));
});

test('a failure is not the end: what could not be done is done in the next round', async () => {
  vi.useFakeTimers();
  try {
    store('erased');
    garbage.add('erased');
    let fails = true;
    const flaky = {
      ...index,
      blobsToDelete: (limit: number) => (fails ? Promise.reject(new Error('down')) : index.blobsToDelete(limit)),
    };
    const other = createJanitor({ blobs, index: flaky, custody, clock, log: silentLog, intervalMs: 1000 });
    other.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(stored.size).toBe(1);
    fails = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(stored.size).toBe(0);
    await other.close();
  } finally {
    vi.useRealTimers();
  }
});
