import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countFiles, importFiles } from '../../../src/cli/import-files.ts';
import { createImportTally } from '../../../src/cli/import-tally.ts';
import type { Ingest, InstanceOutcome } from '../../../src/ingest/ingest.ts';
import { zipArchive } from '../../support/zip-builder.ts';

const limits = { maxArchiveEntries: 100, maxArchiveBytes: 1_000_000, maxInstanceBytes: 100_000 };
const uids = { studyInstanceUid: '1.1', seriesInstanceUid: '1.2', sopInstanceUid: '1.3', sopClassUid: '1.4' };
const stored: InstanceOutcome = { status: 'stored', warnings: [], ...uids };

/** Something that starts like a Part 10 file; what follows tells the door below what to answer. */
function dicom(content: string): Buffer {
  return Buffer.concat([Buffer.alloc(128), Buffer.from(`DICM${content}`)]);
}

/** A door that answers as the content of each file says, and remembers what it got. */
function createDoor(answers: Readonly<Record<string, InstanceOutcome>> = {}) {
  const received: string[] = [];
  let open = 0;
  let mostOpen = 0;
  let aborted = 0;
  const ingest: Ingest = {
    receive(source) {
      expect(source.door).toBe('import');
      mostOpen = Math.max(mostOpen, ++open);
      const chunks: Uint8Array[] = [];
      return {
        write: (chunk) => {
          chunks.push(chunk);
          return undefined;
        },
        async finish() {
          await new Promise(setImmediate);
          open--;
          const content = Buffer.concat(chunks).toString('latin1', 132);
          received.push(content);
          return answers[content] ?? stored;
        },
        async abort() {
          open--;
          aborted++;
        },
      };
    },
  };
  return { ingest, received, mostOpen: () => mostOpen, aborted: () => aborted };
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-import-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

async function run(paths: readonly string[], ingest: Ingest, signal = new AbortController().signal) {
  const tally = createImportTally();
  const endedBecause = await importFiles(paths, ingest, tally, { limits, concurrency: 2, onFile() {}, signal });
  return { tally, endedBecause, summary: tally.summary().map((line) => line.replaceAll(`${dir}/`, '')) };
}

describe('importing files', () => {
  it('sends each file whole through the door, a few at a time, and counts what became of them', async () => {
    for (let i = 0; i < 10; i++) write(`${i}.dcm`, dicom(`instance ${i}`));
    write('notes.txt', 'no DICOM '.repeat(100));
    write('empty', '');
    write('more.zip', zipArchive([{ name: 'x', bytes: dicom('zipped'), deflate: true }]));
    const door = createDoor({ 'instance 3': { status: 'duplicate', warnings: [], ...uids } });
    const { tally, summary } = await run([dir], door.ingest);
    const sent = Array.from({ length: 10 }, (_, i) => `instance ${i}`);
    expect(door.received.toSorted()).toEqual([...sent, 'zipped']);
    expect(door.mostOpen()).toBe(2);
    expect(summary).toEqual(['stored: 10', 'was there already: 1', 'not DICOM: 2']);
    expect(tally.failed).toBe(false);
  });

  it('lists what was refused and why, with the names of the files', async () => {
    write('1.dcm', dicom('no study'));
    write('2.dcm', dicom('no study'));
    write('3.dcm', dicom('fine'));
    const door = createDoor({
      'no study': {
        status: 'refused',
        code: 'attribute-missing',
        message: 'The Study Instance UID (0020,000D) is missing.',
        details: { tag: '0020000D' },
      },
      fine: { status: 'stored', warnings: [{ reason: 0xb007, message: 'The Patient ID is missing.' }], ...uids },
    });
    const { tally, summary } = await run([dir], door.ingest);
    expect(summary.toSorted()).toEqual(
      [
        'stored: 1',
        'refused: 2',
        '  The Study Instance UID (0020,000D) is missing. (2 files)',
        '    1.dcm',
        '    2.dcm',
        'stored with warnings:',
        '  The Patient ID is missing. (1 file)',
        '    3.dcm',
      ].toSorted(),
    );
    expect(tally.failed).toBe(true);
  });

  it('refuses a file that was named and is not DICOM, and fails where there was nothing to import', async () => {
    const text = write('notes.txt', 'no DICOM');
    expect((await run([text], createDoor().ingest)).summary).toContain('  It is not a DICOM file. (1 file)');
    expect((await run([dir], createDoor().ingest)).tally.failed).toBe(true);
  });

  it('leaves nothing of an entry that breaks in the middle', async () => {
    const archive = zipArchive([{ name: 'x', bytes: dicom('a'.repeat(500_000)), claimedLength: 1000, deflate: true }]);
    const path = write('broken.zip', archive);
    const door = createDoor();
    const { summary } = await run([path], door.ingest);
    expect(door.received).toEqual([]);
    expect(summary[1]).toBe('refused: 1');
    expect(summary[2]).toContain('It cannot be read to its end');
  });

  it('leaves nothing of an entry that is damaged on the archive, and takes the others', async () => {
    const entries = [
      { name: 'x', bytes: dicom('flipped'), claimedCrc: 7 },
      { name: 'y', bytes: dicom('sound') },
    ];
    const door = createDoor();
    const { tally, summary } = await run([write('damaged.zip', zipArchive(entries))], door.ingest);
    expect(door.received).toEqual(['sound']);
    expect(door.aborted()).toBe(1);
    expect(summary[2]).toContain('its CRC does not fit its content');
    expect(tally.failed).toBe(true);
  });

  it('fails where an instance was not stored, as other content is there and stays', async () => {
    write('1.dcm', dicom('other'));
    write('2.dcm', dicom('fine'));
    const { tally, summary } = await run(
      [dir],
      createDoor({ other: { status: 'kept', warnings: [], ...uids } }).ingest,
    );
    expect(summary).toEqual(['stored: 1', 'not stored, as other content is there and stays: 1']);
    expect(tally.failed).toBe(true);
  });

  it('ends at once when no file would fare better', async () => {
    for (let i = 0; i < 20; i++) write(`${i}.dcm`, dicom('x'));
    const full: InstanceOutcome = { status: 'refused', code: 'storage-full', message: 'No space.', details: {} };
    const { tally, endedBecause } = await run([dir], createDoor({ x: full }).ingest);
    expect(endedBecause).toBe('No space.');
    expect(tally.files).toBeLessThan(5);
  });

  it('finishes what it began when it is interrupted, and begins nothing more', async () => {
    for (let i = 0; i < 20; i++) write(`${i}.dcm`, dicom(`${i}`));
    const door = createDoor();
    const { endedBecause } = await run([dir], door.ingest, AbortSignal.abort());
    expect(endedBecause).toBe('It was interrupted.');
    expect(door.received).toEqual([]);
  });

  it('counts the files beforehand without reading them', async () => {
    write('a', dicom('a'));
    write('b.zip', zipArchive(['1', '2', '3'].map((name) => ({ name, bytes: dicom(name) }))));
    let count = 0;
    await countFiles([dir], limits, new AbortController().signal, (files) => {
      count = files;
    });
    expect(count).toBe(4);
  });
});
