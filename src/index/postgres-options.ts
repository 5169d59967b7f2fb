import { totalmem } from 'node:os';

/** Postgres touches a buffer only when it has something for it: a small archive stays small on a large machine. */
const leastBuffersMiB = 32;
const mostBuffersMiB = 512;

/**
 * Settings of the embedded Postgres: durable as Postgres is by default, without network, replication or parallel workers.
 * @param memory in bytes, of the machine or the container: of 32 bytes Postgres may keep one for its buffers
 */
export const postgresOptions = (memory = availableMemory()): Readonly<Record<string, string>> => ({
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: `${buffersMiB(memory)}MB`,
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  huge_pages: 'off',
  io_method: 'sync',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'pglz',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '15min',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  autovacuum_max_workers: '2',
  autovacuum_naptime: '20s',
  random_page_cost: '1.1',
  jit: 'off',
  // Transactions are short; two in each other's way should not wait for a second before one is told to try again.
  deadlock_timeout: '100ms',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A failed statement's detail could hold a value of a data set.
  log_error_verbosity: 'terse',
  log_parameter_max_length_on_error: '0',
});

function buffersMiB(memory: number): number {
  return Math.max(leastBuffersMiB, Math.min(mostBuffersMiB, Math.floor(memory / 32 / 2 ** 20)));
}

/** A container without a limit is told one that no machine has. */
function availableMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
