import { join } from 'node:path';
import type { BlobStore } from './blobs/blob-store.ts';
import { openBlobStore } from './blobs/open-blob-store.ts';
import type { Settings } from './config.ts';
import { writeSession } from './index/create-index.ts';
import { startEmbeddedPostgres } from './index/embedded-postgres.ts';
import { createInstallationSecrets, type InstallationSecrets } from './index/installation-secrets.ts';
import { migrate } from './index/migrate.ts';
import { createPool, type PostgresConnection } from './index/pool.ts';
import type { Log } from './kernel/log.ts';

/** Where everything lies that outlives the process. */
interface Stores {
  readonly pool: ReturnType<typeof createPool>;
  readonly writePool: ReturnType<typeof createPool>;
  /** Transactions that store instances at the same time; each has a connection of the write pool. */
  readonly insertGroups: number;
  readonly secrets: InstallationSecrets;
  readonly blobs: BlobStore;
  /** Ends the embedded Postgres, too, unless another Causeway uses it. */
  close(): Promise<void>;
}

/** More do not store faster. */
const maxInsertGroups = 2;

interface Database {
  readonly connection: PostgresConnection;
  stop(): Promise<void>;
}

async function openDatabase({ databaseUrl, dataDir }: Settings, log: Log): Promise<Database> {
  if (databaseUrl === undefined) return startEmbeddedPostgres({ dataDir, log });
  return { connection: { connectionString: databaseUrl }, stop: async () => {} };
}

/**
 * Opens database and blob store. Where one of them cannot be, nothing stays open: else nobody could close it.
 * @throws CausewayError `unavailable`
 */
export async function openStores(settings: Settings, log: Log): Promise<Stores> {
  /** In the order in which it was opened. */
  const opened: (() => Promise<unknown>)[] = [];
  async function close(): Promise<void> {
    for (let end = opened.pop(); end !== undefined; end = opened.pop()) await end();
  }
  try {
    const { connection, stop } = await openDatabase(settings, log);
    opened.push(stop);
    await migrate(connection);
    const insertGroups = Math.min(maxInsertGroups, settings.databaseConnections - 1);
    const pool = createPool({
      connection,
      maxConnections: settings.databaseConnections - insertGroups,
      log,
      answerTimeoutMs: 600_000,
    });
    opened.push(() => pool.end());
    const writePool = createPool({
      connection,
      maxConnections: insertGroups,
      session: writeSession,
      log,
      answerTimeoutMs: 60_000,
    });
    opened.push(() => writePool.end());
    const secrets = createInstallationSecrets(pool);
    const blobs = await openBlobStore(settings.blobs ?? join(settings.dataDir, 'blobs'), {
      s3Endpoint: settings.s3Endpoint,
      reserveBytes: settings.diskReserveBytes,
      identity: {
        known: async () => (await secrets.said('blob-store'))?.toString(),
        agree: (id) => secrets.agree('blob-store', Buffer.from(id)),
      },
    });
    opened.push(() => blobs.close());
    return { pool, writePool, insertGroups, secrets, blobs, close };
  } catch (thrown) {
    await close().catch((error: unknown) => log.warn('not everything was closed', { error: String(error) }));
    throw thrown;
  }
}
