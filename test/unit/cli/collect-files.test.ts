import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { collectFiles } from '../../../src/cli/collect-files.ts';
import { smallSeries } from '../../support/small-series.ts';

it('tells how far it has come while it reads many files, before it tells what it has found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-collect-'));
  try {
    for (let at = 1; at <= 1_000; at++) writeFileSync(join(folder, `${at}.txt`), '');
    const image = join(folder, 'image');
    smallSeries('1.2.826.0.1.3680043.10.999.66', 1, 'COLLECT').writeTo(image);
    const complained: string[] = [];
    const terminal = { print() {}, complain: (line: string) => void complained.push(line), interactive: false };
    const paths = [join(image, '1.dcm'), folder];
    const { instances } = await collectFiles(paths, terminal, new AbortController().signal);
    expect(instances).toHaveLength(2);
    expect(complained).toEqual([
      expect.stringMatching(/^1000 files · looked at, [12] instances? found$/),
      '1,001 files passed over that are not DICOM',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
