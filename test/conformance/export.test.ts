import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { buildPart10, ctElements, element, pixelElements } from '../support/dicom-builder.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';

const debianPython = '/usr/bin/python3';
const hasPydicom = spawnSync(debianPython, ['-c', 'import pydicom']).status === 0;
const study = '1.2.826.0.1.3680043.10.999.6';
const studyKey = ['-k', `StudyInstanceUID=${study}`];

function file(series: number, instance: number): Buffer {
  return buildPart10({
    elements: ctElements(
      { study, series: `${study}.${series}`, instance: `${study}.${series}.${instance}` },
      element('00080005', 'CS', 'ISO_IR 192'),
      element('00080020', 'DA', '20240229'),
      element('00080030', 'TM', '101112'),
      element('00200010', 'SH', 'S1'),
      element('00200011', 'IS', String(series)),
      element('00200013', 'IS', String(instance)),
      ...pixelElements({ rows: 16, columns: 16, pixelData: Buffer.alloc(512, instance) }),
    ),
  });
}
const sent = [1, 2].flatMap((series) => [1, 2, 3].map((instance) => file(series, instance)));
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function hashesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('DICOMDIR'))
    .map((path) => hash(readFileSync(path)))
    .sort();
}
const sentHashes = sent.map(hash).sort();

describe.runIf(hasProgram('dcmmkdir') && hasProgram('dcmdump'))('causeway export', () => {
  let folder: string;
  const databases: TestDatabase[] = [];
  const archive = async (name: string): Promise<NodeJS.ProcessEnv> => {
    const database = await createTestDatabase();
    databases.push(database);
    return { DATABASE_URL: database.url, CAUSEWAY_DATA_DIR: join(folder, name) };
  };
  let ours: NodeJS.ProcessEnv;

  async function causeway(env: NodeJS.ProcessEnv, ...args: readonly string[]) {
    const printed: string[] = [];
    const complained: string[] = [];
    const exitCode = await runCommandLine(args, {
      terminal: { print: (line) => printed.push(line), complain: (line) => complained.push(line), interactive: false },
      env,
      workingDir: folder,
      signal: new AbortController().signal,
    });
    return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-export-'));
    ours = await archive('ours');
    mkdirSync(join(folder, 'in'));
    for (const [at, bytes] of sent.entries()) writeFileSync(join(folder, 'in', `${at}.dcm`), bytes);
    expect((await causeway(ours, 'import', join(folder, 'in'))).exitCode).toBe(0);
    const exported = await causeway(ours, 'export', '--dicomdir', ...studyKey, '-o', 'cd');
    expect(exported).toEqual({ exitCode: 0, printed: '6 instances exported, 0 failed', complained: '' });
  });
  afterAll(async () => {
    for (const database of databases) await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('writes a file-set whose files are byte for byte what was stored', () => {
    expect(readdirSync(join(folder, 'cd')).sort()).toEqual(['DICOM', 'DICOMDIR']);
    expect(hashesBelow(join(folder, 'cd'))).toEqual(sentHashes);
  });

  it('and whose DICOMDIR dcmdump reads, dcmmkdir appends to, and pydicom follows', async () => {
    const copy = join(folder, 'copy');
    await runProgram('cp', ['-r', join(folder, 'cd'), copy]);
    const dumped = await runProgram('dcmdump', [join(copy, 'DICOMDIR')]);
    expect(dumped.code).toBe(0);
    expect(dumped.output).not.toMatch(/^[EW]:/m);
    if (hasPydicom) {
      const script = join(import.meta.dirname, 'pydicom-file-set.py');
      const { code, output } = await runProgram(debianPython, [script, join(copy, 'DICOMDIR')]);
      expect(code, output).toBe(0);
      expect(Object.keys(JSON.parse(output) as object)).toHaveLength(sent.length);
    }
    writeFileSync(join(copy, 'NEW'), file(3, 1));
    const appended = await runProgram('dcmmkdir', ['-Pgp', '+A', 'NEW'], { cwd: copy });
    expect(appended.code, appended.output).toBe(0);
  });

  it('is read back by import, from its DICOMDIR, as the same bytes', async () => {
    const theirs = await archive('theirs');
    const imported = await causeway(theirs, 'import', join(folder, 'cd', 'DICOMDIR'));
    expect(imported.exitCode, imported.complained).toBe(0);
    expect(imported.printed).toContain('stored: 6');
    expect((await causeway(theirs, 'export', ...studyKey, '-o', 'back')).exitCode).toBe(0);
    expect(hashesBelow(join(folder, 'back'))).toEqual(sentHashes);
  });

  it('a file-set of another program is read by import, from the DICOMDIR that dcmmkdir wrote', async () => {
    const medium = join(folder, 'medium');
    mkdirSync(medium);
    for (const [at, bytes] of sent.entries()) writeFileSync(join(medium, `IM${at}`), bytes);
    const made = await runProgram('dcmmkdir', ['-Pgp', ...sent.map((_, at) => `IM${at}`)], { cwd: medium });
    expect(made.code, made.output).toBe(0);
    // What the directory does not name is no part of the file-set.
    writeFileSync(join(medium, 'BESIDE'), file(4, 1));
    const fromMedium = await archive('from-medium');
    const imported = await causeway(fromMedium, 'import', join(medium, 'DICOMDIR'));
    expect(imported.exitCode, imported.complained).toBe(0);
    expect((await causeway(fromMedium, 'export', ...studyKey, '-o', 'from-medium-back')).exitCode).toBe(0);
    expect(hashesBelow(join(folder, 'from-medium-back'))).toEqual(sentHashes);
  });

  it.runIf(hasSharedFiles)('real files of every kind are in a DICOMDIR that dcmdump and pydicom read', async () => {
    const everything = await archive('everything');
    const real = sharedFiles().filter(({ name, storable }) => storable && /^(real|synth)\//.test(name));
    const paths = real.map(({ path }) => path);
    await causeway(everything, 'import', ...paths);
    const { printed, complained } = await causeway(
      everything,
      'export',
      '--dicomdir',
      '-k',
      'StudyInstanceUID=*',
      '-o',
      'all',
    );
    expect(complained).toBe('');
    const exported = Number(/^(\d+) instances exported, 0 failed/.exec(printed)?.[1]);
    expect(exported).toBeGreaterThan(100);
    const directory = join(folder, 'all', 'DICOMDIR');
    const dumped = await runProgram('dcmdump', ['+P', '0004,1430', directory]);
    expect(dumped.output).not.toMatch(/^[EW]:/m);
    const counts = new Map<string, number>();
    for (const [, type] of dumped.output.matchAll(/CS \[([A-Z ]+?) ?\]/g)) {
      counts.set(type!, (counts.get(type!) ?? 0) + 1);
    }
    const above = ['PATIENT', 'STUDY', 'SERIES'];
    const below = [...counts].filter(([type]) => !above.includes(type));
    expect(below.reduce((sum, [, count]) => sum + count, 0)).toBe(exported);
    const kinds = ['IMAGE', 'SR DOCUMENT', 'PRESENTATION', 'RT DOSE', 'RT PLAN', 'RT STRUCTURE SET', 'ENCAP DOC'];
    expect(below.map(([type]) => type)).toEqual(expect.arrayContaining(kinds));
    if (!hasPydicom) return;
    const script = join(import.meta.dirname, 'pydicom-file-set.py');
    const { code, output } = await runProgram(debianPython, [script, directory]);
    expect(code, output).toBe(0);
    const found = JSON.parse(output) as Record<string, { file: string }>;
    // Two of the files, of unlike studies, have the same SOP Instance UID.
    expect(Object.keys(found)).toHaveLength(exported - 1);
    for (const [uid, one] of Object.entries(found)) expect(one.file).toBe(uid);
  });

  it('does not touch a folder that has a DICOMDIR', async () => {
    const before = hashesBelow(join(folder, 'cd'));
    const again = await causeway(ours, 'export', '--dicomdir', ...studyKey, '-o', 'cd');
    expect(again).toMatchObject({ exitCode: 1, complained: expect.stringContaining('has a DICOMDIR already') });
    expect(hashesBelow(join(folder, 'cd'))).toEqual(before);
  });

  it('goes on where it was interrupted, and never replaces another file', async () => {
    const series = ['-k', `SeriesInstanceUID=${study}.1`];
    const first = await causeway(ours, 'export', ...studyKey, ...series, '-o', 'plain', '--json');
    expect(JSON.parse(first.printed)).toMatchObject({ exported: 3, failed: 0 });
    const other = join(folder, 'plain', `${study}.2`, `${study}.2.1.dcm`);
    mkdirSync(join(folder, 'plain', `${study}.2`));
    writeFileSync(other, 'mine');
    const second = await causeway(ours, 'export', ...studyKey, '-o', 'plain');
    expect(second).toMatchObject({ exitCode: 1, printed: '5 instances exported, 1 failed' });
    expect(second.complained).toBe(`${study}.2/${study}.2.1.dcm: There is another file of this name already.`);
    expect(readFileSync(other, 'utf8')).toBe('mine');
    expect(readdirSync(join(folder, 'plain'), { recursive: true }).some((name) => String(name).endsWith('.part'))).toBe(
      false,
    );
  });

  it('exports what a search finds, and nothing else', async () => {
    const by = (...keys: string[]) =>
      causeway(ours, 'export', ...keys.flatMap((key) => ['-k', key]), '-o', keys.join());
    expect(await by('StudyDate=20240101-', 'ModalitiesInStudy=CT')).toMatchObject({ exitCode: 0 });
    expect(hashesBelow(join(folder, 'StudyDate=20240101-,ModalitiesInStudy=CT'))).toEqual(sentHashes);
    expect((await by('SeriesNumber=2')).printed).toBe('3 instances exported, 0 failed');
    expect((await by(`PatientID=${'ID1'}`, 'InstanceNumber=1')).printed).toBe('2 instances exported, 0 failed');
    expect(await by('StudyDate=-20231231')).toMatchObject({
      exitCode: 1,
      complained: 'No study that is stored matches.',
    });
    expect(await by('StudyDate=soon')).toMatchObject({ exitCode: 2, complained: expect.stringContaining('StudyDate') });
    expect(await by('WindowCenter=1')).toMatchObject({
      exitCode: 2,
      complained: expect.stringContaining('WindowCenter'),
    });
    expect(await by('StudyDate')).toMatchObject({ exitCode: 2 });
  });

  it('says what is not there, and what was not said', async () => {
    const unknown = await causeway(ours, 'export', '-k', 'StudyInstanceUID=1.2.3', '-o', 'none');
    expect(unknown).toMatchObject({ exitCode: 1, complained: expect.stringMatching(/study/i) });
    expect((await causeway(ours, 'export', ...studyKey)).exitCode).toBe(2);
    expect((await causeway(ours, 'export', '-o', 'none')).exitCode).toBe(2);
  });
});
