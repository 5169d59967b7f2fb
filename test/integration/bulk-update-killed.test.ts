import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { uidKey } from '../../src/index/uid-key.ts';
import { buildPart10, ctElements } from '../support/dicom-builder.ts';
import { holdLock } from '../support/hold-lock.ts';
import { stow } from '../support/multipart-bodies.ts';
import { build, type SpawnedServer, spawnServer } from '../support/spawned-server.ts';

const study = '1.2.826.0.1.3680043.10.998.13';
const instances = Array.from({ length: 20 }, (_, at) => `${study}.1.${at + 1}`);

let dataDir: string;
let server: SpawnedServer;

beforeAll(async () => {
  build();
  dataDir = mkdtempSync(join(tmpdir(), 'causeway-update-'));
  server = await spawnServer(dataDir);
  const files = instances.map((instance) =>
    buildPart10({ elements: ctElements({ study, series: `${study}.1`, instance }) }),
  );
  expect((await stow(server.web, files)).status).toBe(200);
}, 120_000);

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function operation(id: string) {
  const answer = await fetch(`${server.web}/operations/${id}`);
  return (await answer.json()) as { status: string; percentComplete: number; lastUpdatedTime: string };
}

describe('a bulk update', () => {
  it('goes on with the instance at which it was killed: each is updated once, and its original kept', {
    timeout: 120_000,
  }, async () => {
    // It comes to the tenth, in the order of the index.
    const tenth = instances.map(uidKey).sort()[9];
    const letGo = await holdLock(dataDir, [
      'begin',
      { text: 'select from instances where instance_id = $1 for update', values: [tenth] },
    ]);
    const started = await fetch(`${server.web}/studies/$bulkUpdate`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        studyInstanceUids: [study],
        changeDataset: { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Right^Name' }] } },
      }),
    });
    expect(started.status).toBe(202);
    const { id } = (await started.json()) as { id: string };
    await expect.poll(async () => (await operation(id)).percentComplete).toBe(45);
    await server.kill('process and postgres');
    await letGo();
    const killedAt = Date.now();
    server = await spawnServer(dataDir);
    await expect.poll(async () => (await operation(id)).status, { timeout: 60_000 }).toBe('completed');
    const ended = await operation(id);
    expect(Date.parse(ended.lastUpdatedTime)).toBeGreaterThan(killedAt);
    expect(ended).toMatchObject({ results: { studyUpdated: 1, instanceUpdated: instances.length } });
    const namesOf = async (headers: Record<string, string>) => {
      const found = (await (await fetch(`${server.web}/studies/${study}/metadata`, { headers })).json()) as DicomJson[];
      const names = found.map((one) => [one['00100010']?.Value, (one['04000561']?.Value ?? []).length]);
      return { instances: found.length, kinds: [...new Set(names.map((one) => JSON.stringify(one)))] };
    };
    expect(await namesOf({})).toEqual({ instances: instances.length, kinds: ['[[{"Alphabetic":"Right^Name"}],1]'] });
    expect(await namesOf({ 'msdicom-request-original': 'true' })).toEqual({
      instances: instances.length,
      kinds: ['[[{"Alphabetic":"Doe^John"}],0]'],
    });
  });
});
