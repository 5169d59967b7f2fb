import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDurableDirectories, type DurableDirectories } from '../../../src/blobs/durable-directories.ts';

let root: string;
let directories: DurableDirectories;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'causeway-directories-'));
  directories = createDurableDirectories(root);
});

afterEach(async () => {
  await directories.close();
  await rm(root, { recursive: true, force: true });
});

/** Files and directories below the root that this process has open. */
async function stillOpen(): Promise<string[]> {
  const paths = await Promise.all(
    (await readdir('/proc/self/fd')).map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(root));
}

describe.runIf(process.platform === 'linux')('durable directories', () => {
  it('are open for the next sync until they are closed', async () => {
    await directories.create(join(root, 'a', 'b'));
    expect(await stillOpen()).not.toEqual([]);
    await directories.close();
    expect(await stillOpen()).toEqual([]);
  });

  it('that are being made or synced are waited for when they are closed', async () => {
    const ended: string[] = [];
    const making = directories.create(join(root, 'a', 'b')).then(() => ended.push('made'));
    const syncing = directories.sync(root).then(() => ended.push('synced'));
    await directories.close();
    expect(ended.toSorted()).toEqual(['made', 'synced']);
    await Promise.all([making, syncing]);
    expect(await readdir(join(root, 'a'))).toEqual(['b']);
    expect(await stillOpen()).toEqual([]);
  });

  it('are not opened again once they are closed', async () => {
    await directories.create(join(root, 'a'));
    await directories.close();
    await expect(directories.create(join(root, 'a'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(directories.create(join(root, 'b'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(directories.sync(root)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readdir(root)).toEqual(['a']);
    expect(await stillOpen()).toEqual([]);
  });
});
