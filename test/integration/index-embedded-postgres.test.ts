import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/index/embedded-postgres.ts';
import { isLivePostgres, readPostmaster } from '../../src/index/postmaster.ts';
import { uidKey } from '../../src/index/uid-key.ts';
import { silentLog as log } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { withClient } from '../support/postgres.ts';

let dataDir: string;
let running: EmbeddedPostgres[] = [];
let children: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'causeway-embedded-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const postgres of running) await postgres.stop();
  await killTree(await postmasterPid());
  running = [];
  children = [];
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;

async function start(folder = dataDir): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log });
  running.push(postgres);
  return postgres;
}

const clusterDir = (folder = dataDir) => join(folder, 'postgres', 'cluster');

async function postmasterPid(): Promise<number> {
  return (await readPostmaster(clusterDir()).catch(() => undefined))?.pid ?? 0;
}

async function childrenOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const status = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    if (Number(status.split(') ')[1]?.split(' ')[1]) === pid) found.push(Number(name));
  }
  return found;
}

/** Ends a postmaster and its backends at once, as a machine that loses power does. */
async function killTree(pid: number, folder = dataDir): Promise<void> {
  if (!(await isLivePostgres(pid, clusterDir(folder)))) return;
  for (const one of [pid, ...(await childrenOf(pid))]) kill(one);
  while (await isLivePostgres(pid, clusterDir(folder))) await delay(2);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}

async function select(postgres: EmbeddedPostgres, text: string): Promise<Record<string, unknown>[]> {
  return withClient(postgres.connection, async (client) => (await client.query(text)).rows);
}

/** A process that inserts until it is killed, and what it has acknowledged so far. */
async function insertEndlessly(firstStudy: number) {
  const script = fileURLToPath(new URL('../support/insert-endlessly.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, String(firstStudy)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  const postmaster = Number(first.split(' ')[1]);
  let wanted = 0;
  let reached = () => {};
  lines.on('line', (line) => {
    acknowledged.push(line);
    if (acknowledged.length >= wanted) reached();
  });
  return {
    child,
    postmaster,
    acknowledged,
    closed: once(lines, 'close'),
    async until(count: number): Promise<void> {
      wanted = count;
      if (acknowledged.length < count)
        await new Promise<void>((resolve) => {
          reached = resolve;
        });
    },
  };
}

/** Acknowledged instances that are not in the database. */
async function lost(postgres: EmbeddedPostgres, acknowledged: readonly string[]): Promise<string[]> {
  const rows = await select(postgres, 'select instance_id from instances');
  const there = new Set(rows.map((row) => row['instance_id']));
  return acknowledged.filter((line) => {
    const [study = 0, instance = 0] = line.split(' ').map(Number);
    return !there.has(uidKey(newInstance({ study, instance }).sopInstanceUid));
  });
}

async function wrongCounts(postgres: EmbeddedPostgres): Promise<unknown[]> {
  return select(
    postgres,
    `select study_instance_uid from studies s where number_of_study_related_instances <>
       (select count(*) from instances i where i.study_id = s.study_id)`,
  );
}

describe('the embedded Postgres', () => {
  it('makes a database with checksums that listens on no network address', async () => {
    const postgres = await start();
    const [settings] = await select(
      postgres,
      `select current_setting('data_checksums') checksums, current_setting('listen_addresses') addresses,
         current_setting('fsync') fsync, current_setting('synchronous_commit') commit,
         (select datlocprovider from pg_database where datname = current_database()) provider`,
    );
    expect(settings).toEqual({ checksums: 'on', addresses: '', fsync: 'on', commit: 'on', provider: 'b' });
    expect((await stat(clusterDir())).mode & 0o077).toBe(0);
  });

  it('stops in order, and starts again with what it had', async () => {
    const first = await start();
    await select(first, 'create table kept as select 1 as one');
    await first.stop();
    expect(await isLivePostgres(first.pid, clusterDir())).toBe(false);
    expect(await readPostmaster(clusterDir())).toBeUndefined();
    const second = await start();
    expect(await select(second, 'select * from kept')).toEqual([{ one: 1 }]);
  });

  it('is shared by all who start it, and stops when the last of them does', async () => {
    const fresh = join(dataDir, 'shared');
    const [first, second, third] = (await Promise.all([start(fresh), start(fresh), start(fresh)])) as [
      EmbeddedPostgres,
      EmbeddedPostgres,
      EmbeddedPostgres,
    ];
    expect(new Set([first.pid, second.pid, third.pid]).size).toBe(1);
    await second.stop();
    await first.stop();
    expect(await select(third, 'select 1 as one')).toEqual([{ one: 1 }]);
    await third.stop();
    expect(await isLivePostgres(third.pid, clusterDir())).toBe(false);
  });

  it('is started again when it is killed while it is used', async () => {
    const postgres = await start();
    const { pid } = postgres;
    await killTree(pid);
    for (;;) {
      const answered = await select(postgres, 'select 1 as one').catch(() => undefined);
      if (answered) break;
      await delay(10);
    }
    while (postgres.pid === pid) await delay(5);
    expect(await isLivePostgres(postgres.pid, clusterDir())).toBe(true);
  });

  it('runs as ourselves, but never as root', async () => {
    const postgres = await start();
    const { uid } = await stat(`/proc/${postgres.pid}`);
    if (isRoot) expect(uid).not.toBe(0);
    else expect(uid).toBe(process.getuid?.());
    expect((await lstat(join(dataDir, 'postgres'))).isDirectory()).toBe(true);
    expect((await stat(clusterDir())).uid).toBe(uid);
  });

  it('lies elsewhere, behind a link, where another user than root cannot enter the data folder', async () => {
    const closed = join(dataDir, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const first = await start(join(closed, 'data'));
    expect((await lstat(join(closed, 'data', 'postgres'))).isSymbolicLink()).toBe(isRoot);
    await first.stop();
    const second = await start(join(closed, 'data'));
    const { host } = second.connection;
    expect(host.startsWith('/var/lib/causeway/')).toBe(isRoot);
    await second.stop();
    await rm(join(host, '..'), { recursive: true });
  });

  it('has its socket in a short place when the data folder has a long name', async () => {
    const long = join(dataDir, 'x'.repeat(100));
    await chmod(dataDir, 0o755);
    const first = await start(long);
    const { pid } = first;
    expect(first.connection.host.length).toBeLessThan(80);
    const joined = await start(long);
    expect([joined.pid, joined.connection.host]).toEqual([pid, first.connection.host]);
    await killTree(pid, long);
    while (first.pid === pid || joined.pid === pid) await delay(5);
    expect(await select(first, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.stop();
    await joined.stop();
    await expect(stat(first.connection.host)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('starts where a dead Postgres left its process id, though another process has it now', async () => {
    const first = await start();
    await first.stop();
    const other = spawn('sleep', ['60'], await sameUser());
    children.push(other);
    await writeFile(
      join(clusterDir(), 'postmaster.pid'),
      [other.pid, clusterDir(), 1, 5432, clusterDir(), '', '', 'ready   ', ''].join('\n'),
    );
    const second = await start();
    expect(await select(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(other.exitCode).toBeNull();
    await second.stop();

    // Or another Postgres, as after a restart of the machine.
    const elsewhere = await mkdtemp(join(tmpdir(), 'causeway-elsewhere-'));
    const stranger = await start(elsewhere);
    await writeFile(
      join(clusterDir(), 'postmaster.pid'),
      [stranger.pid, clusterDir(), 1, 5432, clusterDir(), '', '', 'ready   ', ''].join('\n'),
    );
    const third = await start();
    expect(third.pid).not.toBe(stranger.pid);
    expect(await select(third, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await select(stranger, 'select 1 as one')).toEqual([{ one: 1 }]);
    await stranger.stop();
    await rm(elsewhere, { recursive: true, force: true });
  });

  it('says why it cannot start, in the words of Postgres', async () => {
    const postgres = await start();
    await postgres.stop();
    const settings = { shared_buffers: 'plenty' };
    await expect(startEmbeddedPostgres({ dataDir, log, settings })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/shared_buffers/),
    });
  });
});

async function sameUser(): Promise<{ uid?: number; gid?: number }> {
  const { uid, gid } = await stat(clusterDir());
  return isRoot ? { uid, gid } : {};
}

describe('kill -9 while instances are inserted', () => {
  it('of everything at once loses nothing that was acknowledged', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const inserting = await insertEndlessly(round * 10);
      await inserting.until(200 + round * 150);
      inserting.child.kill('SIGKILL');
      await killTree(inserting.postmaster);
      await inserting.closed;
      acknowledged.push(...inserting.acknowledged);
    }
    const postgres = await start();
    expect(await lost(postgres, acknowledged)).toEqual([]);
    expect(await wrongCounts(postgres)).toEqual([]);
  });

  it('of Causeway alone leaves a Postgres that the next start joins', async () => {
    const inserting = await insertEndlessly(0);
    await inserting.until(300);
    inserting.child.kill('SIGKILL');
    await inserting.closed;
    const postgres = await start();
    expect(postgres.pid).toBe(inserting.postmaster);
    expect(await lost(postgres, inserting.acknowledged)).toEqual([]);
    expect(await wrongCounts(postgres)).toEqual([]);
    await postgres.stop();
    expect(await isLivePostgres(postgres.pid, clusterDir())).toBe(false);
  });

  it('of Postgres alone only delays those who insert', async () => {
    const inserting = await insertEndlessly(0);
    await inserting.until(200);
    kill(inserting.postmaster);
    await inserting.until(inserting.acknowledged.length + 400);
    inserting.child.kill('SIGKILL');
    await inserting.closed;
    const postgres = await start();
    expect(postgres.pid).not.toBe(inserting.postmaster);
    expect(await lost(postgres, inserting.acknowledged)).toEqual([]);
    expect(await wrongCounts(postgres)).toEqual([]);
  });
});

it('a connection string of one’s own reaches the same database', async () => {
  const postgres = await start();
  const { host, user, database, port } = postgres.connection;
  const client = new pg.Client({
    connectionString: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
  });
  await client.connect();
  expect((await client.query('select current_database() as name')).rows).toEqual([{ name: database }]);
  await client.end();
});
