import pg from 'pg';
import type { Log } from '../kernel/log.ts';

/** How to reach a Postgres: the embedded one's socket, or a URL. */
export type PostgresConnection =
  | { readonly connectionString: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

export interface PoolOptions {
  readonly connection: PostgresConnection;
  /** Connections to Postgres at the same time. */
  readonly maxConnections: number;
  readonly log: Log;
  /** Settings of every session, such as `statement_timeout`. */
  readonly session?: Readonly<Record<string, string>>;
  /**
   * A statement that is not answered by then fails as if Postgres were away, and its connection is given up: longer than
   * any may take. None unless given.
   */
  readonly answerTimeoutMs?: number;
}

/** A machine that is gone does not say so: one that is silent for so long is asked whether it is there. */
const silenceMs = 10_000;

/**
 * Connections that are opened when they are needed and closed after half a minute without work. A query waits for a free
 * one; it rejects after 30 s, or when Postgres is away.
 */
export function createPool({ connection, maxConnections, log, session = {}, answerTimeoutMs }: PoolOptions): pg.Pool {
  const settings = Object.entries(session).map(([name, value]) => `set ${name} = ${pg.escapeLiteral(value)}`);
  // The pool waits for what this returns, though its type does not say so.
  const onConnect = (client: pg.ClientBase): unknown =>
    settings.length > 0 ? client.query(settings.join('; ')) : undefined;
  const pool = new pg.Pool({
    ...connection,
    max: maxConnections,
    application_name: 'causeway',
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: silenceMs,
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
    onConnect,
  });
  // The pool listens to idle connections only. Of one that is lost within a transaction the next statement tells.
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', (error) => log.warn('A connection to Postgres was lost', { reason: error.message }));
  return pool;
}
