import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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
export async function attackRounds({ port, rounds, seed, atATime }: AttackOptions): Promise<AttackTally> {
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

/** One honest association after the other, with a pause between them, until it is told to stop. */
export async function honestTraffic(
  port: number,
  study: string,
  isOver: (done: number) => boolean,
  { pauseMs = 10, series = `${study}.1` } = {},
): Promise<HonestTraffic> {
  const times: number[] = [];
  const failures: string[] = [];
  for (let at = 1; !isOver(at - 1); at += 1) {
    const sopInstanceUid = `${series}.${at}`;
    const elements = ctElements(
      { study, series, instance: sopInstanceUid },
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
    await pause(pauseMs);
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
    descriptors: readdirSync(`/proc/${pid}/fd`).filter((fd) => !isFolder(`/proc/${pid}/fd/${fd}`)).length,
  };
}

/** The store keeps some folders open, for as long as instances of their studies may follow. */
function isFolder(descriptor: string): boolean {
  return statSync(descriptor, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** So many callers, or attackers, go on without a pause beside the honest traffic that is measured. */
const callersBeside = 2;

/** What the process beside is told to do; it answers the first with a tally, the second with nothing, the third with how many. */
type Order = { readonly attack: number; readonly seed: number } | 'call' | 'rest';

/** Another process, so that neither attackers nor callers take the loop of those who are measured. */
interface Beside {
  attack(rounds: number, seed: number): Promise<AttackTally>;
  /** Calls, honestly, until told to rest. */
  call(): void;
  /** @returns the calls */
  rest(): Promise<number>;
  end(): void;
}

async function startBeside(port: number): Promise<Beside> {
  const child: ChildProcess = fork(import.meta.filename, ['beside', String(port)]);
  const heard = <Result>(): Promise<Result> =>
    new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('The process beside is gone.'));
      child.once('exit', gone);
      child.once('message', (message) => {
        child.off('exit', gone);
        resolve(message as Result);
      });
    });
  const order = (what: Order): void => void child.send(what);
  await heard();
  return {
    attack(attack, seed) {
      order({ attack, seed });
      return heard();
    },
    call: () => order('call'),
    rest() {
      order('rest');
      return heard();
    },
    end: () => child.disconnect(),
  };
}

function standBeside(port: number): void {
  // On a machine of its own it would not take the processor from those whom it attacks.
  setPriority(10);
  let isOver = false;
  let calling: Promise<HonestTraffic[]> | undefined;
  let calls = 0;
  process.on('message', (order: Order) => {
    if (order === 'call') {
      isOver = false;
      calls += 1;
      const callers = Array.from({ length: callersBeside }, (_, at) => {
        const study = `2.25.8.${at}`;
        return honestTraffic(port, study, () => isOver, { pauseMs: 0, series: `${study}.${calls}` });
      });
      calling = Promise.all(callers);
    } else if (order === 'rest') {
      isOver = true;
      void calling?.then((callers) => process.send?.(callers.reduce((sum, { times }) => sum + times.length, 0)));
    } else {
      const { attack: rounds, seed } = order;
      void attackRounds({ port, rounds, seed, atATime: callersBeside }).then((tally) => process.send?.(tally));
    }
  });
  process.send?.('ready');
}

/**
 * Opens one idle association from each of more addresses than there are places, and calls as people's modalities do: again
 * and again until it is let in.
 * @returns how long that took, in milliseconds
 */
async function waitAmongSpreadIdle(port: number, addresses: number): Promise<number> {
  const idle: RawClient[] = [];
  for (let at = 0; at < addresses; at += 1) {
    const client = await connectRaw(port, { localAddress: `127.200.${1 + Math.floor(at / 200)}.${1 + (at % 200)}` });
    client.send(associateRq());
    idle.push(client);
  }
  const startedAt = performance.now();
  for (;;) {
    const { failures } = await honestTraffic(port, '2.25.6', (done) => done >= 1);
    if (failures.length === 0) break;
    await pause(250);
  }
  for (const client of idle) client.destroy();
  return Math.round(performance.now() - startedAt);
}

/** Attacks between two measurements of what is normal: a machine that is shared is thrice as slow in one minute as in the next. */
const roundsOfPart = 5_000;

interface Compared {
  readonly normal: HonestTraffic;
  readonly attacked: HonestTraffic;
}

/** How many times the normal, in the median of the parts; and of all parts put together. */
function timesOfNormal(parts: readonly Compared[], quantile: number): { ofParts: number; ofAll: number } {
  const ratios = parts.map(({ normal, attacked }) => share(attacked.times, quantile) / share(normal.times, quantile));
  const all = (which: keyof Compared) => parts.flatMap((part) => part[which].times).sort((a, b) => a - b);
  return {
    ofParts: ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)]!,
    ofAll: share(all('attacked'), quantile) / share(all('normal'), quantile),
  };
}

function added(one: AttackTally, other: AttackTally): AttackTally {
  const lastAnswers = { ...one.lastAnswers };
  for (const [name, count] of Object.entries(other.lastAnswers)) lastAnswers[name] = (lastAnswers[name] ?? 0) + count;
  return { rounds: one.rounds + other.rounds, lastAnswers, violations: [...one.violations, ...other.violations] };
}

/**
 * The attacker's table. Normal is what honest traffic takes beside as many honest callers as there will be attackers: who
 * calls on two cores takes them from those who are measured, whatever it is that is said.
 * @returns whether every line of it is as it should be
 */
async function longForm(rounds: number, seed: number): Promise<boolean> {
  build();
  const dir = mkdtempSync(join(tmpdir(), 'causeway-attacks-'));
  const server = await spawnServer(dir, { CAUSEWAY_LOG_LEVEL: 'error', CAUSEWAY_QUERY_ACCESS: 'anyone' });
  const facts = () => processFacts(server.pid);
  const port = server.dimsePort;
  const beside = await startBeside(port);
  const wrong: string[] = [];
  const demand = (isSo: boolean, otherwise: string): void => {
    if (!isSo) wrong.push(otherwise);
  };
  try {
    await honestTraffic(port, '2.25.1', (done) => done >= 200);
    await attackRounds({ port, rounds: 2_000, seed: seed + rounds, atATime: 4 });
    const alone = await honestTraffic(port, '2.25.2', (done) => done >= 300);
    const before = facts();
    console.log(`alone: ${inWords(alone)}; ${JSON.stringify(before)}`);

    const waited = await waitAmongSpreadIdle(port, 300);
    console.log(`behind idle associations of 300 addresses: let in after ${waited} ms`);
    demand(waited < 10_000, 'An honest caller waited for more than 10 s behind idle associations.');

    const release = await holdIdle(port, { associations: 1_500, connections: 1_500, slow: 50 });
    const idle = await honestTraffic(port, '2.25.3', (done) => done >= 300);
    console.log(`beside 3,050 idle and slow connections: ${inWords(idle)}; ${JSON.stringify(facts())}`);
    let mostRssMb = 0;
    const sampling = setInterval(() => {
      mostRssMb = Math.max(mostRssMb, facts().rssMb);
    }, 500);
    const parts: Compared[] = [];
    let tally: AttackTally = { rounds: 0, lastAnswers: {}, violations: [] };
    let attackMs = 0;
    while (tally.rounds < rounds) {
      beside.call();
      const part = parts.length + 1;
      const normal = await honestTraffic(port, '2.25.7', (done) => done >= 300, { series: `2.25.7.${part}` });
      const calls = await beside.rest();
      const startedAt = performance.now();
      let isOver = false;
      const attacking = beside
        .attack(Math.min(roundsOfPart, rounds - tally.rounds), seed + tally.rounds)
        .finally(() => {
          isOver = true;
        });
      const attacked = await honestTraffic(port, '2.25.4', () => isOver, { series: `2.25.4.${part}` });
      tally = added(tally, await attacking);
      attackMs += performance.now() - startedAt;
      parts.push({ normal, attacked });
      console.log(`beside ${callersBeside} callers, ${calls} calls of theirs: ${inWords(normal)}`);
      console.log(`beside ${callersBeside} attackers, ${tally.rounds} attacks so far: ${inWords(attacked)}`);
    }
    clearInterval(sampling);
    release();
    const honest = parts.reduce((sum, { attacked }) => sum + attacked.times.length, 0);
    console.log(
      `${honest} honest associations beside the attacks, which took ${Math.round(attackMs / 1000)} s; most ${mostRssMb} MB`,
    );
    console.log(JSON.stringify(tally));
    demand(tally.violations.length === 0, 'There were violations.');
    demand(tally.rounds === rounds, 'Not all attacks were carried out.');
    for (const [name, quantile] of Object.entries({ median: 0.5, '95 %': 0.95 })) {
      const { ofParts, ofAll } = timesOfNormal(parts, quantile);
      console.log(
        `${name}: ${ofParts.toFixed(2)} times the normal in the median of ${parts.length} parts, ${ofAll.toFixed(2)} of all`,
      );
      demand(ofParts <= 2, `Honest traffic took more than twice its normal time: ${name}.`);
    }

    await pause(10_000);
    const after = await honestTraffic(port, '2.25.5', (done) => done >= 300);
    const staged = readdirSync(join(dir, 'blobs/incoming'));
    const left = facts();
    console.log(`after: ${inWords(after)}; ${JSON.stringify(left)}; files in staging: ${staged.length}`);
    demand(staged.length === 0, 'Files are left in staging.');
    demand(left.rssMb <= 1.5 * before.rssMb, 'Memory has not returned.');
    demand(left.descriptors <= before.descriptors + 10, 'Descriptors are left open.');
    const open = /causeway_associations_open (\d+)/.exec(await (await fetch(new URL('/metrics', server.web))).text());
    const errors = server
      .output()
      .split('\n')
      .filter((line) => line.includes('"error"'));
    console.log(`associations open: ${open?.[1]}; lines at ERROR: ${errors.length}`, errors.slice(0, 5).join('\n'));
    demand(open?.[1] === '0', 'Associations are left open.');
    demand(errors.length === 0, 'There are lines at ERROR.');
    const failures = [alone, idle, after, ...parts.flatMap(({ normal, attacked }) => [normal, attacked])].flatMap(
      (each) => each.failures,
    );
    demand(failures.length === 0, `Honest traffic failed: ${[...new Set(failures)].slice(0, 10).join('; ')}`);
    console.log(wrong.length === 0 ? 'All as it should be.' : wrong.join('\n'));
    return wrong.length === 0;
  } finally {
    beside.end();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const [mode, number] = process.argv.slice(2);
  if (mode === 'beside') standBeside(Number(number));
  else process.exitCode = (await longForm(Number(mode ?? 100_000), Number(number ?? 1))) ? 0 : 1;
}
