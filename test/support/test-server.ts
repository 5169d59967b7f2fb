import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, type House } from '../../src/compose.ts';
import { loadSettings } from '../../src/config.ts';
import { type Log, silentLog } from '../../src/kernel/log.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

/** The whole house in this process, over a database and a folder of its own. */
export interface TestServer {
  readonly house: House;
  /** Base URL of DICOMweb. */
  readonly web: string;
  /** Where it listens, whatever it is called outside: `http://host:port`. */
  readonly local: string;
  readonly dimsePort: number;
  readonly dimseTlsPort: number | undefined;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly pool: TestDatabase['pool'];
  /** @param graceMs for connections that are still in use: 500 unless given, as nobody waits for their answers any more */
  close(graceMs?: number): Promise<void>;
}

/** @param env settings over the test's own, as in the environment */
export async function startTestServer(env: NodeJS.ProcessEnv = {}, log: Log = silentLog): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-house-'));
  const database = await createTestDatabase();
  const settings = loadSettings(
    {
      DATABASE_URL: database.url,
      CAUSEWAY_DATA_DIR: dataDir,
      CAUSEWAY_HTTP_PORT: '0',
      CAUSEWAY_DIMSE_PORT: '0',
      CAUSEWAY_DIMSE_HOST: '127.0.0.1',
      ...env,
    },
    dataDir,
  );
  const house = await compose(settings, log);
  const { dimsePort, dimseTlsPort, httpPort, webUrl } = await house.listen();
  return {
    house,
    web: `${webUrl}${settings.basePath}`,
    local: `http://127.0.0.1:${httpPort}`,
    dimsePort,
    dimseTlsPort,
    dataDir,
    databaseUrl: database.url,
    pool: database.pool,
    async close(graceMs = 500) {
      await house.close({ graceMs });
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
