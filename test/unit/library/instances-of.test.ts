import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { instancesOf } from '../../../src/library/instances-of.ts';
import { buildPart10, ctElements } from '../../support/dicom-builder.ts';

it('links in a folder are the files that they lead to, or are told of', async () => {
  const root = mkdtempSync(join(tmpdir(), 'causeway-instances-of-'));
  try {
    const folder = join(root, 'folder');
    mkdirSync(folder);
    writeFileSync(join(root, 'elsewhere'), buildPart10({ elements: ctElements({ instance: '1.2.3' }) }));
    symlinkSync(join(root, 'elsewhere'), join(folder, 'a'));
    symlinkSync(root, join(folder, 'b'));
    symlinkSync(join(root, 'nowhere'), join(folder, 'c'));
    const { instances, unreadable } = await instancesOf([folder]);
    expect(instances.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(['1.2.3']);
    expect(unreadable.map(({ path, error }) => [path, error.message])).toEqual([
      [join(folder, 'b'), 'Links to folders are not followed; name the folder itself.'],
      [join(folder, 'c'), 'It is a link to nothing that can be read.'],
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
