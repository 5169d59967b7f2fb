import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { deidentifiedFile, replaceUid, scanned } from '../support/deidentify-file.ts';
import { actionOn, isIn, leaves, secretsOf, withoutPixels } from '../support/leaks.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';

interface Result {
  readonly name: string;
  /** Of the de-identified file. */
  readonly path: string;
  readonly originalPath: string;
  readonly file: Buffer;
  readonly original: ScannedInstance;
  readonly bytes: Buffer;
  readonly result: ScannedInstance;
}

const requirePeers = process.env['CAUSEWAY_REQUIRE_PEERS'] === '1';
const hasDcmdump = requirePeers || hasProgram('dcmdump');
const python = '/usr/bin/python3';
const hasPydicom = requirePeers || spawnSync(python, ['-c', 'import pydicom']).status === 0;

const filesADump = 10;

let directory: string;
const results: Result[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-deidentified-'));
  for (const { name, path, storable } of sharedFiles()) {
    if (!storable) continue;
    const file = readFileSync(path);
    if (!(await isReadable(file))) continue;
    const { original, bytes } = await deidentifiedFile(file);
    const written = join(directory, `${results.length}.dcm`);
    writeFileSync(written, bytes);
    results.push({ name, path: written, originalPath: path, file, original, bytes, result: await scanned(bytes) });
  }
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Of the files that are broken on purpose, some are not: they are never stored. */
async function isReadable(file: Buffer): Promise<boolean> {
  try {
    await scanned(file);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasSharedFiles)('every real file, de-identified', () => {
  test('is readable, without a warning that the original has not, in the same transfer syntax', () => {
    expect(results.length).toBeGreaterThan(100);
    for (const { name, original, result } of results) {
      expect([name, result.warnings.length <= original.warnings.length]).toEqual([name, true]);
      const expected = original.deflated ? '1.2.840.10008.1.2.1' : original.transferSyntaxUid;
      expect([name, result.transferSyntaxUid]).toEqual([name, expected]);
      expect([name, result.fileMeta['00020003']?.Value]).toEqual([name, result.attributes['00080018']?.Value]);
    }
  });

  test('has no attribute that is to be removed', () => {
    for (const { name, result } of results) {
      const left = [...leaves(result.attributes)].filter(([tag, element]) => actionOn(tag, element) === 'X');
      expect([name, left]).toEqual([name, []]);
    }
  });

  test('has nowhere but in its pixels a value that was to go', () => {
    let searched = 0;
    for (const { name, original, bytes, result } of results) {
      const text = withoutPixels(bytes, result);
      const secrets = secretsOf(original);
      searched += secrets.size;
      const leaks = [...secrets].filter((secret) => isIn(text, secret));
      expect([name, leaks]).toEqual([name, []]);
    }
    expect(searched).toBeGreaterThan(1000);
  });

  test('has its pixels byte for byte', () => {
    let compared = 0;
    for (const { name, file, original, bytes, result } of results) {
      const [before, after] = [original, result].map(({ bulk }) => bulk.find(({ path }) => path === '7FE00010'));
      if (!before || original.deflated) continue;
      const equal = file
        .subarray(before.offset, before.offset + before.length)
        .equals(bytes.subarray(after!.offset, after!.offset + after!.length));
      expect([name, equal]).toEqual([name, true]);
      compared++;
    }
    expect(compared).toBeGreaterThan(50);
  });

  test('names study, series and instance by the pseudonyms that all files give them', () => {
    for (const { name, original, result } of results) {
      for (const tag of ['00080018', '0020000D', '0020000E', '00200052']) {
        const uid = original.attributes[tag]?.Value?.[0];
        if (typeof uid !== 'string' || uid.startsWith('1.2.840.10008.')) continue;
        expect([name, result.attributes[tag]?.Value]).toEqual([name, [replaceUid(uid)]]);
      }
    }
  });

  test.skipIf(!hasDcmdump)(
    'is read by dcmdump to its end, if the original is',
    async () => {
      const isRead = async (...paths: string[]) => (await runProgram('dcmdump', ['-q', '-M', ...paths])).code === 0;
      const stored = join(directory, 'original.dcm');
      let read = 0;
      for (let at = 0; at < results.length; at += filesADump) {
        const some = results.slice(at, at + filesADump);
        const all = await isRead(...some.map(({ path }) => path));
        for (const { name, path, file } of some) {
          if (!all && !(await isRead(path))) {
            writeFileSync(stored, file);
            expect([name, await isRead(stored)]).toEqual([name, false]);
          } else {
            read += 1;
          }
        }
      }
      expect(read).toBeGreaterThan(0.9 * results.length);
    },
    60_000,
  );

  test.skipIf(!hasPydicom)(
    'is read by pydicom, which finds nothing of what identified it by its own list',
    () => {
      const script = join(import.meta.dirname, 'pydicom-deidentified.py');
      const input = results.map(({ path, originalPath }) => `${path}\t${originalPath}`).join('\n');
      const { stdout } = spawnSync(python, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
      const told = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as [searched: number, wrongs: string[]]);
      expect(told.length).toBe(results.length);
      expect(results.flatMap(({ name }, at) => told[at]![1].map((wrong) => `${name}: ${wrong}`))).toEqual([]);
      expect(told.reduce((sum, [searched]) => sum + searched, 0)).toBeGreaterThan(1000);
    },
    60_000,
  );
});
