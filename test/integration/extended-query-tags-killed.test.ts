import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studyLockOrder } from '../../src/index/study-lock.ts';
import { uidKey } from '../../src/index/uid-key.ts';
import { buildPart10, ctElements, element, inTagOrder } from '../support/dicom-builder.ts';
import { holdLock } from '../support/hold-lock.ts';
import { stow } from '../support/multipart-bodies.ts';
import { build, type SpawnedServer, spawnServer } from '../support/spawned-server.ts';

const root = '1.2.826.0.1.3680043.10.998.12';
const studies = 3;
/** More than are read in one transaction. */
const instancesOfStudy = 120;
const imageComments = '00204000';

interface Operation {
  readonly status: string;
  readonly percentComplete: number;
  readonly lastUpdatedTime: string;
}

let dataDir: string;
let server: SpawnedServer;
let stored = 0;

function file(study: number, instance: number): Buffer {
  const series = `${root}.${study}.1`;
  const uids = { study: `${root}.${study}`, series, instance: `${series}.${instance}` };
  return buildPart10({
    elements: inTagOrder([...ctElements(uids), element(imageComments, 'LT', `Comment ${study} ${instance}`)]),
  });
}

async function store(study: number, numbers: readonly number[]): Promise<void> {
  const answer = await stow(
    server.web,
    numbers.map((instance) => file(study, instance)),
  );
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  stored += numbers.length;
}

beforeAll(async () => {
  build();
  dataDir = mkdtempSync(join(tmpdir(), 'causeway-tags-'));
  server = await spawnServer(dataDir);
  for (let study = 1; study <= studies; study++) {
    await store(
      study,
      Array.from({ length: instancesOfStudy }, (_, at) => at + 1),
    );
  }
}, 120_000);

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function operation(id: string): Promise<Operation> {
  return (await (await fetch(`${server.web}/operations/${id}`)).json()) as Operation;
}

async function count(comment: string): Promise<unknown> {
  const answer = await fetch(`${server.web}/instances/count?ImageComments=${encodeURIComponent(comment)}`);
  expect(answer.headers.get('warning')).toBeNull();
  return answer.json();
}

describe('the operation that reads what is stored for a new tag', () => {
  it.each(['process', 'process and postgres'] as const)(
    'misses nothing when its %s is killed midway: it goes on after the next start',
    { timeout: 120_000 },
    async (what) => {
      await fetch(`${server.web}/extendedquerytags/${imageComments}`, { method: 'DELETE' });
      // It comes to the last study, in the order of the index. Not in a transaction, as it waits for those that run.
      const last = Array.from({ length: studies }, (_, at) => uidKey(`${root}.${at + 1}`)).sort()[studies - 1];
      const letGo = await holdLock(dataDir, [
        { text: `select pg_advisory_lock(${studyLockOrder('$1::uuid')})`, values: [last] },
      ]);
      const added = await fetch(`${server.web}/extendedquerytags`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify([{ Path: imageComments, Level: 'Instance' }]),
      });
      expect(added.status).toBe(202);
      const { id } = (await added.json()) as { id: string };
      await expect.poll(async () => (await operation(id)).percentComplete).toBeGreaterThan(0);
      await server.kill(what);
      await letGo();
      const killedAt = Date.now();
      server = await spawnServer(dataDir);
      await store(studies + 1, [stored + 1]);
      await expect.poll(async () => (await operation(id)).status, { timeout: 60_000 }).toBe('completed');
      // Were it not the kill that broke it off, this would have been before it.
      expect(Date.parse((await operation(id)).lastUpdatedTime)).toBeGreaterThan(killedAt);
      expect(await count('Comment *')).toEqual({ count: stored });
      expect(await count('Comment 2 100')).toEqual({ count: 1 });
    },
  );
});
