import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { compose, type House } from '../../src/compose.ts';
import { loadSettings } from '../../src/config.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { buildPart10, ctElements } from '../support/dicom-builder.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { hasSharedFiles, sharedDicomDir, sharedFiles } from '../support/shared-files.ts';
import { zipArchive } from '../support/zip-builder.ts';

let dir: string;
let database: TestDatabase;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-cli-'));
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, CAUSEWAY_DATA_DIR: join(dir, 'data') };
});
afterEach(async () => {
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function causeway(...args: readonly string[]) {
  const output: string[] = [];
  const write = (line: string) => void output.push(line);
  const exitCode = await runCommandLine(args, {
    terminal: { print: write, complain: write, interactive: false },
    env,
    workingDir: dir,
    signal: new AbortController().signal,
  });
  return { exitCode, output: output.join('\n') };
}

async function withHouse<T>(use: (house: House) => Promise<T>): Promise<T> {
  const house = await compose(loadSettings(env, dir), silentLog);
  try {
    return await use(house);
  } finally {
    await house.close({ graceMs: 0 });
  }
}

const instance = (number: number) =>
  buildPart10({ elements: ctElements({ study: '2.25.1', series: '2.25.2', instance: `2.25.3.${number}` }) });

/** A folder with two instances, an archive with a third, and a file that is not DICOM. */
function writeFolder(): string {
  const folder = join(dir, 'in');
  mkdirSync(join(folder, 'deeper'), { recursive: true });
  writeFileSync(join(folder, '1.dcm'), instance(1));
  writeFileSync(join(folder, 'deeper/2'), instance(2));
  writeFileSync(join(folder, '3.zip'), zipArchive([{ name: 'x/3', bytes: instance(3), deflate: true }]));
  writeFileSync(join(folder, 'readme.txt'), 'not DICOM');
  return folder;
}

/** Paths of the stored files. */
function blobs(): string[] {
  const root = join(dir, 'data/blobs');
  const entries = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return entries.filter((entry) => entry.endsWith('.dcm')).map((entry) => join(root, entry));
}

async function allSopInstanceUids({ retrieve }: House): Promise<string[]> {
  const uids: string[] = [];
  for await (const stored of retrieve.instances({ studyInstanceUid: '2.25.1' })) uids.push(stored.sopInstanceUid);
  return uids.toSorted();
}

describe('causeway import', () => {
  it('stores what is in a folder and its archives, byte for byte, and finds it there the next time', async () => {
    const folder = writeFolder();
    const first = await causeway('import', folder);
    expect(first).toEqual({ exitCode: 0, output: '4 files looked at\nstored: 3\nnot DICOM: 1' });
    await withHouse(async ({ retrieve }) => {
      for await (const stored of retrieve.instances({ studyInstanceUid: '2.25.1' })) {
        const number = Number(stored.sopInstanceUid.split('.').at(-1));
        expect(await buffer(retrieve.file(stored))).toEqual(instance(number));
      }
    });
    const again = await causeway('import', folder);
    expect(again).toEqual({ exitCode: 0, output: '4 files looked at\nstored: 0\nwas there already: 3\nnot DICOM: 1' });
    expect(blobs()).toHaveLength(3);
  });

  it('says what was refused and why, and stores the rest', async () => {
    const folder = writeFolder();
    const incomplete = ctElements().filter(({ tag }) => tag !== '0020000D');
    writeFileSync(join(folder, 'no-study.dcm'), buildPart10({ elements: incomplete }));
    const { exitCode, output } = await causeway('import', folder, join(dir, 'nowhere'));
    expect(exitCode).toBe(1);
    expect(output).toContain('stored: 3');
    expect(output).toContain('Study Instance UID (0020,000D)');
    expect(output).toContain('no-study.dcm');
    expect(output).toContain('There is no such file or folder.');
  });
});

describe('causeway verify', () => {
  it('is content with what is as it was stored', async () => {
    await causeway('import', writeFolder());
    const { exitCode, output } = await causeway('verify');
    expect(exitCode).toBe(0);
    expect(output).toContain('as stored: 3');
  });

  it('names the files that are damaged or gone, with their instances', async () => {
    await causeway('import', writeFolder());
    const [damaged = '', gone = ''] = blobs();
    const bytes = readFileSync(damaged);
    bytes[200]! ^= 1;
    writeFileSync(damaged, bytes);
    rmSync(gone);
    const { exitCode, output } = await causeway('verify');
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^differs \S+: .* studies\/2\.25\.1\/series\/2\.25\.2\/instances\/2\.25\.3\.\d$/m);
    expect(output).toMatch(/^missing \S+: /m);
    expect(output).toContain('as stored: 1');
  });
});

describe('causeway reindex', () => {
  const anHourAgo = new Date(Date.now() - 3_600_000);

  it('brings back every instance when the index is lost, and then finds nothing more to do', async () => {
    await causeway('import', writeFolder());
    for (const blob of blobs()) utimesSync(blob, anHourAgo, anHourAgo);
    await withHouse(({ index }) => index.clear());
    const { exitCode, output } = await causeway('reindex');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'added to the index: 3\nin the index already: 0' });
    const uids = await withHouse(allSopInstanceUids);
    expect(uids).toEqual(['2.25.3.1', '2.25.3.2', '2.25.3.3']);
    expect((await causeway('verify')).exitCode).toBe(0);
    expect((await causeway('reindex')).output).toBe('added to the index: 0\nin the index already: 3');
  });

  it('leaves out what was erased, even while its file is still there', async () => {
    await causeway('import', writeFolder());
    const erased = { studyInstanceUid: '2.25.1', seriesInstanceUid: '2.25.2', sopInstanceUid: '2.25.3.2' };
    await withHouse(({ index }) => index.erase(erased));
    expect(blobs().filter((blob) => existsSync(blob))).toHaveLength(3);
    for (const blob of blobs()) utimesSync(blob, anHourAgo, anHourAgo);
    const { exitCode, output } = await causeway('reindex');
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: 'added to the index: 0\nin the index already: 2\nerased, and left so: 1',
    });
  });

  it('tells of files that are younger than the deletion, as restored ones are, and takes them only if told so', async () => {
    await causeway('import', writeFolder());
    await withHouse(async ({ index, blobs: store }) => {
      const { blobKeys } = await index.erase({ studyInstanceUid: '2.25.1' });
      expect(blobKeys).toHaveLength(3);
      await index.blobsDeleted(blobKeys);
      for await (const { key } of store.list()) expect(blobKeys).toContain(key);
    });
    await database.pool.query(`update erased set erased_at = now() - interval '1 day'`);
    for (const blob of blobs()) utimesSync(blob, anHourAgo, anHourAgo);
    const left = await causeway('reindex');
    expect(left.exitCode).toBe(1);
    expect(left.output).toContain('stored again after it was deleted, or copied since: 3\n');
    expect(left.output).toContain('causeway reindex --stored-again');
    await expect(withHouse(allSopInstanceUids)).rejects.toMatchObject({ code: 'gone' });
    const { exitCode, output } = await causeway('reindex', '--stored-again');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'added to the index: 3\nin the index already: 0' });
  });
});

describe.skipIf(!hasSharedFiles)('the shared real files', () => {
  it('are imported: every instance in a Part 10 file with the four UIDs is stored, once', async () => {
    const real = sharedFiles().filter(
      ({ name, storable, transferSyntaxUid }) => storable && transferSyntaxUid !== '' && name.startsWith('real/'),
    );
    const instances = new Set(real.map(({ sopInstanceUid }) => sopInstanceUid));
    const { output } = await causeway('import', join(sharedDicomDir, 'real'));
    expect(output).toContain(`stored: ${instances.size}\n`);
    expect((await causeway('verify')).exitCode).toBe(0);
  });
});
