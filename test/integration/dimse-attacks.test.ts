import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackRounds, holdIdle, honestTraffic } from '../support/attack-rounds.ts';
import { attacks } from '../support/attacks.ts';
import { dimseWithCleanup } from '../support/dimse-cleanup.ts';
import { associateRaw, echoRq, releaseRq, storeRq } from '../support/dimse-raw-client.ts';
import { until } from '../support/dimse-server.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const { start, track } = dimseWithCleanup();

// The long form: npx tsx test/support/attack-rounds.ts 100000
describe('a house under attack', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ CAUSEWAY_QUERY_ACCESS: 'anyone', CAUSEWAY_MAX_ASSOCIATIONS: '50' });
  });
  afterAll(async () => {
    await server.close();
  });

  const associationsOpen = async () =>
    /causeway_associations_open (\d+)/.exec(await (await fetch(new URL('/metrics', server.web))).text())?.[1];

  it('answers every attack as PS3.8 allows, serves honest callers beside it, and nothing is left of it', async () => {
    const letGo = await holdIdle(server.dimsePort, { associations: 60, connections: 60, slow: 5 });
    let over = false;
    const attacking = attackRounds({
      port: server.dimsePort,
      rounds: 8 * Object.keys(attacks).length,
      seed: 20_260_101,
      atATime: 4,
    }).finally(() => {
      over = true;
    });
    const honest = await honestTraffic(server.dimsePort, '2.25.77', () => over);
    const { violations, rounds } = await attacking;
    letGo();
    expect(violations).toEqual([]);
    expect(rounds).toBe(8 * Object.keys(attacks).length);
    expect(honest.failures).toEqual([]);
    expect(honest.times.length).toBeGreaterThan(5);
    await expect.poll(associationsOpen).toBe('0');
    expect(await readdir(join(server.dataDir, 'blobs/incoming'))).toEqual([]);
  });
});

describe('all places taken by idle associations', () => {
  const limits = { maxAssociations: 3 };

  it('a caller from another address gets one of a caller who has several', async () => {
    const dimse = await start({ limits });
    const idle = [];
    for (let count = 0; count < 3; count += 1) idle.push(await track(associateRaw(dimse.port)));
    const other = await track(associateRaw(dimse.port, { localAddress: '127.0.0.9' }));
    // The one that has been idle for longest, in words.
    expect(await idle[0]!.nextPdu()).toEqual({ type: 7, body: Buffer.alloc(4) });
    expect(dimse.log.lines.find(({ message }) => message === 'Association ended.')).toMatchObject({
      level: 'warn',
      facts: { end: 'crowded-out', reason: 'All 3 associations (maxAssociations) were in use and this one was idle.' },
    });
    other.send(echoRq(), releaseRq);
    expect(await other.nextCommand()).toMatchObject({ status: 0 });
  });

  it('a caller from the same address is rejected until one has been idle for yieldIdleMs', async () => {
    const dimse = await start({ limits: { ...limits, yieldIdleMs: 800 } });
    const idle = [];
    for (let count = 0; count < 3; count += 1) idle.push(await track(associateRaw(dimse.port)));
    await expect(track(associateRaw(dimse.port))).rejects.toThrow('PDU type 3');
    const startedAt = performance.now();
    while (performance.now() - startedAt < 900) {
      idle[0]!.send(echoRq());
      await idle[0]!.nextCommand();
    }
    await track(associateRaw(dimse.port));
    expect(await idle[1]!.nextPdu()).toMatchObject({ type: 7 });
  });

  it('those over which nothing was ever asked give way after yieldUnusedMs, however many addresses they are spread over', async () => {
    const dimse = await start({ limits: { ...limits, yieldUnusedMs: 0 } });
    const used = await track(associateRaw(dimse.port, { localAddress: '127.0.0.2' }));
    used.send(echoRq());
    await used.nextCommand();
    const idle = [];
    for (const localAddress of ['127.0.0.3', '127.0.0.4']) {
      idle.push(await track(associateRaw(dimse.port, { localAddress })));
    }
    // From the address of one of them, as behind an address translation.
    await track(associateRaw(dimse.port, { localAddress: '127.0.0.4' }));
    expect(await idle[0]!.nextPdu()).toMatchObject({ type: 7 });
    used.send(echoRq());
    expect(await used.nextCommand()).toMatchObject({ status: 0 });
  });

  it('none that is busy gives way', async () => {
    const dimse = await start({ limits: { maxAssociations: 1, yieldIdleMs: 0 } });
    dimse.ingest.beforeFinish = () => new Promise(() => {});
    const busy = await track(associateRaw(dimse.port));
    busy.send(storeRq(Buffer.alloc(10)));
    await until(() => dimse.ingest.bytesWritten > 10);
    await expect(track(associateRaw(dimse.port, { localAddress: '127.0.0.9' }))).rejects.toThrow('PDU type 3');
  });
});
