import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { type ZipEntry, zipArchive } from '../../../src/kernel/zip-writer.ts';

/** An archive as it was made, in pieces of which many may be the same bytes: gigabytes of it take no memory. */
class Pieces extends RandomAccessReader {
  readonly pieces: { at: number; bytes: Uint8Array }[] = [];
  size = 0;

  add(bytes: Uint8Array): void {
    this.pieces.push({ at: this.size, bytes });
    this.size += bytes.length;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const { pieces } = this;
    const parts = function* () {
      for (const { at, bytes } of pieces) {
        const part = bytes.subarray(Math.max(0, start - at), Math.max(0, end - at));
        if (part.length > 0) yield part;
      }
    };
    return Readable.from(parts(), { objectMode: false });
  }
}

async function entriesOf(...entries: readonly ZipEntry[]): Promise<Pieces> {
  return archiveOf(entries);
}

async function archiveOf(entries: Iterable<ZipEntry>): Promise<Pieces> {
  const archive = new Pieces();
  for await (const chunk of zipArchive(Readable.from(entries))) archive.add(chunk);
  return archive;
}

function opened(archive: Pieces): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromRandomAccessReader(archive, archive.size, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(error);
      else resolve(zip);
    });
  });
}

function entry(name: string, ...chunks: readonly string[]): ZipEntry {
  const content = chunks.map((chunk) => Buffer.from(chunk));
  return { name, size: Buffer.concat(content).length, content: () => content };
}

describe('a ZIP archive', () => {
  it('gives back what was put into it', async () => {
    const zip = await opened(await entriesOf(entry('A', 'one'), entry('B/C', ''), entry('B/D', 'two', ' ', 'three')));
    const found: [string, string][] = [];
    for await (const one of zip.eachEntry()) {
      found.push([one.fileName, (await buffer(await zip.openReadStreamPromise(one))).toString()]);
    }
    expect(found).toEqual([
      ['A', 'one'],
      ['B/C', ''],
      ['B/D', 'two three'],
    ]);
  });

  it('is an archive without entries, too', async () => {
    expect((await opened(await entriesOf())).entryCount).toBe(0);
  });

  it('says so where an entry has another size than was said', async () => {
    const lying = { name: 'A', size: 4, content: () => [Buffer.from('abc')] };
    await expect(entriesOf(lying)).rejects.toThrow(CausewayError);
  });

  it('tells the number of more than 65,535 entries', async () => {
    const count = 65_600;
    const many = function* () {
      for (let number = 0; number < count; number += 1) yield entry(String(number), '');
    };
    expect((await opened(await archiveOf(many()))).entryCount).toBe(count);
  });

  it('tells sizes and offsets of more than 4 GiB', async () => {
    const chunk = Buffer.alloc(2 ** 26, 7);
    const chunks = 65;
    const large: ZipEntry = {
      name: 'LARGE',
      size: chunks * chunk.length,
      content: () => Array.from({ length: chunks }, () => chunk),
    };
    const zip = await opened(await entriesOf(large, entry('SMALL', 'behind it')));
    const sizes: number[] = [];
    for await (const one of zip.eachEntry()) {
      sizes.push(one.uncompressedSize);
      if (one.fileName === 'SMALL') {
        expect(one.relativeOffsetOfLocalHeader).toBeGreaterThan(2 ** 32);
        expect((await buffer(await zip.openReadStreamPromise(one))).toString()).toBe('behind it');
      }
    }
    expect(sizes).toEqual([large.size, 9]);
  }, 60_000);
});
