import { randomBytes } from 'node:crypto';
import type { Settings } from './config.ts';
import { createInstallationSecrets } from './index/installation-secrets.ts';
import { createPeerStore } from './index/peer-store.ts';
import { createPool } from './index/pool.ts';
import { isNotMade } from './index/postgres-errors.ts';
import { runningPostgres } from './index/running-postgres.ts';
import type { Log } from './kernel/log.ts';
import { createSealing } from './kernel/sealing.ts';
import type { KnownPeer } from './peers/peers.ts';
import { findSecretKey } from './secret-key.ts';

/**
 * Peers that were made known by `/api/peers`, for who only calls one: nothing is started, made or changed for it, neither
 * Postgres, nor the database, nor a key, nor the folder of the stored files.
 * @returns undefined where there is nothing to read them from: the embedded Postgres does not run, or nobody has migrated
 * @throws CausewayError `unavailable` if there is a database that cannot be reached; `configuration-invalid` for a key that is none
 */
export async function readAddedPeers(settings: Settings, log: Log): Promise<readonly KnownPeer[] | undefined> {
  const { databaseUrl, dataDir } = settings;
  const connection = databaseUrl === undefined ? await runningPostgres(dataDir) : { connectionString: databaseUrl };
  if (connection === undefined) return undefined;
  const pool = createPool({ connection, maxConnections: 1, log, answerTimeoutMs: 30_000 });
  try {
    const secrets = createInstallationSecrets(pool);
    const sealing = createSealing({
      // One that was made just now opens nothing: who has none calls without passcodes, and the log says so.
      key: (await findSecretKey(settings)) ?? randomBytes(32),
      isShared: async (fingerprint) => (await secrets.said('secret-key-fingerprint'))?.equals(fingerprint) ?? false,
    });
    return await createPeerStore({ pool, sealing, log }).all();
  } catch (thrown) {
    if (isNotMade(thrown)) return undefined;
    throw thrown;
  } finally {
    await pool.end();
  }
}
