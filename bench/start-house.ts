import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { compose } from '../src/compose.ts';
import { loadSettings } from '../src/config.ts';
import { startEmbeddedPostgres } from '../src/index/embedded-postgres.ts';
import { createPool } from '../src/index/pool.ts';
import { silentLog } from '../src/kernel/log.ts';

/** A Causeway of which the tables are filled by SQL, and asked by SQL or by HTTP. */
export interface BenchHouse {
  /** Of its Postgres. */
  readonly pool: pg.Pool;
  /** `http://host:port` */
  readonly web: string;
  /** Where DICOMweb is. */
  readonly dicomWeb: string;
  close(): Promise<void>;
}

/** Listens on free ports, over an embedded Postgres. @param kept a folder that stays; one that goes away unless given */
export async function startHouse(kept?: string): Promise<BenchHouse> {
  const dir = kept ?? mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  mkdirSync(dir, { recursive: true });
  const postgres = await startEmbeddedPostgres({ dataDir: dir, log: silentLog });
  const { user, database, host, port } = postgres.connection;
  const settings = loadSettings(
    {
      DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
      CAUSEWAY_DATA_DIR: dir,
      CAUSEWAY_HTTP_PORT: '0',
      CAUSEWAY_DIMSE_PORT: '0',
      CAUSEWAY_DIMSE_HOST: '127.0.0.1',
    },
    dir,
  );
  const house = await compose(settings, silentLog);
  const pool = createPool({ connection: postgres.connection, maxConnections: 1, log: silentLog });
  const { webUrl } = await house.listen();
  return {
    pool,
    web: webUrl,
    dicomWeb: `${webUrl}${settings.basePath}`,
    async close() {
      await pool.end();
      await house.close({ graceMs: 1_000 });
      await postgres.stop();
      if (kept === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Milliseconds that so many calls took, the quickest first; two before them are not counted. */
export async function timesOf(repetitions: number, call: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < repetitions + 2; n++) {
    const start = performance.now();
    await call();
    if (n >= 2) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

/** @param part 0.5 for the median @param times the quickest first */
export function quantile(times: readonly number[], part: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * part))]!;
}
