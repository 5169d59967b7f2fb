import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildPart10, ctElements, pixelElements } from './dicom-builder.ts';
import { allManners, startMisbehavingReceiver } from './misbehaving-receiver.ts';
import { stow } from './multipart-bodies.ts';
import { build, type SpawnedServer, spawnServer } from './spawned-server.ts';

export interface ChaosOptions {
  readonly instances: number;
  readonly kills: number;
  /** Instances of a series. */
  readonly perSeries: number;
  /** Between two changes of manners, and between two kills: at most this, by chance. */
  readonly mostMs: number;
  readonly report?: (line: string) => void;
}

export interface ChaosTally {
  readonly instances: number;
  readonly kills: number;
  readonly seconds: number;
  readonly graphs: Record<string, number>;
  /** Files that a receiver got more than once: each was kept once. */
  readonly again: Record<string, number>;
  /** What must never be. */
  readonly losses: string[];
}

const publishers = ['stow', 'other-stow', 'cloud', 'folder'];
/** What the manners of receivers may last in all, once everything has been stored and the kills are over. */
const settleMs = 600_000;

/**
 * Stores instances while the server is killed again and again, and while the four places to which they go refuse, hang,
 * answer 500, cut connections and come back. Then everything behaves, and everything has to be everywhere, once.
 */
export async function publishChaos(options: ChaosOptions): Promise<ChaosTally> {
  const { instances, kills, perSeries, mostMs, report = () => {} } = options;
  build();
  const dir = mkdtempSync(join(tmpdir(), 'causeway-chaos-'));
  const folder = join(dir, 'out');
  mkdirSync(folder);
  const receivers = await Promise.all([0, 1, 2].map(() => startMisbehavingReceiver()));
  const startedAt = Date.now();
  let server: SpawnedServer = await spawnServer(join(dir, 'data'));
  const api = () => `${new URL(server.web).origin}/api`;
  const losses: string[] = [];
  const moods = new AbortController();
  try {
    await configure(
      api(),
      receivers.map(({ url }) => url),
      folder,
    );
    const files = new Map<string, Buffer>();
    for (let n = 0; n < instances; n++) {
      const study = `2.25.77${Math.floor(n / perSeries)}`;
      const instance = `${study}.1.${(n % perSeries) + 1}`;
      files.set(instance, fileOf(study, instance));
    }
    const moody = misbehave(receivers, folder, mostMs, moods.signal);
    const storing = storeAll([...files.values()], () => server, mostMs);
    for (let killed = 1; killed <= kills; killed++) {
      await delay(randomInt(mostMs, 3 * mostMs));
      await server.kill(killed % 2 === 0 ? 'process' : 'process and postgres');
      server = await spawnServer(join(dir, 'data'));
      report(`killed ${killed} times; kept: ${receivers.map(({ kept }) => kept.size).join(', ')}`);
    }
    await storing;
    moods.abort();
    await moody;
    for (const receiver of receivers) receiver.behave('well');
    const series = new Set([...files.keys()].map((uid) => uid.slice(0, uid.lastIndexOf('.'))));
    const graphs = await settled(api, publishers.length * series.size, report);
    for (const failed of await failures(api())) losses.push(`a graph has failed: ${failed}`);

    const hashes = new Map([...files].map(([uid, file]) => [uid, sha256(file)]));
    const again: Record<string, number> = {};
    for (const [at, { kept }] of receivers.entries()) {
      compare(publishers[at]!, new Map([...kept].map(([uid, one]) => [uid, one.sha256])), hashes, losses);
      again[publishers[at]!] = [...kept.values()].filter(({ times }) => times > 1).length;
    }
    compare('folder', filesBelow(folder), hashes, losses);
    await compareLedger(api(), hashes, losses);
    const tally = { instances, kills, seconds: (Date.now() - startedAt) / 1000, graphs, again, losses };
    return tally;
  } finally {
    moods.abort();
    await server.stop();
    await Promise.all(receivers.map((receiver) => receiver.close()));
    rmSync(dir, { recursive: true, force: true });
  }
}

function fileOf(study: string, instance: string): Buffer {
  const noise = Buffer.alloc(64 * 64 * 2, createHash('sha512').update(instance).digest());
  return buildPart10({
    elements: ctElements(
      { study, series: `${study}.1`, instance },
      ...pixelElements({ rows: 64, columns: 64, pixelData: noise }),
    ),
  });
}

async function configure(api: string, [one, other, cloud]: readonly string[], folder: string): Promise<void> {
  const before = await fetch(`${api}/config`);
  const retries = { attempts: 1000, firstDelaySeconds: 0.5, maxDelaySeconds: 2 };
  const common = { enabled: true, expression: '', unit: 'series', upload: {}, retries, confirm: true };
  const stowTo = (url: string) => ({ kind: 'stow', url, auth: { kind: 'none' } });
  const answer = await fetch(`${api}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': before.headers.get('etag') ?? '' },
    body: JSON.stringify({
      api: [{ name: 'cloud', url: cloud, source: 'chaos', threads: 3, computePer: 'series' }],
      filter: { expression: "Modality == 'CT'" },
      upload: {
        batchSize: 16,
        deidentify: { profile: 'none', alsoRemove: [], keep: [] },
        quietSeconds: 1,
        schedule: [],
      },
      publishers: [
        { ...common, name: 'stow', destination: stowTo(one!) },
        { ...common, name: 'other-stow', destination: stowTo(other!) },
        { ...common, name: 'cloud', destination: { kind: 'api', endpoint: 'cloud' } },
        { ...common, name: 'folder', destination: { kind: 'folder', path: folder } },
      ],
    }),
  });
  if (!answer.ok) throw new Error(`the configuration was refused: ${await answer.text()}`);
}

/** Each in its own time; the folder goes away and comes back, as shares do. */
async function misbehave(
  receivers: Awaited<ReturnType<typeof startMisbehavingReceiver>>[],
  folder: string,
  mostMs: number,
  signal: AbortSignal,
): Promise<void> {
  const away = `${folder}.away`;
  const pause = () => delay(randomInt(100, mostMs), undefined, { signal }).catch(() => {});
  await Promise.all([
    ...receivers.map(async (receiver) => {
      while (!signal.aborted) {
        receiver.behave(allManners[randomInt(allManners.length)]!);
        await pause();
      }
    }),
    (async () => {
      while (!signal.aborted) {
        await pause();
        renameSync(folder, away);
        await pause();
        renameSync(away, folder);
      }
    })(),
  ]);
}

/** Again and again until it is acknowledged, as a modality does. */
async function storeAll(files: readonly Buffer[], server: () => SpawnedServer, mostMs: number): Promise<void> {
  for (let at = 0; at < files.length; at += 20) {
    for (;;) {
      try {
        const answer = await stow(server().web, files.slice(at, at + 20));
        await answer.arrayBuffer();
        if (answer.status === 200) break;
      } catch {
        await delay(100);
      }
    }
    await delay(randomInt(Math.ceil(mostMs / 20)));
  }
}

async function settled(
  api: () => string,
  graphs: number,
  report: (line: string) => void,
): Promise<Record<string, number>> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const [all, initial, failed] = await Promise.all(
      ['', '&status=INITIAL', '&status=FAILED'].map(async (status) => {
        const answer = await fetch(`${api()}/graphs?limit=1${status}`);
        return ((await answer.json()) as { total: number }).total;
      }),
    );
    if (all === graphs && initial === 0) return { SUCCESS: all - failed!, FAILED: failed! };
    if (Date.now() > deadline)
      throw new Error(`after ${settleMs} ms there are ${all} graphs, ${initial} not at their end`);
    report(`${all} graphs, ${initial} of them under way`);
    await delay(1_000);
  }
}

async function failures(api: string): Promise<string[]> {
  const answer = await fetch(`${api}/graphs?status=FAILED&limit=100`);
  const { items } = (await answer.json()) as { items: { publisher: string; failure?: string }[] };
  return items.map(({ publisher, failure }) => `${publisher}: ${failure}`);
}

function compare(
  where: string,
  there: ReadonlyMap<string, string>,
  sent: ReadonlyMap<string, string>,
  losses: string[],
): void {
  for (const [uid, hash] of sent) {
    if (!there.has(uid)) losses.push(`${where}: ${uid} is not there`);
    else if (there.get(uid) !== hash) losses.push(`${where}: ${uid} is not what was sent`);
  }
  for (const uid of there.keys()) if (!sent.has(uid)) losses.push(`${where}: ${uid} was never sent`);
}

function filesBelow(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.dcm') || name.includes('.incoming')) continue;
    const uid = name.split('/').at(-1)!.slice(0, -'.dcm'.length);
    if (found.has(uid)) found.set(uid, 'twice');
    else found.set(uid, sha256(readFileSync(join(folder, name))));
  }
  return found;
}

async function compareLedger(api: string, sent: ReadonlyMap<string, string>, losses: string[]): Promise<void> {
  const studies = new Set([...sent.keys()].map((uid) => uid.split('.').slice(0, 3).join('.')));
  for (const study of studies) {
    const answer = await fetch(`${api}/deliveries?study=${study}&limit=1000`);
    const { publishers: of, items } = (await answer.json()) as {
      publishers: { publisher: string; complete: boolean }[];
      items: { publisher: string; sopInstanceUid: string; sent: { sha256: string } }[];
    };
    for (const { publisher, complete } of of)
      if (!complete) losses.push(`ledger: ${study} is not complete at ${publisher}`);
    for (const { publisher, sopInstanceUid, sent: left } of items) {
      if (left.sha256 !== sent.get(sopInstanceUid))
        losses.push(`ledger: ${publisher} ${sopInstanceUid} is not what was sent`);
    }
    const expected = publishers.length * [...sent.keys()].filter((uid) => uid.startsWith(`${study}.`)).length;
    if (items.length !== expected) losses.push(`ledger: ${study} has ${items.length} rows, not ${expected}`);
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  const tally = await publishChaos({
    instances: Number(process.argv[2] ?? 2000),
    kills: Number(process.argv[3] ?? 20),
    perSeries: 50,
    mostMs: 4_000,
    report: (line) => console.log(line),
  });
  console.log(JSON.stringify(tally));
  process.exitCode = tally.losses.length === 0 ? 0 : 1;
}
