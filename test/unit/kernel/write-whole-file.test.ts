import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../src/kernel/log.ts';
import { writeWholeFile } from '../../../src/kernel/write-whole-file.ts';
import { readSecretKey } from '../../../src/secret-key.ts';

// As FAT32 and exFAT do it.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' })),
}));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-whole-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('where there are no hard links', () => {
  it('a whole file gets its name, and never that of another', async () => {
    const path = join(folder, 'a');
    await writeWholeFile(path, () => [Buffer.from('first')]);
    await expect(writeWholeFile(path, () => [Buffer.from('second')])).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path, 'utf8')).toBe('first');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('a key for secrets is made, for nobody else to read', async () => {
    const settings = { secretKey: undefined, secretKeyFile: undefined, dataDir: folder };
    const key = await readSecretKey(settings, silentLog);
    expect((await readSecretKey(settings, silentLog)).equals(key)).toBe(true);
    expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600);
  });
});

it('what cannot be begun opens nothing to read from', async () => {
  const content = vi.fn(() => []);
  await writeWholeFile(join(folder, 'file'), () => [Buffer.from('x')]);
  await expect(writeWholeFile(join(folder, 'file', 'below'), content)).rejects.toThrow();
  expect(content).not.toHaveBeenCalled();
});

it('a key for secrets that cannot be made is told of as what to set', async () => {
  const settings = { secretKey: undefined, secretKeyFile: undefined, dataDir: join(folder, 'nowhere') };
  await expect(readSecretKey(settings, silentLog)).rejects.toMatchObject({
    code: 'configuration-invalid',
    message: expect.stringContaining('secretKey'),
  });
});
