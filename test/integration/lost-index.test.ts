import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compose } from '../../src/compose.ts';
import { loadSettings } from '../../src/config.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { buildPart10, ctElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { createTestDatabase } from '../support/postgres.ts';

it('files stay when the index is lost, and nothing is stored where they are not', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'causeway-lost-'));
  const open = async (url: string) => {
    const env = { DATABASE_URL: url, CAUSEWAY_DATA_DIR: dir, CAUSEWAY_HTTP_PORT: '0', CAUSEWAY_DIMSE_PORT: '0' };
    const house = await compose(loadSettings(env, dir), silentLog);
    return { house, ...(await house.listen()) };
  };
  const files = () =>
    readdirSync(join(dir, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.dcm'));
  const databases = [await createTestDatabase(), await createTestDatabase()] as const;
  try {
    const first = await open(databases[0].url);
    const file = buildPart10({ elements: ctElements() });
    expect((await stow(`${first.webUrl}/dicom-web`, [file])).status).toBe(200);
    await first.house.close({ graceMs: 0 });
    const longAgo = new Date(Date.now() - 7 * 86_400_000);
    for (const name of files()) await utimes(join(dir, 'blobs', name), longAgo, longAgo);

    // The folder is there, as it is of a share that is not mounted, and holds nothing.
    await rename(join(dir, 'blobs'), join(dir, 'away'));
    await mkdir(join(dir, 'blobs'));
    await expect(open(databases[0].url)).rejects.toThrow(/stored files are elsewhere: .*\.causeway-store/);
    expect(await readdir(join(dir, 'blobs'))).toEqual([]);
    await rm(join(dir, 'blobs'), { recursive: true });
    await rename(join(dir, 'away'), join(dir, 'blobs'));

    // A server over an empty database deletes none of them.
    const second = await open(databases[1].url);
    await second.house.close({ graceMs: 0 });
    expect(files()).toHaveLength(1);
  } finally {
    for (const database of databases) await database.drop();
    await rm(dir, { recursive: true, force: true });
  }
});
