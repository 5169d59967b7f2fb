import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { clusterUser, openCluster } from './postgres-cluster.ts';
import { postgresOptions } from './postgres-options.ts';
import type { Postmaster } from './postmaster.ts';
import { ensurePostmaster, stopPostmaster } from './run-postmaster.ts';

/** How to reach the embedded Postgres: a Unix socket that only its own user may open. */
export interface EmbeddedConnection {
  /** Folder of the socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface EmbeddedPostgres {
  readonly connection: EmbeddedConnection;
  /** Process id of Postgres, as it was last seen. */
  readonly pid: number;
  /** Stops Postgres unless another Causeway uses it; resolves when it is down. Close all pools before. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Causeway's data folder; the database lies in `postgres` within. */
  readonly dataDir: string;
  readonly log: Log;
  /** Postgres settings over our own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long Postgres may take to start, recovery after a crash included. */
  readonly startTimeoutMs?: number;
}

const database = 'causeway';
const presence = 'causeway presence';
const stopTimeoutMs = 60_000;
const reviveIntervalMs = 5_000;

/**
 * Starts the Postgres that came with npm, or joins the one that already runs in the data folder: another Causeway's, or
 * one that outlived a Causeway that was killed. Postgres is a process of its own, so that no end of ours harms it; it is
 * started again if it dies. Several processes may call this at the same time.
 * @throws CausewayError `unavailable` with the reason, and the advice to set DATABASE_URL where that is the way out
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, startTimeoutMs = 300_000 } = options;
  const cluster = await openCluster(dataDir, log);
  let stopped = false;
  let client: pg.Client;
  let reviving: Promise<void> | undefined;

  /** One connection tells other processes that we are here, and tells us when Postgres dies. */
  async function attend(): Promise<Postmaster> {
    const settings = { ...postgresOptions(), ...options.settings };
    for (const deadline = Date.now() + startTimeoutMs; ; await delay(10)) {
      const postmaster = await ensurePostmaster(cluster, settings, startTimeoutMs, log);
      try {
        client = await connect(connectionTo(postmaster));
      } catch (thrown) {
        // It may have begun to stop, or died, since it was seen ready.
        if (Date.now() < deadline) continue;
        throw new CausewayError('unavailable', 'The embedded Postgres runs but accepts no connection.', {
          cause: thrown,
        });
      }
      client.once('end', () => {
        if (!stopped) reviving = revive();
      });
      return postmaster;
    }
  }

  async function revive(): Promise<void> {
    log.warn('The embedded Postgres ended; starting it again');
    for (; !stopped; await delay(reviveIntervalMs)) {
      try {
        running = await attend();
        log.info('The embedded Postgres is back', { pid: running.pid });
        return;
      } catch (thrown) {
        log.error('The embedded Postgres cannot be started again; nothing can be stored or found until it is', {
          reason: thrown instanceof Error ? thrown.message : String(thrown),
        });
      }
    }
  }

  let running = await attend();
  return {
    connection: connectionTo(running),
    get pid() {
      return running.pid;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await reviving;
      if (!(await isUsedByOthers(client))) await stopPostmaster(cluster, stopTimeoutMs);
      await client.end();
    },
  };
}

/** To the database of ours in it. */
export function connectionTo({ socketDir, port }: Postmaster): EmbeddedConnection {
  return { host: socketDir, port, user: clusterUser, database };
}

async function connect(connection: EmbeddedConnection): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, application_name: presence });
  client.on('error', () => {}); // 'end' follows, and is what counts
  try {
    await client.connect();
  } catch (thrown) {
    if (!isPostgresError(thrown, '3D000')) throw thrown;
    await createDatabase(connection);
    return connect(connection);
  }
  return client;
}

async function createDatabase(connection: EmbeddedConnection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  try {
    await client.query(`create database ${database}`);
  } catch (thrown) {
    if (!isPostgresError(thrown, '42P04') && !isPostgresError(thrown, '23505')) throw thrown;
  } finally {
    await client.end();
  }
}

/** If two processes stop at once, each may see the other and leave Postgres running: the next start joins it. */
async function isUsedByOthers(client: pg.Client): Promise<boolean> {
  try {
    const { rowCount } = await client.query(
      'select from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
      [presence],
    );
    return (rowCount ?? 0) > 0;
  } catch {
    return false;
  }
}

function isPostgresError(thrown: unknown, code: string): boolean {
  return thrown instanceof pg.DatabaseError && thrown.code === code;
}
