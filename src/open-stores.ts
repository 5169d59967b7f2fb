import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from './blobs/blob-store.ts';
import { createDiskReserve } from './blobs/disk-reserve.ts';
import { openBlobStore } from './blobs/open-blob-store.ts';
import type { Settings } from './config.ts';
import { writeSession } from './index/create-index.ts';
import { startEmbeddedPostgres } from './index/embedded-postgres.ts';
import { createInstallationSecrets, type InstallationSecrets } from './index/installation-secrets.ts';
import { migrate } from './index/migrate.ts';
import { createPool, type PostgresConnection } from './index/pool.ts';
import type { Log } from './kernel/log.ts';
import type { SpoolFolder } from './kernel/spool-file.ts';

/** Where everything lies that outlives the process. */
interface Stores {
  readonly pool: ReturnType<typeof createPool>;
  readonly writePool: ReturnType<typeof createPool>;
  readonly erasePool: ReturnType<typeof createPool>;
  /** Transactions that store instances at the same time; each has a connection of the write pool. */
  readonly insertGroups: number;
  readonly secrets: InstallationSecrets;
  readonly blobs: BlobStore;
  /** For what lies on disk for a moment: it fills the same disk as what stays. */
  readonly spoolFolder: SpoolFolder;
  /** Ends the embedded Postgres, too, unless another Causeway uses it. */
  close(): Promise<void>;
}

/** With one less a bulk update would wait for itself. */
const leastConnections = 4;

/**
 * Who stores has connections of their own, of which more do not store faster; so have deletions, as they may take half an
 * hour each. The rest reads: a bulk update holds one of these while it asks for another.
 */
function dividedConnections(named: number): { reading: number; storing: number; erasing: number } {
  const connections = Math.max(leastConnections, named);
  const storing = connections < 6 ? 1 : 2;
  const erasing = connections < 8 ? 1 : 2;
  return { storing, erasing, reading: connections - storing - erasing };
}

interface Database {
  readonly connection: PostgresConnection;
  stop(): Promise<void>;
}

async function openDatabase({ databaseUrl, dataDir }: Settings, log: Log): Promise<Database> {
  if (databaseUrl === undefined) return startEmbeddedPostgres({ dataDir, log });
  return { connection: { connectionString: databaseUrl }, stop: async () => {} };
}

/** Where neither the database nor stored files are on the disk of the data folder, nothing has to be left for them. */
async function spoolFolderOf(settings: Settings): Promise<SpoolFolder> {
  const { dataDir, databaseUrl, diskReserveBytes } = settings;
  const isShared = databaseUrl === undefined || (await isOnDisk(dataDir, blobsOf(settings)));
  const { check } = createDiskReserve(dataDir, isShared ? diskReserveBytes : 0);
  return { path: join(dataDir, 'spool'), check };
}

function blobsOf({ blobs, dataDir }: Settings): string {
  return blobs ?? join(dataDir, 'blobs');
}

/** Both folders are there. */
async function isOnDisk(dataDir: string, blobs: string): Promise<boolean> {
  if (blobs.startsWith('s3://')) return false;
  const [data, stored] = await Promise.all([stat(dataDir), stat(blobs)]);
  return data.dev === stored.dev;
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
    if (settings.databaseConnections < leastConnections) {
      log.warn('databaseConnections is too small: more connections to Postgres are used', { least: leastConnections });
    }
    const { reading, storing, erasing } = dividedConnections(settings.databaseConnections);
    const pool = createPool({
      connection,
      maxConnections: reading,
      log,
      answerTimeoutMs: 600_000,
    });
    opened.push(() => pool.end());
    const toWrite = { connection, session: writeSession, log, answerTimeoutMs: 60_000 };
    const writePool = createPool({ ...toWrite, maxConnections: storing });
    opened.push(() => writePool.end());
    const erasePool = createPool({ ...toWrite, maxConnections: erasing });
    opened.push(() => erasePool.end());
    const secrets = createInstallationSecrets(pool);
    const blobs = await openBlobStore(blobsOf(settings), {
      s3Endpoint: settings.s3Endpoint,
      reserveBytes: settings.diskReserveBytes,
      identity: {
        known: async () => (await secrets.said('blob-store'))?.toString(),
        agree: (id) => secrets.agree('blob-store', Buffer.from(id)),
      },
    });
    opened.push(() => blobs.close());
    return {
      pool,
      writePool,
      erasePool,
      insertGroups: storing,
      secrets,
      blobs,
      spoolFolder: await spoolFolderOf(settings),
      close,
    };
  } catch (thrown) {
    await close().catch((error: unknown) => log.warn('not everything was closed', { error: String(error) }));
    throw thrown;
  }
}
