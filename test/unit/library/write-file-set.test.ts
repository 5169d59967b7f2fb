import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApplicationEntity } from '../../../src/library/application-entity.ts';
import { writeFileSet } from '../../../src/library/write-file-set.ts';
import { buildPart10, ctElements } from '../../support/dicom-builder.ts';

let folder: string;
let output: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-write-file-set-'));
  output = join(folder, 'output');
});
afterEach(() => rm(folder, { recursive: true }));

const file = (number: number) =>
  buildPart10({ elements: ctElements({ study: '2.25.1', series: '2.25.1.1', instance: `2.25.1.1.${number}` }) });

describe('writing a file-set', () => {
  it('refuses a second instance of one UID before anything is written', async () => {
    await expect(writeFileSet(output, [file(1), file(2), file(1)])).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('2.25.1.1.1'),
    });
    await expect(readdir(output)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('passes over what is no DICOM in a folder, but not what is damaged', async () => {
    const images = join(folder, 'images');
    await mkdir(images);
    await writeFile(join(images, 'README'), 'Short.');
    await writeFile(join(images, 'notes.txt'), 'Long. '.repeat(100));
    await writeFile(join(images, '1.dcm'), file(1));
    expect(await writeFileSet(output, [images])).toBe(1);
    for (const length of [134, 142, 200, 340]) {
      await writeFile(join(images, '2.dcm'), file(2).subarray(0, length));
      const written = writeFileSet(join(folder, `damaged-${length}`), [images]);
      await expect(written).rejects.toThrow(/2\.dcm: /);
    }
  });

  it('tells of what is damaged where the rest is sent', async () => {
    await writeFile(join(folder, '2.dcm'), file(2).subarray(0, 200));
    const sender = createApplicationEntity({ aeTitle: 'SENDER' });
    const results = [];
    for await (const result of sender.store('NOBODY@127.0.0.1:1', [folder])) results.push(result);
    expect(results).toMatchObject([
      { path: join(folder, '2.dcm'), outcome: 'failed', reason: expect.stringContaining('.') },
    ]);
    await sender.close();
  });
});
