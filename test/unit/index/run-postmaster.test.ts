import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresCluster } from '../../../src/index/postgres-cluster.ts';
import { ensurePostmaster } from '../../../src/index/run-postmaster.ts';
import { silentLog } from '../../../src/kernel/log.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'causeway-postmaster-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** How often this process has a file open. */
async function timesOpen(file: string): Promise<number> {
  const paths = await Promise.all(
    (await readdir('/proc/self/fd')).map((number) => readlink(`/proc/self/fd/${number}`).catch(() => '')),
  );
  return paths.filter((path) => path === file).length;
}

describe.runIf(process.platform === 'linux')('the log of a Postgres', () => {
  it.each<[what: string, cluster: Pick<PostgresCluster, 'account' | 'binaries'>]>([
    ['cannot be given the log', { account: { uid: 0.5, gid: 0 }, binaries: binaries('postgres') }],
    ['cannot be run', { account: undefined, binaries: binaries('post\0gres') }],
  ])('is closed where it %s', async (_what, cluster) => {
    const logFile = join(dir, 'postgres.log');
    await expect(ensurePostmaster({ dir, logFile, ...cluster }, {}, 1000, silentLog)).rejects.toThrow();
    expect(await readdir(dir)).toEqual(['postgres.log']);
    expect(await timesOpen(logFile)).toBe(0);
  });
});

function binaries(postgres: string): PostgresCluster['binaries'] {
  return { postgres, initdb: 'initdb' };
}
