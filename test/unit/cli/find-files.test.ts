import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitFiles } from '../../../src/cli/find-files.ts';
import type { ArchiveLimits } from '../../../src/cli/found-file.ts';
import { hasSharedFiles, sharedDicomDir } from '../../support/shared-files.ts';
import { type ZipEntry, zipArchive } from '../../support/zip-builder.ts';

const generous: ArchiveLimits = { maxArchiveEntries: 100, maxArchiveBytes: 1_000_000, maxInstanceBytes: 100_000 };

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array = name): string {
  const path = join(dir, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Names relative to the test's folder; the content of each file, or why it could not be had. */
async function found(paths: readonly string[], limits = generous) {
  const files: Record<string, string> = {};
  const problems: Record<string, string> = {};
  const named: string[] = [];
  const short = (name: string) => name.replace(`${dir}/`, '');
  const opened: Promise<void>[] = [];
  await visitFiles(
    paths,
    {
      async file(file) {
        if (file.named) named.push(short(file.name));
        const open = async () => {
          files[short(file.name)] = (await buffer(await file.open())).toString('latin1');
        };
        opened.push(
          open().catch((thrown: unknown) => {
            problems[short(file.name)] = String(thrown);
          }),
        );
      },
      problem: (name, reason) => {
        problems[short(name)] = reason;
      },
      settled: async () => void (await Promise.all(opened)),
      stopped: () => false,
    },
    limits,
  );
  return { files, problems, named };
}

describe('files and folders', () => {
  it('are found at any depth, and only those that were named are marked so', async () => {
    write('a/1');
    write('a/b/2.dcm');
    const single = write('c.dcm');
    expect(await found([join(dir, 'a'), single])).toEqual({
      files: { 'a/1': 'a/1', 'a/b/2.dcm': 'a/b/2.dcm', 'c.dcm': 'c.dcm' },
      problems: {},
      named: ['c.dcm'],
    });
  });

  it('that are not there are a problem, and the others are found all the same', async () => {
    const there = write('there');
    const { files, problems } = await found([join(dir, 'nowhere'), there]);
    expect(files).toEqual({ there: 'there' });
    expect(problems).toEqual({ nowhere: 'There is no such file or folder.' });
  });

  it('links to files are followed, links to folders told, broken links too', async () => {
    write('target/1');
    mkdirSync(join(dir, 'links'));
    symlinkSync(join(dir, 'target/1'), join(dir, 'links/file'));
    symlinkSync(join(dir, 'links'), join(dir, 'links/loop'));
    symlinkSync(join(dir, 'gone'), join(dir, 'links/broken'));
    const { files, problems } = await found([join(dir, 'links')]);
    expect(files).toEqual({ 'links/file': 'target/1' });
    expect(problems).toEqual({
      'links/loop': 'Links to folders are not followed; name the folder itself.',
      'links/broken': 'There is no such file or folder.',
    });
  });
});

describe('ZIP archives', () => {
  const zip = (entries: readonly ZipEntry[], name = 'a.zip') => write(name, zipArchive(entries));
  const bytes = (text: string) => Buffer.from(text);

  it('give their files, stored or deflated, in folders, whatever they are called', async () => {
    const path = zip([
      { name: 'folder/', bytes: bytes('') },
      { name: 'folder/one', bytes: bytes('one') },
      { name: 'two.dcm', bytes: bytes('two'.repeat(100)), deflate: true },
      { name: 'DICOMDIR', bytes: bytes('directory') },
    ]);
    const { files, problems, named } = await found([path]);
    expect(files).toEqual({ 'a.zip: folder/one': 'one', 'a.zip: two.dcm': 'two'.repeat(100) });
    expect(problems).toEqual({});
    expect(named).toEqual([]);
  });

  it('are known by their first bytes when they are named, and by their name in folders', async () => {
    const path = zip([{ name: 'x', bytes: bytes('x') }], 'export.dat');
    expect((await found([path])).files).toEqual({ 'export.dat: x': 'x' });
    expect(Object.keys((await found([dir])).files)).toEqual(['export.dat']);
  });

  it('with names that would leave a folder are read, as nothing is written under them', async () => {
    const path = zip([
      { name: '../../etc/passwd', bytes: bytes('1') },
      { name: '/absolute', bytes: bytes('2') },
      { name: 'C:\\drive', bytes: bytes('3') },
      { name: 'red\x1b[31m', bytes: bytes('4') },
    ]);
    const { files, problems } = await found([path]);
    expect(Object.values(files)).toEqual(['1', '2', '3', '4']);
    expect(Object.keys(files).join()).not.toContain('\x1b');
    expect(problems).toEqual({});
  });

  it('entries over the size of an instance, encrypted ones and archives in them are told', async () => {
    const path = zip([
      { name: 'bomb', bytes: Buffer.alloc(100_001), deflate: true },
      { name: 'secret', bytes: bytes('s'), encrypted: true },
      { name: 'inner.zip', bytes: bytes('z') },
      { name: 'fine', bytes: bytes('f') },
    ]);
    const { files, problems } = await found([path]);
    expect(files).toEqual({ 'a.zip: fine': 'f' });
    expect(problems).toEqual({
      'a.zip: bomb': 'The entry unpacks to more than 100000 bytes (maxInstanceBytes).',
      'a.zip: secret': 'The entry is encrypted.',
      'a.zip: inner.zip': 'An archive within an archive is not opened.',
    });
  });

  it('an entry that is longer than it says fails instead of being read on', async () => {
    const path = zip([{ name: 'liar', bytes: Buffer.alloc(5000), deflate: true, claimedLength: 10 }]);
    const { files, problems } = await found([path]);
    expect(files).toEqual({});
    expect(problems['a.zip: liar']).toContain('too many bytes');
  });

  it('end at the limits of entries and of bytes', async () => {
    const path = zip(['a', 'b', 'c'].map((name) => ({ name, bytes: bytes('12345') })));
    expect(await found([path], { ...generous, maxArchiveEntries: 2 })).toMatchObject({
      files: { 'a.zip: a': '12345', 'a.zip: b': '12345' },
      problems: { 'a.zip: c': 'The archive has more than 2 entries (maxArchiveEntries).' },
    });
    expect(await found([path], { ...generous, maxArchiveBytes: 10 })).toMatchObject({
      files: { 'a.zip: a': '12345', 'a.zip: b': '12345' },
      problems: { 'a.zip: c': 'The archive unpacks to more than 10 bytes (maxArchiveBytes).' },
    });
  });

  it('that are broken are a problem and no more', async () => {
    const whole = zipArchive([{ name: 'a', bytes: bytes('12345') }]);
    for (const broken of [whole.subarray(0, 40), whole.subarray(0, whole.length - 1), Buffer.from('PK\x03\x04')]) {
      const { files, problems } = await found([write('broken.zip', broken)]);
      expect(files).toEqual({});
      expect(problems['broken.zip']).toContain('The archive cannot be read');
    }
  });
});

describe('any bytes that pretend to be an archive', () => {
  it('give files and problems, and nothing else', async () => {
    const whole = zipArchive([
      { name: 'a', bytes: Buffer.from('12345'.repeat(50)), deflate: true },
      { name: 'b', bytes: Buffer.from('54321') },
    ]);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(20), async (bytes, cut) => {
        const damaged = Buffer.from(whole.subarray(0, whole.length - cut));
        for (const [at, value] of bytes) if (at < damaged.length) damaged[at] = value;
        const { files, problems } = await found([write('damaged.zip', damaged)]);
        for (const content of Object.values(files)) expect(content.length).toBeLessThanOrEqual(100_000);
        for (const reason of Object.values(problems)) expect(reason).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });
});

describe.skipIf(!hasSharedFiles)('a DICOMDIR', () => {
  const media = join(sharedDicomDir, 'real/pydicom+pydicom/test_files/dicomdirtests');

  it('gives the files that it refers to, also where their names became lower case', async () => {
    cpSync(media, dir, { recursive: true });
    const [folder = ''] = readdirSync(join(dir, '77654033'));
    renameSync(join(dir, '77654033', folder), join(dir, '77654033', folder.toLowerCase()));
    const { files, problems, named } = await found([join(dir, 'DICOMDIR')]);
    const there = Object.keys(files).length;
    expect(there).toBeGreaterThan(20);
    expect(named).toHaveLength(there);
    expect(Object.values(problems).every((why) => why.includes('is not there'))).toBe(true);
  });

  it('is passed over in a folder, where its files lie too', async () => {
    cpSync(media, dir, { recursive: true });
    const { files } = await found([dir]);
    expect(Object.keys(files)).not.toContain('DICOMDIR');
    expect(Object.keys(files).length).toBeGreaterThan(20);
  });

  it('that is none is a problem', async () => {
    const path = write('DICOMDIR', 'no DICOM at all');
    expect((await found([path])).problems['DICOMDIR']).toContain('The DICOMDIR cannot be read');
  });
});
