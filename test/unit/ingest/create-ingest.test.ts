import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/blobs/blob-store.ts';
import { createFilesystemBlobStore } from '../../../src/blobs/filesystem-blob-store.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { type BlobCustody, createBlobCustody } from '../../../src/ingest/blob-custody.ts';
import { createIngest, type IngestParts } from '../../../src/ingest/create-ingest.ts';
import type { Ingest, InstanceOutcome, InstanceSource } from '../../../src/ingest/ingest.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { buildPart10, ctElements, element, pixelElements } from '../../support/dicom-builder.ts';
import { feedFromOneBuffer } from '../../support/feed-from-one-buffer.ts';
import { createMemoryIndex, type MemoryIndex } from './memory-index.ts';

let root: string;
let blobs: BlobStore;
let index: MemoryIndex;
let custody: BlobCustody;
let ingest: Ingest;

const importing: InstanceSource = { door: 'import', id: 'test' };
const ct = (instance = '2.25.3', rows = 64) =>
  buildPart10({ elements: ctElements({ instance }, ...pixelElements({ rows, columns: 64 })) });

function ingestWith(parts: Partial<IngestParts>): Ingest {
  return createIngest({
    blobs,
    index,
    custody,
    limits: { maxInstanceBytes: 1_000_000, maxMetadataBytes: 1_000_000 },
    acceptance: { storageSopClasses: [], acceptUnknownSopClasses: false },
    onDifferentContent: 'reject',
    keepPreamble: false,
    log: silentLog,
    ...parts,
  });
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'causeway-ingest-'));
  blobs = await createFilesystemBlobStore(root);
  index = createMemoryIndex();
  custody = createBlobCustody(() => new Date());
  ingest = ingestWith({});
});

afterEach(async () => {
  await blobs.close();
  await rm(root, { recursive: true, force: true });
});

async function send(
  file: Uint8Array,
  source: Partial<InstanceSource> = {},
  by: Ingest = ingest,
  chunkBytes = 4096,
): Promise<InstanceOutcome> {
  const receiver = by.receive({ ...importing, ...source });
  await feedFromOneBuffer(file, chunkBytes, (chunk) => receiver.write(chunk));
  return receiver.finish();
}

async function blobKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of blobs.list()) keys.push(key);
  return keys;
}

/** Nothing is there but the blobs that rows refer to. */
async function expectNothingHalf(): Promise<void> {
  expect(await readdir(join(root, 'incoming'))).toEqual([]);
  expect((await blobKeys()).sort()).toEqual([...index.rows.values()].map(({ blobKey }) => blobKey).sort());
}

describe('an instance', () => {
  test.each([1, 7, 131, 132, 4096, 1_000_000])(
    'that comes in chunks of %i bytes is kept byte for byte',
    async (size) => {
      const file = ct();
      const outcome = await send(file, {}, ingest, size);
      expect(outcome).toEqual({
        status: 'stored',
        studyInstanceUid: '2.25.1',
        seriesInstanceUid: '2.25.2',
        sopInstanceUid: '2.25.3',
        sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
        warnings: [],
      });
      const row = index.rows.get('2.25.3')!;
      expect((await buffer(blobs.read(row.blobKey))).equals(file)).toBe(true);
      expect(row.sha256).toEqual(createHash('sha256').update(file).digest());
      expect(row.size).toBe(file.length);
      await expectNothingHalf();
    },
  );

  test('has metadata with ascending tags that say how it is stored', async () => {
    const elements = ctElements(
      {},
      element('30020002', 'SH', 'label'),
      element('300A0002', 'SH', 'label'),
      element('00091001', 'LO', 'private'),
    );
    await send(buildPart10({ elements }));
    const text = inflateRawSync(index.rows.get('2.25.3')!.metadata).toString();
    const tags = [...text.matchAll(/"([0-9A-F]{8})":/g)].map((match) => match[1]);
    expect(tags).toEqual([...tags].sort());
    expect(tags).toContain('30020002');
    const metadata = JSON.parse(text) as DicomJson;
    expect(metadata['00083002']).toEqual({ vr: 'UI', Value: ['1.2.840.10008.1.2.1'] });
  });

  test('loses what its preamble hides, unless it is to be kept', async () => {
    const preamble = Buffer.alloc(128);
    preamble.write('MZ');
    const file = buildPart10({ elements: ctElements(), preamble });
    await send(file);
    const zeroed = await buffer(blobs.read(index.rows.get('2.25.3')!.blobKey));
    expect(zeroed.subarray(0, 128).equals(Buffer.alloc(128))).toBe(true);
    expect(zeroed.subarray(128).equals(file.subarray(128))).toBe(true);
    expect(file.subarray(0, 2).toString()).toBe('MZ');

    const other = buildPart10({ elements: ctElements({ instance: '2.25.4' }), preamble });
    await send(other, {}, ingestWith({ keepPreamble: true }));
    expect((await buffer(blobs.read(index.rows.get('2.25.4')!.blobKey))).equals(other)).toBe(true);
  });

  test('without a Patient ID is stored with a warning, one with an empty Patient ID without', async () => {
    const elements = ctElements().filter(({ tag }) => tag !== '00100020');
    expect(await send(buildPart10({ elements }))).toMatchObject({
      status: 'stored',
      warnings: [{ reason: 0xb007, tag: '00100020' }],
    });
    const empty = [
      ...ctElements({ instance: '2.25.4' }).filter(({ tag }) => tag !== '00100020'),
      element('00100020', 'LO'),
    ];
    empty.sort((a, b) => (a.tag < b.tag ? -1 : 1));
    expect(await send(buildPart10({ elements: empty }))).toMatchObject({ status: 'stored', warnings: [] });
  });
});

describe('an instance is refused', () => {
  test.each([
    ['00080016', 'sopClassUid'],
    ['00080018', 'sopInstanceUid'],
    ['0020000D', 'studyInstanceUid'],
    ['0020000E', 'seriesInstanceUid'],
  ])('without %s, by its name', async (tag, name) => {
    const file = buildPart10({ elements: ctElements().filter((built) => built.tag !== tag) });
    const outcome = await send(file);
    expect(outcome).toMatchObject({ status: 'refused', code: 'attribute-missing', details: { tag } });
    expect(outcome).not.toHaveProperty(name);
    expect(outcome).toHaveProperty(name === 'sopInstanceUid' ? 'studyInstanceUid' : 'sopInstanceUid');
    await expectNothingHalf();
  });

  test.each(['1.2/../../x', '../1', '1.2?x=1', '1.2 3', '...', '1'.repeat(65), 'x', '1.2\\1.3'])(
    'with the UID %j, which is none',
    async (uid) => {
      const outcome = await send(buildPart10({ elements: ctElements({ study: uid }) }));
      expect(outcome).toMatchObject({ status: 'refused', code: 'uid-invalid', details: { tag: '0020000D' } });
      expect(JSON.stringify(outcome)).not.toContain(uid);
      await expectNothingHalf();
    },
  );

  test.each(['1.02.3', '01.2', '1..2', '1.2.', '.1', '12'])('not with the UID %s, which is only odd', async (uid) => {
    const outcome = await send(buildPart10({ elements: ctElements({ series: uid }) }));
    expect(outcome).toMatchObject({ status: 'stored', seriesInstanceUid: uid });
    if (outcome.status === 'refused') return;
    expect(outcome.warnings.filter(({ tag }) => tag === '0020000E')).toHaveLength(1);
  });

  test('if its SOP class is not one of those that are stored', async () => {
    const unknown = buildPart10({
      elements: ctElements().map((built) =>
        built.tag === '00080016' ? element('00080016', 'UI', '1.2.276.0.7230010.1') : built,
      ),
    });
    expect(await send(unknown)).toMatchObject({ code: 'sop-class-unsupported' });
    const open = ingestWith({ acceptance: { storageSopClasses: [], acceptUnknownSopClasses: true } });
    expect(await send(unknown, { door: 'dimse' }, open)).toMatchObject({ code: 'sop-class-unsupported' });
    expect(await send(unknown, { door: 'stow' }, open)).toMatchObject({ status: 'stored' });
    // What was agreed on as a specialization of one that is stored is as good.
    expect(await send(unknown, { door: 'dimse', isSpecialized: true })).toMatchObject({ status: 'duplicate' });
    await expectNothingHalf();
  });

  test('not if its SOP class is a configured private one', async () => {
    const sopClassUid = '1.2.276.0.7230010.1';
    const file = buildPart10({
      elements: ctElements().map((built) =>
        built.tag === '00080016' ? element('00080016', 'UI', sopClassUid) : built,
      ),
    });
    const open = ingestWith({ acceptance: { storageSopClasses: [sopClassUid], acceptUnknownSopClasses: false } });
    expect(await send(file, { door: 'dimse' }, open)).toMatchObject({ status: 'stored' });
  });

  test('if it is not what the C-STORE command announced', async () => {
    const affected = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '2.25.3' };
    const other = { ...affected, sopInstanceUid: '2.25.99' };
    expect(await send(ct(), { affected: other })).toMatchObject({
      code: 'data-set-mismatch',
      details: { tag: '00080018' },
    });
    const otherClass = { ...affected, sopClassUid: '1.2.840.10008.5.1.4.1.1.4' };
    expect(await send(ct(), { affected: otherClass })).toMatchObject({
      code: 'data-set-mismatch',
      details: { tag: '00080016' },
    });
    expect(await send(ct(), { affected })).toMatchObject({ status: 'stored' });
  });

  test('if it is of another study than the URL', async () => {
    expect(await send(ct(), { studyInstanceUid: '2.25.7' })).toMatchObject({ code: 'study-mismatch' });
    expect(await send(ct(), { studyInstanceUid: '2.25.1' })).toMatchObject({ status: 'stored' });
  });

  test('if it is larger than an instance may be, as soon as it is', async () => {
    const small = ingestWith({ limits: { maxInstanceBytes: 5000, maxMetadataBytes: 1_000_000 } });
    expect(await send(ct(), {}, small)).toMatchObject({
      code: 'limit-exceeded',
      details: { limit: 'maxInstanceBytes' },
    });
    await expectNothingHalf();
  });

  test('if it is no DICOM file, and what follows is passed over', async () => {
    const receiver = ingest.receive(importing);
    for (let count = 0; count < 20; count += 1) await receiver.write(randomBytes(10_000));
    expect(await receiver.finish()).toMatchObject({ status: 'refused', code: 'not-dicom' });
    await expectNothingHalf();
  });
});

describe('the same SOP Instance UID again', () => {
  test('with the same content is a duplicate and changes nothing', async () => {
    await send(ct());
    const before = await blobKeys();
    expect(await send(ct())).toMatchObject({ status: 'duplicate' });
    expect(await blobKeys()).toEqual(before);
    await expectNothingHalf();
  });

  const damages: [string, (path: string) => Promise<void>][] = [
    ['is lost', (path) => rm(path)],
    ['was cut short', (path) => truncate(path, 300)],
    ['has rotted', async (path) => writeFile(path, (await readFile(path)).fill(0xff, 1000, 1100))],
  ];

  test.each(damages)('is stored anew if the file of the first time %s', async (_damage, damage) => {
    await send(ct());
    const [damaged = ''] = await blobKeys();
    await damage(join(root, damaged));
    expect(await send(ct())).toMatchObject({ status: 'stored' });
    const { blobKey, sha256 } = index.rows.get('2.25.3')!;
    expect(blobKey).not.toBe(damaged);
    expect(
      createHash('sha256')
        .update(await buffer(blobs.read(blobKey)))
        .digest(),
    ).toEqual(sha256);
    expect([...index.garbage]).toEqual([damaged]);
  });

  test.each(damages)('is stored anew by another sender, too, if the file of the first time %s', async (_, damage) => {
    await send(ct());
    const [damaged = ''] = await blobKeys();
    await damage(join(root, damaged));
    const elements = ctElements({}, ...pixelElements({ rows: 64, columns: 64 }));
    const again = buildPart10({ elements, meta: [element('00020016', 'AE', 'ELSEWHERE')] });
    expect(await send(again)).toMatchObject({ status: 'stored' });
    expect((await buffer(blobs.read(index.rows.get('2.25.3')!.blobKey))).equals(again)).toBe(true);
    expect([...index.garbage]).toEqual([damaged]);
  });

  /** Its repair is overtaken by what another sender does in the meantime. */
  function overtakenBy(another: () => Promise<unknown>): Ingest {
    const replace: MemoryIndex['replace'] = async (...given) => {
      await another();
      return index.replace(...given);
    };
    return ingestWith({ index: { ...index, replace } });
  }

  test.each([[], [element('00020016', 'AE', 'ELSEWHERE')]])(
    'is a duplicate if another sender has put the damaged file right meanwhile (%o), and leaves no file behind',
    async (...meta) => {
      await send(ct());
      const [damaged = ''] = await blobKeys();
      await rm(join(root, damaged));
      const elements = ctElements({}, ...pixelElements({ rows: 64, columns: 64 }));
      const again = buildPart10({ elements, meta });
      expect(
        await send(
          again,
          {},
          overtakenBy(() => send(again)),
        ),
      ).toMatchObject({ status: 'duplicate' });
      await expectNothingHalf();
      expect([...index.garbage]).toEqual([damaged]);
    },
  );

  test('does not take the place of something newer that has come while the damaged file was read', async () => {
    await send(ct());
    const [damaged = ''] = await blobKeys();
    await rm(join(root, damaged));
    const newer = ct('2.25.3', 65);
    const another = () => send(newer, {}, ingestWith({ onDifferentContent: 'replace' }));
    expect(await send(ct(), {}, overtakenBy(another))).toMatchObject({ code: 'duplicate-differs' });
    expect((await buffer(blobs.read(index.rows.get('2.25.3')!.blobKey))).equals(newer)).toBe(true);
    await expectNothingHalf();
  });

  test.each(damages)('with other content is other content also if the stored file %s', async (_, damage) => {
    await send(ct());
    const [damaged = ''] = await blobKeys();
    await damage(join(root, damaged));
    const said: string[] = [];
    const log = { ...silentLog, error: (message: string) => void said.push(message) };
    expect(await send(ct('2.25.3', 65), {}, ingestWith({ log }))).toMatchObject({ code: 'duplicate-differs' });
    expect(index.rows.get('2.25.3')!.blobKey).toBe(damaged);
    expect(said).toEqual([expect.stringMatching(/^A stored file is lost or damaged/)]);
  });

  test('with the same data set behind another File Meta Information is a duplicate', async () => {
    const elements = ctElements({}, ...pixelElements({ rows: 64, columns: 64 }));
    await send(buildPart10({ elements }));
    const again = buildPart10({ elements, meta: [element('00020016', 'AE', 'ELSEWHERE')] });
    expect(await send(again)).toMatchObject({ status: 'duplicate' });
    expect(await send(again, {}, ingestWith({ onDifferentContent: 'replace' }))).toMatchObject({ status: 'duplicate' });
    await expectNothingHalf();
  });

  test('with other content follows the policy', async () => {
    await send(ct('2.25.3', 64));
    const before = await blobKeys();
    const other = ct('2.25.3', 65);
    expect(await send(other)).toMatchObject({ status: 'refused', code: 'duplicate-differs', sopInstanceUid: '2.25.3' });
    expect(await send(other, {}, ingestWith({ onDifferentContent: 'keep' }))).toMatchObject({ status: 'kept' });
    expect(await blobKeys()).toEqual(before);
    expect(await send(other, {}, ingestWith({ onDifferentContent: 'replace' }))).toMatchObject({ status: 'replaced' });
    expect((await buffer(blobs.read(index.rows.get('2.25.3')!.blobKey))).equals(other)).toBe(true);
    expect([...index.garbage]).toEqual(before);
  });

  test('at the same time, twenty times: one is stored, the others are duplicates', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => send(ct())));
    expect(outcomes.map(({ status }) => status).sort()).toEqual([...Array<string>(19).fill('duplicate'), 'stored']);
    await expectNothingHalf();
  });
});

describe('nothing is left behind', () => {
  test('by a sender that goes away, wherever it is', async () => {
    const file = ct();
    for (const end of [0, 1, 131, 132, 400, 1000, 5000, file.length]) {
      const receiver = ingest.receive(importing);
      await receiver.write(file.subarray(0, end));
      await receiver.abort();
      await receiver.abort();
      expect(await receiver.finish()).toMatchObject({ status: 'refused', code: 'aborted' });
    }
    expect(index.rows.size).toBe(0);
    await expectNothingHalf();
  });

  test('by a file that is cut off, wherever it is', async () => {
    const file = ct('2.25.3', 8);
    for (let end = 0; end < file.length; end += end < 1000 ? 1 : 37) {
      const outcome = await send(file.subarray(0, end));
      if (outcome.status === 'refused') {
        expect(['truncated', 'not-dicom', 'attribute-missing', 'malformed']).toContain(outcome.code);
      } else {
        index.rows.clear();
        for (const key of await blobKeys()) await blobs.delete(key);
      }
    }
    await expectNothingHalf();
  });

  test.each(['write', 'commit'] as const)('by a disk that is full at %s', async (step) => {
    const full = () => Promise.reject(new CausewayError('storage-full', 'There is no space left.'));
    const create = () => ({ ...blobs.create(), [step]: full });
    const outcome = await send(ct(), {}, ingestWith({ blobs: { ...blobs, create } }));
    expect(outcome).toMatchObject({ status: 'refused', code: 'storage-full' });
    expect(index.rows.size).toBe(0);
    await expectNothingHalf();
  });

  test('by an index that says no', async () => {
    await send(ct('2.25.3', 65));
    const outcome = await send(
      ct(),
      {},
      ingestWith({
        index: {
          ...index,
          insert: async () => ({
            status: 'differs',
            existing: { blobKey: 'x', size: 1, sha256: Buffer.alloc(32), isFetched: false },
          }),
        },
      }),
    );
    expect(outcome).toMatchObject({ code: 'duplicate-differs' });
    expect(await blobKeys()).toEqual([index.rows.get('2.25.3')!.blobKey]);
  });
});

describe('an index that fails without saying whether it stored the instance', () => {
  test('costs no image: the blob stays until the janitor has asked', async () => {
    const lost = () => Promise.reject(new CausewayError('unavailable', 'The connection to Postgres broke.'));
    const outcome = await send(ct(), {}, ingestWith({ index: { ...index, insert: lost } }));
    expect(outcome).toMatchObject({ status: 'refused', code: 'unavailable' });
    const [key] = await blobKeys();
    expect(key).toBeDefined();
    expect(custody.isHeld(key!)).toBe(false);
    expect(custody.takeDoubtful(new Date(Date.now() + 1000))).toEqual([key]);
  });
});

test('success is answered only after the blob is durable and the index has committed', async () => {
  const order: string[] = [];
  const create = () => {
    const writer = blobs.create();
    return {
      ...writer,
      async commit(key: string) {
        await writer.commit(key);
        order.push('blob');
      },
    };
  };
  const insert: MemoryIndex['insert'] = async (...given) => {
    order.push('index begins');
    expect(custody.isHeld(given[0].blobKey)).toBe(true);
    const result = await index.insert(...given);
    order.push('index ends');
    return result;
  };
  await send(ct(), {}, ingestWith({ blobs: { ...blobs, create }, index: { ...index, insert } }));
  order.push('answer');
  expect(order).toEqual(['index begins', 'blob', 'index ends', 'answer']);
});

test('a blob that cannot be taken away again is left to the janitor', async () => {
  await send(ct('2.25.3', 64));
  const create = () => ({ ...blobs.create(), discard: () => Promise.reject(new Error('The store does not answer.')) });
  expect(await send(ct('2.25.3', 65), {}, ingestWith({ blobs: { ...blobs, create } }))).toMatchObject({
    code: 'duplicate-differs',
  });
  const left = (await blobKeys()).filter((key) => key !== index.rows.get('2.25.3')!.blobKey);
  expect(left).toHaveLength(1);
  expect(custody.takeDoubtful(new Date(Date.now() + 1000))).toEqual(left);
});

test.each([
  ['a large blob', 1600, true],
  ['a blob that goes over a network', 16, false],
])('%s is durable before the index begins, as its study is locked until the end', async (_, rows, commitsSoon) => {
  let committed = false;
  const create = () => {
    const writer = blobs.create();
    return {
      ...writer,
      async commit(key: string) {
        await writer.commit(key);
        committed = true;
      },
    };
  };
  const insert: MemoryIndex['insert'] = (...given) => {
    expect(committed).toBe(true);
    return index.insert(...given);
  };
  const file = buildPart10({ elements: ctElements({}, ...pixelElements({ rows, columns: 1600 })) });
  const limits = { maxInstanceBytes: 2 ** 24, maxMetadataBytes: 2 ** 20 };
  const parts = { blobs: { ...blobs, create, commitsSoon }, index: { ...index, insert }, limits };
  const outcome = await send(file, {}, ingestWith(parts));
  expect(outcome.status).toBe('stored');
});

test('a blob that cannot be made durable keeps the instance out of the index, and leaves nothing in doubt', async () => {
  const create = () => ({
    ...blobs.create(),
    commit: () => Promise.reject(new CausewayError('storage-full', 'No space.')),
  });
  const outcome = await send(ct(), {}, ingestWith({ blobs: { ...blobs, create } }));
  expect(outcome).toMatchObject({ status: 'refused', code: 'storage-full' });
  expect(index.rows.size).toBe(0);
  expect(custody.takeDoubtful(new Date(Date.now() + 1000))).toEqual([]);
});

test('a sender that is faster than the disk is held back', async () => {
  let release = () => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const create = () => ({ ...blobs.create(), write: () => blocked });
  const receiver = ingestWith({ blobs: { ...blobs, create } }).receive(importing);
  const wait = receiver.write(ct());
  let waited = false;
  void wait?.then(() => {
    waited = true;
  });
  await Promise.resolve();
  expect(waited).toBe(false);
  release();
  await wait;
  await receiver.abort();
});
