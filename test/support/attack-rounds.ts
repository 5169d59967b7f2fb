import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Attack, attacks } from './attacks.ts';
import { buildPart10, ctElements, pixelElements } from './dicom-builder.ts';
import {
  associateRaw,
  associateRq,
  connectRaw,
  echoRq,
  type RawClient,
  releaseRq,
  storeRq,
} from './dimse-raw-client.ts';
import { dataSetOf } from './dimse-server.ts';
import { createRandom } from './random.ts';
import { build, spawnServer } from './spawned-server.ts';

export interface AttackTally {
  rounds: number;
  /** Last PDU that came back, by type, or `nothing`. */
  readonly lastAnswers: Record<string, number>;
  /** What must never be, with what repeats it. */
  readonly violations: string[];
}

export interface AttackOptions {
  readonly port: number;
  readonly rounds: number;
  readonly seed: number;
  readonly atATime: number;
  report?(line: string): void;
}

/** Longer than it may ever take until the server has closed the connection of a peer that has ended its side. */
const patienceMs = 10_000;

const pduNames: Readonly<Record<number, string>> = {
  2: 'accepted',
  3: 'rejected',
  4: 'answered',
  6: 'released',
  7: 'aborted',
};

/** Attacks the port, every round with another attack. The same seed attacks in the same way. */
export async function attackRounds({ port, rounds, seed, atATime, report }: AttackOptions): Promise<AttackTally> {
  const tally: AttackTally = { rounds: 0, lastAnswers: {}, violations: [] };
  const names = Object.keys(attacks);
  let next = 0;
  async function attackOn(): Promise<void> {
    while (next < rounds) {
      const round = next++;
      const name = names[round % names.length]!;
      const types = await carryOut(port, attacks[name]!(createRandom(seed + round)), round);
      const last = pduNames[types.at(-1) ?? 0] ?? 'nothing';
      tally.lastAnswers[last] = (tally.lastAnswers[last] ?? 0) + 1;
      const wrong = whatIsWrong(types);
      if (wrong !== undefined) tally.violations.push(`round ${round} of seed ${seed}, ${name}: ${wrong}`);
      tally.rounds += 1;
      if (tally.rounds % 5_000 === 0)
        report?.(`${tally.rounds} attacks, violations so far: ${tally.violations.length}`);
    }
  }
  await Promise.all(Array.from({ length: atATime }, attackOn));
  return tally;
}

/** @returns the types of the PDUs that came back, -1 for bytes that are none, -2 if the connection was not closed */
function carryOut(port: number, { sends, ending }: Attack, round: number): Promise<number[]> {
  return new Promise((resolve) => {
    // Addresses of their own: one has no more ports than 28,000, and each is in use for a minute after it was closed.
    const localAddress = `127.${1 + (round % 100)}.${1 + (Math.floor(round / 100) % 100)}.2`;
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    const types: number[] = [];
    let rest = Buffer.alloc(0);
    const timer = setTimeout(() => {
      types.push(-2);
      socket.destroy();
    }, patienceMs);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      if (rest.length > 0 && ending === 'close') types.push(-1);
      resolve(types);
    });
    if (ending !== 'deaf') {
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 6 && rest.length >= 6 + rest.readUInt32BE(2)) {
          types.push(rest.readUInt8(0));
          rest = rest.subarray(6 + rest.readUInt32BE(2));
        }
      });
    }
    socket.on('connect', () => {
      void sendAll(socket, sends).then(() => {
        if (ending === 'close') socket.end();
        else socket.resetAndDestroy();
      });
    });
  });
}

async function sendAll(socket: Socket, sends: readonly Buffer[]): Promise<void> {
  for (const bytes of sends) {
    if (socket.writable) socket.write(bytes);
    await new Promise((resume) => setImmediate(resume));
  }
}

/** An acceptor sends acceptance, rejection, messages, release and abort, and nothing behind the last three of them. */
function whatIsWrong(types: readonly number[]): string | undefined {
  if (types.includes(-2))
    return `the connection was still open ${patienceMs / 1000} s after the peer had ended its side`;
  if (types.some((type) => !(type in pduNames))) return `these PDUs came back: ${types.join(', ')}`;
  if (types.slice(0, -1).some((type) => [3, 6, 7].includes(type)))
    return `something came behind the end: ${types.join(', ')}`;
  if (types.slice(1).includes(2)) return `an association was accepted twice: ${types.join(', ')}`;
  return undefined;
}

/** Associations that say nothing, connections that say nothing, and peers that send a byte now and then. */
export async function holdIdle(port: number, counts: { associations: number; connections: number; slow: number }) {
  const held: RawClient[] = [];
  const options = { localAddress: '127.0.0.3' };
  for (let at = 0; at < counts.associations; at += 1) {
    const client = await connectRaw(port, options);
    client.send(associateRq());
    held.push(client);
  }
  for (let at = 0; at < counts.connections; at += 1) held.push(await connectRaw(port, options));
  const slow = await Promise.all(Array.from({ length: counts.slow }, () => connectRaw(port, options)));
  const request = associateRq();
  let sent = 0;
  const trickle = setInterval(() => {
    for (const { socket } of slow) if (socket.writable) socket.write(request.subarray(sent, sent + 1));
    sent = (sent + 1) % request.length;
  }, 500);
  return () => {
    clearInterval(trickle);
    for (const client of [...held, ...slow]) client.destroy();
  };
}

export interface HonestTraffic {
  /** Milliseconds of an association with a C-ECHO and a C-STORE of a small CT, ascending. */
  readonly times: number[];
  readonly failures: string[];
}

/** One honest association after the other until it is told to stop. */
export async function honestTraffic(
  port: number,
  study: string,
  isOver: (done: number) => boolean,
): Promise<HonestTraffic> {
  const times: number[] = [];
  const failures: string[] = [];
  for (let at = 1; !isOver(at - 1); at += 1) {
    const sopInstanceUid = `${study}.1.${at}`;
    const elements = ctElements(
      { study, series: `${study}.1`, instance: sopInstanceUid },
      ...pixelElements({ rows: 64, columns: 64, pixelData: Buffer.alloc(8_192, at) }),
    );
    const dataSet = dataSetOf(buildPart10({ elements }));
    const startedAt = performance.now();
    try {
      const client = await associateRaw(port);
      client.send(echoRq());
      const echoed = await client.nextCommand();
      client.send(storeRq(dataSet, { messageId: 2, sopInstanceUid }));
      const stored = await client.nextCommand();
      client.send(releaseRq);
      await client.nextPdu();
      client.destroy();
      if (echoed.status !== 0 || stored.status !== 0)
        failures.push(`${echoed.status}, ${stored.status}: ${stored.errorComment}`);
      times.push(performance.now() - startedAt);
    } catch (thrown) {
      failures.push(String(thrown));
    }
    await pause(10);
  }
  return { times: times.sort((a, b) => a - b), failures };
}

const share = (sorted: readonly number[], part: number): number =>
  Math.round((sorted[Math.floor(sorted.length * part)] ?? 0) * 10) / 10;
const inWords = ({ times, failures }: HonestTraffic): string =>
  `${times.length} honest associations, median ${share(times, 0.5)} ms, 95 % within ${share(times, 0.95)} ms, failures: ${failures.length}`;

function processFacts(pid: number): { rssMb: number; descriptors: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    rssMb: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

async function longForm(rounds: number, seed: number): Promise<boolean> {
  build();
  const dir = mkdtempSync(join(tmpdir(), 'causeway-attacks-'));
  const server = await spawnServer(dir, { CAUSEWAY_LOG_LEVEL: 'error', CAUSEWAY_QUERY_ACCESS: 'anyone' });
  const facts = () => processFacts(server.pid);
  const port = server.dimsePort;
  try {
    await honestTraffic(port, '2.25.1', (done) => done >= 200);
    await attackRounds({ port, rounds: 2_000, seed: seed + rounds, atATime: 4 });
    const before = await honestTraffic(port, '2.25.2', (done) => done >= 300);
    console.log(`before: ${inWords(before)}; ${JSON.stringify(facts())}`);

    const release = await holdIdle(port, { associations: 1_500, connections: 1_500, slow: 50 });
    const idle = await honestTraffic(port, '2.25.3', (done) => done >= 300);
    console.log(`beside 3,050 idle and slow connections: ${inWords(idle)}; ${JSON.stringify(facts())}`);
    let tally: AttackTally | undefined;
    const attacker: ChildProcess = fork(import.meta.filename, ['attack', String(port), String(rounds), String(seed)]);
    attacker.on('message', (message: AttackTally) => {
      tally = message;
    });
    const exited = new Promise<void>((resolve) => attacker.once('exit', () => resolve()));
    let over = false;
    void exited.then(() => {
      over = true;
    });
    let mostRssMb = 0;
    const sampling = setInterval(() => {
      mostRssMb = Math.max(mostRssMb, facts().rssMb);
    }, 500);
    const startedAt = performance.now();
    const beside = await honestTraffic(port, '2.25.4', () => over);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    clearInterval(sampling);
    console.log(`beside the attacks: ${inWords(beside)}; ${seconds} s, most ${mostRssMb} MB`);
    release();
    console.log(JSON.stringify(tally));

    await pause(10_000);
    const after = await honestTraffic(port, '2.25.5', (done) => done >= 300);
    const staged = readdirSync(join(dir, 'blobs/incoming'));
    console.log(`after: ${inWords(after)}; ${JSON.stringify(facts())}; files in staging: ${staged.length}`);
    const open = /causeway_associations_open (\d+)/.exec(await (await fetch(new URL('/metrics', server.web))).text());
    console.log(
      `associations open: ${open?.[1]}; lines at ERROR: ${
        server
          .output()
          .split('\n')
          .filter((line) => line.includes('"error"')).length
      }`,
    );
    console.log(
      server
        .output()
        .split('\n')
        .filter((line) => line.includes('"error"'))
        .slice(0, 5)
        .join('\n'),
    );
    const failures = [...before.failures, ...idle.failures, ...beside.failures, ...after.failures];
    console.log([...new Set(failures)].slice(0, 10).join('\n'));
    return tally?.violations.length === 0 && failures.length === 0;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv[2] === 'attack') {
    const [port, rounds, seed] = process.argv.slice(3).map(Number);
    const report = (line: string) => console.log(line);
    // On a machine of its own it would not take the processor from those whom it attacks.
    setPriority(10);
    process.send?.(await attackRounds({ port: port!, rounds: rounds!, seed: seed!, atATime: 2, report }));
    process.disconnect();
  } else {
    process.exitCode = (await longForm(Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1))) ? 0 : 1;
  }
}
