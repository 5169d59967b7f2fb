import { createHash, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPart10, ctElements, pixelElements } from './dicom-builder.ts';
import { associateRaw, storeRq } from './dimse-raw-client.ts';
import { dataSetOf } from './dimse-server.ts';
import { splitMultipart, stow } from './multipart-bodies.ts';
import { build, type SpawnedServer, spawnServer } from './spawned-server.ts';

export interface KillTally {
  rounds: number;
  /** Instances that were answered 0000 or 200. */
  acknowledged: number;
  /** Instances that the index shows, acknowledged or not. */
  shown: number;
  /** What must never be: acknowledged and not there, or there and not what was sent. */
  readonly losses: string[];
}

const associations = 4;
const pixels = { rows: 192, columns: 192 };

/** The same file for the same UIDs, so that what comes back can be compared with what must have been sent. */
function fileOf(study: string, instance: string): Buffer {
  const noise = Buffer.alloc(pixels.rows * pixels.columns * 2, createHash('sha512').update(instance).digest());
  return buildPart10({
    elements: ctElements({ study, series: `${study}.1`, instance }, ...pixelElements({ ...pixels, pixelData: noise })),
  });
}

/**
 * Stores over four associations and by STOW-RS, kills the server (every other time with its Postgres) at a random
 * moment, starts it again, and looks whether what was acknowledged is there and what is there is whole.
 */
export async function killRounds(rounds: number, report: (line: string) => void = () => {}): Promise<KillTally> {
  build();
  const dir = mkdtempSync(join(tmpdir(), 'causeway-kill-'));
  const tally: KillTally = { rounds: 0, acknowledged: 0, shown: 0, losses: [] };
  try {
    let server = await spawnServer(dir);
    for (let round = 1; round <= rounds; round++) {
      const study = `2.25.${5252_000_000 + round}`;
      const acknowledged = await storeUntilKilled(server, study, round);
      tally.acknowledged += acknowledged.size;
      server = await spawnServer(dir);
      await check(server, study, acknowledged, tally);
      tally.rounds = round;
      report(`${round}: ${acknowledged.size} acknowledged, losses so far: ${tally.losses.length}`);
    }
    await server.stop();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return tally;
}

async function storeUntilKilled(server: SpawnedServer, study: string, round: number): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  const killAfter = randomInt(1, 80);
  let killed: Promise<void> | undefined;
  const acknowledge = (instance: string): void => {
    // What is answered after the kill was answered by nobody: the socket may still deliver what was sent before.
    acknowledged.add(instance);
    if (acknowledged.size >= killAfter) {
      killed ??= server.kill(round % 2 === 0 ? 'process' : 'process and postgres');
    }
  };

  async function byCStore(sender: number): Promise<void> {
    const client = await associateRaw(server.dimsePort, { maxPduBytes: 0 });
    for (let at = 1; ; at++) {
      const instance = `${study}.1.${sender}.${at}`;
      client.send(storeRq(dataSetOf(fileOf(study, instance)), { messageId: at, sopInstanceUid: instance }));
      const { status } = await client.nextCommand();
      if (status !== 0) throw new Error(`C-STORE answered ${status?.toString(16)}`);
      acknowledge(instance);
    }
  }

  async function byStow(): Promise<void> {
    for (let at = 1; ; at++) {
      const instances = [0, 1, 2].map((one) => `${study}.2.${at}.${one}`);
      const answer = await stow(
        server.web,
        instances.map((instance) => fileOf(study, instance)),
      );
      if (answer.status !== 200) throw new Error(`STOW-RS answered ${answer.status}`);
      for (const instance of instances) acknowledge(instance);
    }
  }

  // Each sender ends when the server is gone under it.
  const senders = [...Array.from({ length: associations }, (_, at) => byCStore(at + 1)), byStow()];
  const results = await Promise.allSettled(senders);
  if (killed === undefined)
    throw new Error(`The senders ended before the kill: ${JSON.stringify(results.map(String))}`);
  await killed;
  return acknowledged;
}

async function check(server: SpawnedServer, study: string, acknowledged: Set<string>, tally: KillTally): Promise<void> {
  const shown = new Set<string>();
  for (let offset = 0; ; offset += 1000) {
    const answer = await fetch(`${server.web}/studies/${study}/instances?limit=1000&offset=${offset}`);
    const matches = (await answer.json()) as Record<string, { Value?: string[] }>[];
    for (const match of matches) shown.add(match['00080018']?.Value?.[0] ?? '');
    if (matches.length < 1000) break;
  }
  tally.shown += shown.size;
  for (const instance of acknowledged) {
    if (!shown.has(instance)) tally.losses.push(`${instance}: acknowledged, not found`);
  }
  for (const instance of shown) {
    const answer = await fetch(`${server.web}/studies/${study}/series/${study}.1/instances/${instance}`, {
      headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    });
    const body = Buffer.from(await answer.arrayBuffer());
    const [part] = answer.ok ? splitMultipart(body, answer.headers.get('content-type') ?? '') : [];
    if (part === undefined || !dataSetOf(part.body).equals(dataSetOf(fileOf(study, instance)))) {
      tally.losses.push(`${instance}: shown, not whole (${answer.status})`);
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const tally = await killRounds(Number(process.argv[2] ?? 300), (line) => console.log(line));
  console.log(JSON.stringify(tally));
  process.exitCode = tally.losses.length === 0 ? 0 : 1;
}
