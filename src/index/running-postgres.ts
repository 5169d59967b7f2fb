import { join } from 'node:path';
import { connectionTo, type EmbeddedConnection } from './embedded-postgres.ts';
import { isLivePostgres, readPostmaster } from './postmaster.ts';

/** The embedded Postgres of a data folder if it runs: it is not started, and nothing is made. */
export async function runningPostgres(dataDir: string): Promise<EmbeddedConnection | undefined> {
  const dir = join(dataDir, 'postgres', 'cluster');
  const running = await readPostmaster(dir);
  if (running?.status !== 'ready' || !(await isLivePostgres(running.pid, dir))) return undefined;
  return connectionTo(running);
}
