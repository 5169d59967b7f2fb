import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../support/postgres.ts';
import { build, spawnServer } from '../support/spawned-server.ts';

const main = resolve(import.meta.dirname, '../../dist/main.js');

describe('the server process', () => {
  /** New to whichever test comes first; the others start over what it left. */
  let dir: string;
  beforeAll(() => {
    build();
    dir = mkdtempSync(join(tmpdir(), 'causeway-start-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('prints what to type into the modality, answers, and stops cleanly when asked to', async () => {
    const server = await spawnServer(dir, { CAUSEWAY_AE_TITLE: 'ROOM_3' });
    expect(server.output()).toMatch(/AE title\s+ROOM_3/);
    expect(server.output()).toMatch(/Address\s+127\.0\.0\.1/);
    expect(server.output()).toContain(dir);
    const origin = new URL(server.web).origin;
    expect((await fetch(`${origin}/health/live`)).status).toBe(200);
    expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${origin}/metrics`)).text()).toContain('causeway_associations_open');
    expect(await server.stop()).toBe(0);
  });

  it('starts again over what it left, also when it and its Postgres were killed', async () => {
    for (const what of ['process', 'process and postgres'] as const) {
      const server = await spawnServer(dir);
      await server.kill(what);
    }
    const server = await spawnServer(dir);
    expect((await fetch(`${server.web}/studies`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it.each([
    ['CAUSEWAY_DIMSE_PORT', 'fifty', 'a whole number from 0 to 65535'],
    ['CAUSEWAY_AE_TITEL', 'X', 'did you mean CAUSEWAY_AE_TITLE?'],
  ])('does not start with %s=%s and says why', (name, value, why) => {
    const { status, stderr } = spawnSync(process.execPath, [main], {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, [name]: value },
    });
    expect(status).toBe(1);
    expect(stderr).toContain(name);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('    at ');
  });

  it('stops cleanly when it is asked to before it has started', async () => {
    const database = await createTestDatabase();
    const { host, port, user, database: name } = database.connection;
    let asked = false;
    // It is asked when it comes to its database, and gets there afterwards.
    const way = createServer((near) => {
      if (!asked) server.kill('SIGTERM');
      asked = true;
      const far = connect(join(host, `.s.PGSQL.${port}`));
      near.pipe(far).pipe(near);
      for (const end of [near, far]) end.on('error', () => {});
    });
    await new Promise<void>((listening) => way.listen(0, '127.0.0.1', listening));
    const server = spawn(process.execPath, [main], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...process.env,
        CAUSEWAY_DATA_DIR: join(dir, 'other'),
        DATABASE_URL: `postgres://${user}@127.0.0.1:${(way.address() as AddressInfo).port}/${name}`,
      },
    });
    let said = '';
    server.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = await new Promise((exited) => server.once('exit', exited));
    expect({ code, asked, said }).toEqual({ code: 0, asked: true, said: '' });
    way.close();
    await database.drop();
  });

  it('leaves nothing running where it cannot start: neither a command that waits for ever, nor Postgres', () => {
    const data = mkdtempSync(join(tmpdir(), 'causeway-nowhere-'));
    writeFileSync(join(data, 'file'), '');
    const { status, stderr } = spawnSync(process.execPath, [main.replace('main.js', 'cli/causeway.js'), 'verify'], {
      cwd: data,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, CAUSEWAY_DATA_DIR: data, CAUSEWAY_BLOBS: join(data, 'file/blobs') },
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('ENOTDIR') });
    expect(existsSync(join(data, 'postgres/cluster/PG_VERSION'))).toBe(true);
    expect(existsSync(join(data, 'postgres/cluster/postmaster.pid'))).toBe(false);
    rmSync(data, { recursive: true, force: true });
  });

  it('does not start on a port that is taken, and says which', async () => {
    const first = await spawnServer(dir);
    try {
      await expect(spawnServer(dir, { CAUSEWAY_DIMSE_PORT: String(first.dimsePort) })).rejects.toThrow(
        String(first.dimsePort),
      );
    } finally {
      await first.stop();
    }
  });
});
