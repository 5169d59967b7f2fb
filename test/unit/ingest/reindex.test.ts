import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { StoredBlob } from '../../../src/blobs/blob-store.ts';
import type { IndexedInstance, NewInstance } from '../../../src/index/instance-record.ts';
import { type ReindexOutcome, reindex } from '../../../src/ingest/reindex.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { buildPart10, ctElements, element } from '../../support/dicom-builder.ts';

const now = new Date('2026-01-01T12:00:00Z');
const longAgo = new Date('2025-01-01T12:00:00Z');

function instance(sopInstanceUid: string, patientComments = ''): Buffer {
  return buildPart10({
    elements: ctElements({ instance: sopInstanceUid }, element('00104000', 'LT', patientComments)),
  });
}

interface World {
  readonly blobs: Readonly<Record<string, Buffer>>;
  readonly modifiedAt?: Readonly<Record<string, Date>>;
  /** Keys that the index refers to from the start. */
  readonly referenced?: readonly string[];
  /** Keys that the janitor is about to delete. */
  readonly listed?: readonly string[];
  readonly erased?: Readonly<Record<string, Date>>;
  readonly unavailable?: boolean;
  readonly storedAgain?: boolean;
}

async function run(world: World) {
  const { blobs, modifiedAt = {}, referenced = [], listed = [], erased = {}, unavailable = false } = world;
  const rows = new Map<string, NewInstance>();
  const outcomes: Record<string, ReindexOutcome> = {};
  await reindex(
    {
      maxMetadataBytes: 1_000_000,
      clock: { now: () => now },
      blobs: {
        async *list(): AsyncGenerator<StoredBlob> {
          for (const [key, bytes] of Object.entries(blobs)) {
            yield { key, size: bytes.length, modifiedAt: modifiedAt[key] ?? longAgo };
          }
        },
        read(key, range) {
          const bytes = blobs[key];
          if (!bytes) throw new CausewayError('not-found', 'There is no such blob.');
          const { offset, length } = range ?? { offset: 0, length: bytes.length };
          return Readable.from([bytes.subarray(offset, offset + 100), bytes.subarray(offset + 100, offset + length)]);
        },
      },
      index: {
        referencedBlobs: async (keys) => new Set(keys.filter((key) => referenced.includes(key))),
        listedForDeletion: async (keys) => new Set(keys.filter((key) => listed.includes(key))),
        async known({ sopInstanceUid = '' }) {
          const at = erased[sopInstanceUid];
          return at === undefined ? { state: 'unknown', level: 'instance' } : { state: 'erased', at };
        },
        async insert(added) {
          if (unavailable) throw new CausewayError('unavailable', 'Postgres does not answer.');
          const existing = rows.get(added.sopInstanceUid);
          if (!existing) {
            rows.set(added.sopInstanceUid, added);
            return { status: 'inserted' };
          }
          const status = existing.sha256.equals(added.sha256) ? 'duplicate' : 'differs';
          return { status, existing: { ...existing, isFetched: false } };
        },
        async instance({ sopInstanceUid }): Promise<IndexedInstance | undefined> {
          const row = rows.get(sopInstanceUid);
          return row && { ...row, frames: 1 };
        },
        async *instances() {},
        replace: async () => false,
        metadataOf: async ({ sopInstanceUid }) => rows.get(sopInstanceUid)?.metadata,
        putOriginal: async () => false,
        claim: async (targets) => targets.map(() => true),
      },
    },
    {
      concurrency: 1,
      storedAgain: world.storedAgain ?? false,
      signal: new AbortController().signal,
      onBlob: (key, outcome) => {
        outcomes[key] = outcome;
      },
    },
  );
  return { outcomes, rows };
}

describe('reindexing', () => {
  it('gives the index all that it knew of each blob', async () => {
    const bytes = instance('1.2.3.1');
    const { outcomes, rows } = await run({ blobs: { 'aa/a.dcm': bytes, 'aa/b.dcm': instance('1.2.3.2') } });
    expect(outcomes).toEqual({ 'aa/a.dcm': { status: 'indexed' }, 'aa/b.dcm': { status: 'indexed' } });
    const row = rows.get('1.2.3.1');
    expect(row).toMatchObject({
      blobKey: 'aa/a.dcm',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest(),
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      source: { door: 'reindex' },
    });
    expect(row?.attributes['00080018']?.Value).toEqual(['1.2.3.1']);
  });

  it('does not read what the index refers to, or what may be on its way into it', async () => {
    const { outcomes, rows } = await run({
      blobs: { known: Buffer.from('never read'), young: instance('1.2.3.1') },
      referenced: ['known'],
      modifiedAt: { young: new Date(now.getTime() - 1000) },
    });
    expect(outcomes).toEqual({ known: { status: 'known' }, young: { status: 'young' } });
    expect(rows.size).toBe(0);
  });

  it('does not bring back what was erased, nor what is about to be deleted', async () => {
    const { outcomes, rows } = await run({
      blobs: { a: instance('1.2.3.1'), b: instance('1.2.3.2') },
      erased: { '1.2.3.1': now },
      listed: ['b'],
    });
    expect(outcomes).toEqual({ a: { status: 'erased' }, b: { status: 'erased' } });
    expect(rows.size).toBe(0);
  });

  it('brings back what is younger than its erasure, as copies of the erased are, too, only if it is told to', async () => {
    const erasedAt = new Date(longAgo.getTime() - 1000);
    const world = { blobs: { a: instance('1.2.3.1') }, erased: { '1.2.3.1': erasedAt } };
    const left = await run(world);
    expect(left.outcomes).toEqual({ a: { status: 'stored-again' } });
    expect(left.rows.size).toBe(0);
    const { outcomes } = await run({ ...world, storedAgain: true });
    expect(outcomes).toEqual({ a: { status: 'indexed' } });
  });

  it('tells a second blob of the same instance, by whether its content is the same', async () => {
    const { outcomes, rows } = await run({
      blobs: { a: instance('1.2.3.1'), same: instance('1.2.3.1'), other: instance('1.2.3.1', 'changed') },
    });
    expect(outcomes['same']).toEqual({ status: 'duplicate' });
    expect(outcomes['other']).toMatchObject({ status: 'refused' });
    expect(rows.get('1.2.3.1')?.blobKey).toBe('a');
  });

  it('goes on behind blobs that are no instance, and says why they are none', async () => {
    const { outcomes } = await run({ blobs: { bad: Buffer.from('nothing'.repeat(100)), good: instance('1.2.3.1') } });
    expect(outcomes['bad']).toMatchObject({ status: 'refused', message: expect.stringMatching(/\.$/) });
    expect(outcomes['good']).toEqual({ status: 'indexed' });
  });

  it('ends when the index does not answer', async () => {
    const world = { blobs: { a: instance('1.2.3.1'), b: instance('1.2.3.2') }, unavailable: true };
    await expect(run(world)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
