import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createFilesystemBlobStore } from '../../src/blobs/filesystem-blob-store.ts';
import { buildPart10, ctElements, pixelElements } from '../support/dicom-builder.ts';
import { createTestServices, send } from '../support/services.ts';

const mountPoint = mkdtempSync(join(tmpdir(), 'causeway-full-'));

/** A disk of four megabytes, where this user may mount one. */
function mountSmallDisk(): boolean {
  try {
    execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mountPoint], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const mounted = mountSmallDisk();

afterAll(() => {
  if (mounted) execFileSync('/usr/bin/umount', [mountPoint]);
  rmdirSync(mountPoint);
});

describe.skipIf(!mounted)('a disk that is full (needs the right to mount one)', () => {
  test('refuses with storage-full, leaves nothing half, and takes what still fits', async () => {
    const services = await createTestServices();
    const blobs = await createFilesystemBlobStore(mountPoint);
    try {
      const ingest = services.ingestWith({ blobs });
      const file = (instance: number, rows: number) =>
        buildPart10({
          elements: ctElements(
            { instance: `2.25.${instance}` },
            ...pixelElements({ rows, columns: 512, pixelData: randomBytes(rows * 1024) }),
          ),
        });
      const early = await send(ingest, file(100, 512));
      const late = await Promise.all(Array.from({ length: 12 }, (_, number) => send(ingest, file(number, 512))));
      expect(early).toMatchObject({ status: 'stored' });
      const stored = [early, ...late].filter(({ status }) => status === 'stored');
      const refused = late.filter(({ status }) => status === 'refused');
      expect(refused.length).toBeGreaterThan(0);
      for (const outcome of refused) expect(outcome).toMatchObject({ code: 'storage-full' });
      expect(await readdir(join(mountPoint, 'incoming'))).toEqual([]);
      const sizes: number[] = [];
      for await (const { size } of blobs.list()) sizes.push(size);
      expect(sizes).toHaveLength(stored.length);
      expect(await send(ingest, file(99, 8))).toMatchObject({ status: 'stored' });
    } finally {
      await blobs.close();
      await services.close();
    }
  });
});
