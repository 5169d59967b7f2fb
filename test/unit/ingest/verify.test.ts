import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { IndexedBlob } from '../../../src/index/instance-index.ts';
import { type Finding, verify } from '../../../src/ingest/verify.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

const now = new Date('2026-01-01T12:00:00Z');
const longAgo = new Date('2025-01-01T12:00:00Z');

function row(blobKey: string, content: string): IndexedBlob {
  const uids = { studyInstanceUid: '1.1', seriesInstanceUid: '1.2', sopInstanceUid: `1.3.${blobKey}` };
  return { ...uids, blobKey, size: content.length, sha256: createHash('sha256').update(content).digest() };
}

async function findings(world: {
  readonly rows: readonly IndexedBlob[];
  readonly blobs: Readonly<Record<string, string | Error>>;
  readonly modifiedAt?: Readonly<Record<string, Date>>;
  /** Keys of rows that go while the blobs are read. */
  readonly erasedMeanwhile?: readonly string[];
}) {
  const { rows, blobs, modifiedAt = {}, erasedMeanwhile = [] } = world;
  const found: Finding[] = [];
  let bytes = 0;
  await verify(
    {
      clock: { now: () => now },
      blobs: {
        async *list() {
          for (const key of Object.keys(blobs)) yield { key, size: 0, modifiedAt: modifiedAt[key] ?? longAgo };
        },
        read(key) {
          const content = blobs[key];
          if (content === undefined) throw new CausewayError('not-found', 'There is no such blob.');
          return content instanceof Error
            ? Readable.from(
                (async function* () {
                  yield Buffer.from('some');
                  throw content;
                })(),
              )
            : Readable.from([Buffer.from(content)]);
        },
      },
      index: {
        async *allBlobs() {
          yield* rows;
        },
        referencedBlobs: async (keys) =>
          new Set(keys.filter((key) => rows.some(({ blobKey }) => blobKey === key) && !erasedMeanwhile.includes(key))),
      },
    },
    {
      concurrency: 2,
      signal: new AbortController().signal,
      onBlob: (size) => {
        bytes += size;
      },
      onFinding: (finding) => void found.push(finding),
    },
  );
  const described = found.map((one) => [one.kind, 'instance' in one ? one.instance.blobKey : one.blobKey]);
  return { found: described.toSorted(), bytes };
}

describe('verifying', () => {
  it('finds nothing where every blob is what was stored', async () => {
    const rows = [row('a', 'content'), row('b', 'more')];
    expect(await findings({ rows, blobs: { a: 'content', b: 'more' } })).toEqual({ found: [], bytes: 11 });
  });

  it('finds a bit that flipped, bytes that went or came, a blob that is gone, and one that cannot be read', async () => {
    const { found } = await findings({
      rows: ['flipped', 'short', 'long', 'gone', 'broken'].map((key) => row(key, 'content')),
      blobs: { flipped: 'contenu', short: 'conten', long: 'contents', broken: new Error('EIO') },
    });
    expect(found).toEqual([
      ['differs', 'flipped'],
      ['differs', 'long'],
      ['differs', 'short'],
      ['missing', 'gone'],
      ['unreadable', 'broken'],
    ]);
  });

  it('finds blobs that the index does not know, but for those that are being stored', async () => {
    const { found } = await findings({
      rows: [row('a', 'content')],
      blobs: { a: 'content', orphan: 'x', young: 'y' },
      modifiedAt: { young: now },
    });
    expect(found).toEqual([['orphan', 'orphan']]);
  });

  it('finds the original of a correction that is damaged, though the instance has another file', async () => {
    const [original, corrected] = [row('original', 'content'), row('corrected', 'other')];
    const rows = [{ ...original, sopInstanceUid: corrected.sopInstanceUid }, corrected];
    const { found } = await findings({ rows: rows.toReversed(), blobs: { original: 'contenu', corrected: 'other' } });
    expect(found).toEqual([['differs', 'original']]);
  });

  it('does not report what was erased while it looked', async () => {
    const world = { rows: [row('a', 'content')], blobs: {}, erasedMeanwhile: ['a'] };
    expect((await findings(world)).found).toEqual([]);
  });
});
