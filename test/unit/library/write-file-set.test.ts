import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
});
