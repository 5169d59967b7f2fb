import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildPart10, ctElements, pixelElements } from './dicom-builder.ts';
import { dataSetOf } from './dimse-server.ts';
import {
  allDicomManners,
  type MisbehavingDicomReceiver,
  startMisbehavingDicomReceiver,
} from './misbehaving-dicom-receiver.ts';
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
  /** The part of the N-EVENT-REPORTs that were dropped that never comes: each is waited for for two minutes. */
  readonly reportsNeverTold: number;
  readonly report?: (line: string) => void;
}

export interface ChaosTally {
  readonly instances: number;
  readonly kills: number;
  readonly seconds: number;
  readonly graphs: Record<string, number>;
  /** Graphs that had failed because the archive made nothing of an instance, and were done again when it had come to its senses. */
  readonly doneAgain: number;
  /** Files that the receiver of STOW-RS said it had stored and did not. */
  readonly lies: number;
  /** How often the archive did what. */
  readonly archive: Record<string, number>;
  /** Files that a receiver got more than once: each was kept once. */
  readonly again: Record<string, number>;
  /** What must never be. */
  readonly losses: string[];
}

const publishers = ['stow', 'cloud', 'archive', 'folder'];
/** What the manners of receivers may last in all, once everything has been stored and the kills are over. */
const settleMs = 600_000;

/**
 * Stores instances while the server is killed again and again, and while the four places to which they go (STOW-RS, an API
 * of forms, an archive by C-STORE that is asked for storage commitment, a folder) refuse, hang, answer 500 or 0xA700, cut
 * connections, say yes and mean no, and come back. Then everything behaves. What has failed by then is what the archive
 * could not understand: that is done again; and everything has to be everywhere, once, and promised by the archive.
 */
export async function publishChaos(options: ChaosOptions): Promise<ChaosTally> {
  const { instances, kills, perSeries, mostMs, report = () => {} } = options;
  build();
  const dir = mkdtempSync(join(tmpdir(), 'causeway-chaos-'));
  const folder = join(dir, 'out');
  mkdirSync(folder);
  const startedAt = Date.now();
  let server: SpawnedServer = await spawnServer(join(dir, 'data'));
  const receivers = await Promise.all([0, 1].map(() => startMisbehavingReceiver()));
  const archive = await startMisbehavingDicomReceiver({
    aeTitle: 'ARCHIVE',
    reportTo: () => ({ aeTitle: 'CAUSEWAY', port: server.dimsePort }),
    neverTold: options.reportsNeverTold,
  });
  const everyone = [...receivers, archive];
  const api = () => `${new URL(server.web).origin}/api`;
  const losses: string[] = [];
  const moods = new AbortController();
  try {
    await configure(
      api(),
      receivers.map(({ url }) => url),
      archive.port,
      folder,
    );
    const files = new Map<string, Buffer>();
    for (let n = 0; n < instances; n++) {
      const study = `2.25.77${Math.floor(n / perSeries)}`;
      const instance = `${study}.1.${(n % perSeries) + 1}`;
      files.set(instance, fileOf(study, instance));
    }
    const moody = misbehave(receivers, archive, folder, mostMs, moods.signal);
    // There is something to send for as long as the server is killed: about twice `mostMs` lie between two kills.
    const batches = Math.ceil(files.size / storedAtOnce);
    const storing = storeAll([...files.values()], () => server, (4 * mostMs * kills) / batches);
    for (let killed = 1; killed <= kills; killed++) {
      await delay(randomInt(mostMs, 3 * mostMs));
      await server.kill(killed % 2 === 0 ? 'process' : 'process and postgres');
      server = await spawnServer(join(dir, 'data'));
      report(`killed ${killed} times; kept: ${everyone.map(({ kept }) => kept.size).join(', ')}`);
    }
    await storing;
    moods.abort();
    await moody;
    for (const receiver of everyone) receiver.behave('well');
    await settled(api, files, report);
    const doneAgain = await doAgainWhatBaffled(api(), archive, losses);
    const graphs = await settled(api, files, report);
    for (const { publisher, failure } of await failures(api())) losses.push(`${publisher} has failed: ${failure}`);

    const hashes = new Map([...files].map(([uid, file]) => [uid, sha256(file)]));
    const dataSets = new Map([...files].map(([uid, file]) => [uid, sha256(dataSetOf(file))]));
    const again: Record<string, number> = {};
    for (const [at, { kept, altered }] of everyone.entries()) {
      const name = publishers[at]!;
      const there = new Map([...kept].map(([uid, one]) => [uid, one.sha256]));
      compare(name, there, name === 'archive' ? dataSets : hashes, losses);
      for (const uid of altered) losses.push(`${name}: ${uid} came with other content`);
      again[name] = [...kept.values()].filter(({ times }) => times > 1).length;
    }
    compare('folder', filesBelow(folder), hashes, losses);
    await compareLedger(api(), hashes, archive, losses);
    const seconds = (Date.now() - startedAt) / 1000;
    const { lies } = receivers[0]!;
    return { instances, kills, seconds, graphs, doneAgain, lies, archive: archive.deeds, again, losses };
  } finally {
    moods.abort();
    await server.stop();
    await Promise.all(everyone.map((receiver) => receiver.close()));
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

async function configure(
  api: string,
  [stowUrl, cloud]: readonly string[],
  archivePort: number,
  folder: string,
): Promise<void> {
  const known = await fetch(`${api}/peers/ARCHIVE`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ host: '127.0.0.1', port: archivePort }),
  });
  if (!known.ok) throw new Error(`the peer was refused: ${await known.text()}`);
  const before = await fetch(`${api}/config`);
  const retries = { attempts: 1000, firstDelaySeconds: 0.5, maxDelaySeconds: 2 };
  const common = { enabled: true, expression: '', unit: 'series', upload: {}, retries, confirm: true };
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
        { ...common, name: 'stow', destination: { kind: 'stow', url: stowUrl, auth: { kind: 'none' } } },
        { ...common, name: 'cloud', destination: { kind: 'api', endpoint: 'cloud' } },
        { ...common, name: 'archive', destination: { kind: 'dimse', peer: 'ARCHIVE', commitment: true } },
        { ...common, name: 'folder', destination: { kind: 'folder', path: folder } },
      ],
    }),
  });
  if (!answer.ok) throw new Error(`the configuration was refused: ${await answer.text()}`);
}

/** Each in its own time; the folder goes away and comes back, as shares do. */
async function misbehave(
  receivers: Awaited<ReturnType<typeof startMisbehavingReceiver>>[],
  archive: MisbehavingDicomReceiver,
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
        archive.behave(allDicomManners[randomInt(allDicomManners.length)]!);
        await pause();
      }
    })(),
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

function studyOf(uid: string): string {
  return uid.split('.').slice(0, 3).join('.');
}

const storedAtOnce = 20;

/** Again and again until it is acknowledged, as a modality does. @param mostMs between two batches */
async function storeAll(files: readonly Buffer[], server: () => SpawnedServer, mostMs: number): Promise<void> {
  for (let at = 0; at < files.length; at += storedAtOnce) {
    if (at > 0) await delay(randomInt(Math.ceil(mostMs)));
    for (;;) {
      try {
        const answer = await stow(server().web, files.slice(at, at + storedAtOnce));
        await answer.arrayBuffer();
        if (answer.status === 200) break;
      } catch {
        await delay(100);
      }
    }
  }
}

/** All graphs have ended; and none is to come of what arrived when a graph of its series was there already. */
async function settled(
  api: () => string,
  files: ReadonlyMap<string, Buffer>,
  report: (line: string) => void,
): Promise<Record<string, number>> {
  const studies = new Set([...files.keys()].map(studyOf));
  const graphs = publishers.length * studies.size;
  const deadline = Date.now() + settleMs;
  for (;;) {
    const [all, initial, failed] = await Promise.all(
      ['', '&status=INITIAL', '&status=FAILED'].map(async (status) => {
        const answer = await fetch(`${api()}/graphs?limit=1${status}`);
        return ((await answer.json()) as { total: number }).total;
      }),
    );
    if (all === graphs && initial === 0) {
      const told = await Promise.all(
        [...studies].map(async (study) => (await deliveriesOf(api(), study)).items.length),
      );
      const rows = told.reduce((sum, items) => sum + items, 0);
      if (rows === publishers.length * files.size) return { SUCCESS: all - failed!, FAILED: failed! };
    }
    if (Date.now() > deadline)
      throw new Error(`after ${settleMs} ms there are ${all} graphs, ${initial} not at their end`);
    report(`${all} graphs, ${initial} of them under way`);
    await delay(200);
  }
}

interface FailedGraph {
  readonly id: string;
  readonly publisher: string;
  readonly studyInstanceUid: string;
  readonly failure?: string;
}

async function failures(api: string): Promise<readonly FailedGraph[]> {
  const answer = await fetch(`${api}/graphs?status=FAILED&limit=1000`);
  return ((await answer.json()) as { items: FailedGraph[] }).items;
}

/** Who makes nothing of an instance is not sent it again, until somebody says so. Nothing else may have failed for good. */
async function doAgainWhatBaffled(api: string, archive: MisbehavingDicomReceiver, losses: string[]): Promise<number> {
  const failed = await failures(api);
  for (const { id, publisher, studyInstanceUid, failure } of failed) {
    if (publisher !== 'archive' || !failure?.includes('(C000)')) {
      losses.push(`${publisher} had failed: ${failure}`);
      continue;
    }
    const { items } = await deliveriesOf(api, studyInstanceUid);
    const refused = items.filter(({ status }) => status === 'refused');
    // What it once said yes to, and meant no, stays accepted in the ledger, and unconfirmed.
    const isBaffled = ({ publisher: to, sopInstanceUid, confirmedAt }: Deliveries['items'][number]) =>
      to === publisher && confirmedAt === undefined && archive.baffledBy.has(sopInstanceUid);
    if (!items.some(isBaffled)) losses.push(`${publisher} had failed, and nothing was refused: ${failure}`);
    for (const { sopInstanceUid, answer } of refused) {
      if (!archive.baffledBy.has(sopInstanceUid) || !answer.includes('(C000)'))
        losses.push(`${publisher}: it was not said of ${sopInstanceUid}: ${answer}`);
    }
    const answer = await fetch(`${api}/graphs/${id}/retry`, { method: 'POST' });
    if (!answer.ok) losses.push(`${publisher} cannot be done again: ${await answer.text()}`);
  }
  return failed.length;
}

interface Deliveries {
  readonly publishers: readonly { readonly publisher: string; readonly complete: boolean }[];
  readonly items: readonly {
    readonly publisher: string;
    readonly sopInstanceUid: string;
    readonly status: 'accepted' | 'refused';
    readonly answer: string;
    readonly sent: { readonly sha256: string };
    readonly confirmedAt?: string;
  }[];
}

async function deliveriesOf(api: string, study: string): Promise<Deliveries> {
  const answer = await fetch(`${api}/deliveries?study=${study}&limit=1000`);
  return (await answer.json()) as Deliveries;
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

async function compareLedger(
  api: string,
  sent: ReadonlyMap<string, string>,
  archive: MisbehavingDicomReceiver,
  losses: string[],
): Promise<void> {
  const studies = new Set([...sent.keys()].map(studyOf));
  for (const study of studies) {
    const { publishers: of, items } = await deliveriesOf(api, study);
    for (const { publisher, complete } of of)
      if (!complete) losses.push(`ledger: ${study} is not complete at ${publisher}`);
    for (const { publisher, sopInstanceUid, status, sent: left, confirmedAt } of items) {
      const row = `ledger: ${publisher} ${sopInstanceUid}`;
      if (status !== 'accepted') losses.push(`${row} is ${status}`);
      if (left.sha256 !== sent.get(sopInstanceUid)) losses.push(`${row} is not what was sent`);
      if (publisher !== 'archive') continue;
      if (confirmedAt === undefined) losses.push(`${row} is not confirmed`);
      if (!archive.committed.has(sopInstanceUid)) losses.push(`${row} was never promised`);
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
    reportsNeverTold: 0.1,
    report: (line) => console.log(line),
  });
  console.log(JSON.stringify(tally));
  process.exitCode = tally.losses.length === 0 ? 0 : 1;
}
