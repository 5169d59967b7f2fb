import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/index/embedded-postgres.ts';
import { migrate } from '../../src/index/migrate.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { withClient } from './postgres.ts';

/** One Postgres for the whole test run; each file clones its migrated template database, see postgres.ts. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'causeway-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog, settings: { fsync: 'off' } });
  const template = { ...postgres.connection, database: 'template' };
  await withClient(postgres.connection, (client) => client.query('create database template'));
  await migrate(template);
  project.provide('postgres', template);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
