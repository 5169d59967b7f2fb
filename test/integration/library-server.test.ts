import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Commitment } from '../../src/commitment/commitment.ts';
import { createDimseServer } from '../../src/dimse/create-dimse-server.ts';
import { createCommitmentService } from '../../src/dimse/scp/commitment.ts';
import type { InstanceOutcome } from '../../src/ingest/ingest.ts';
import { silentLog } from '../../src/kernel/log.ts';
import {
  type ApplicationEntity,
  type ApplicationEntityOptions,
  type Attributes,
  CausewayError,
  createApplicationEntity,
  type IncomingQuery,
  type PeerNode,
  readDataSet,
  type StoreResult,
  storeIn,
} from '../../src/library/dimse.ts';
import { createMemoryLog, dataSetOf, startDimseServer, stored } from '../support/dimse-server.ts';
import { freePort } from '../support/free-port.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { dataSetHashesIn, smallSeries } from '../support/small-series.ts';

const slices = 3;
const { study, slice, uidOf, writeTo, dataSetHashes } = smallSeries('1.2.826.0.1.3680043.10.999.88', slices, 'LIB-2');
const ctImageStorage = '1.2.840.10008.5.1.4.1.1.2';
const explicitVr = '1.2.840.10008.1.2.1';
const implicitVr = '1.2.840.10008.1.2';
const numbers = Array.from({ length: slices }, (_, at) => at + 1);

let folder: string;
const open: ApplicationEntity[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-library-'));
  writeTo(join(folder, 'images'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((entity) => entity.close({ graceMs: 0 })));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = (number: number): string => join(folder, 'images', `${number}.dcm`);

function entity(options: Partial<ApplicationEntityOptions> = {}): ApplicationEntity {
  const made = createApplicationEntity({ aeTitle: 'CALLER', ...options });
  open.push(made);
  return made;
}

/** An application entity that serves. */
async function serving(options: Partial<ApplicationEntityOptions>): Promise<PeerNode> {
  const { port } = await entity({ aeTitle: 'SERVER', ...options }).listen(0, { host: '127.0.0.1' });
  return { aeTitle: 'SERVER', host: '127.0.0.1', port };
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

const studyOf = (number: number): Attributes => ({
  StudyInstanceUID: `${study}.${number}`,
  PatientName: `DOE^J${number}`,
  StudyDate: `2024010${number}`,
  PatientID: '',
});

describe('search of an application entity', () => {
  it('is told the keys and who asks; the peer is told what it has asked for, and whether all of that is known', async () => {
    let asked: IncomingQuery | undefined;
    const server = await serving({
      async *search(query) {
        asked = query;
        for (const one of numbers.map(studyOf)) if (query.matches(one)) yield one;
      },
    });
    const keys = { PatientName: 'doe*', StudyDate: '20240102-', PatientID: '' };
    const found = await all(entity().find(server, 'STUDY', keys));
    expect(asked).toMatchObject({ callingAeTitle: 'CALLER', address: expect.stringContaining('127.0.0.1'), keys });
    expect(asked?.level).toBe('STUDY');
    const told = { QueryRetrieveLevel: 'STUDY', RetrieveAETitle: 'SERVER' };
    expect(found.map(({ attributes }) => attributes)).toEqual(
      [2, 3].map((number) => expect.objectContaining({ ...studyOf(number), ...told })),
    );
    expect(found.every(({ complete }) => complete)).toBe(true);
    const [more] = await all(entity().find(server, 'STUDY', { StudyDate: '20240103', StudyDescription: '' }));
    expect(more).toMatchObject({ complete: false, attributes: { StudyDescription: '' } });
    expect(more?.attributes).not.toHaveProperty('PatientName');
  });

  it('ends at C-CANCEL, also where it does not heed its signal', async () => {
    let signal: AbortSignal | undefined;
    const server = await serving({
      async *search(query) {
        signal = query.signal;
        yield studyOf(1);
        await new Promise(() => {});
      },
    });
    for await (const _ of entity().find(server, 'STUDY', { StudyInstanceUID: '' })) break;
    expect(signal?.aborted).toBe(true);
  });

  it.each([
    ['what cannot be done now', new CausewayError('unavailable', 'The disk is away.'), /A700.*The disk is away/],
    ['anything else', new TypeError('x is undefined'), /with 0110/],
  ])('tells a peer of %s', async (_what, thrown, words) => {
    const log = createMemoryLog();
    const server = await serving({
      log,
      // biome-ignore lint/correctness/useYield: it throws
      async *search() {
        throw thrown;
      },
    });
    await expect(all(entity().find(server, 'STUDY', { StudyInstanceUID: '' }))).rejects.toThrow(words);
    expect(log.lines.some(({ level }) => level === (thrown instanceof CausewayError ? 'warn' : 'error'))).toBe(true);
  });

  it.each([
    ['no unique key', { PatientID: '1' }],
    ['an attribute that does not exist', { ...studyOf(1), PatientNmae: 'X' }],
  ])('whose answer has %s fails, and the log says so', async (_what, answer: Attributes) => {
    const log = createMemoryLog();
    const server = await serving({ log, search: () => [answer] });
    await expect(all(entity().find(server, 'STUDY', { PatientID: '' }))).rejects.toThrow('0110');
    expect(log.lines.map(({ facts }) => String(facts['error']))).toContainEqual(
      expect.stringMatching(/StudyInstanceUID|PatientNmae/),
    );
  });

  it('is not there where nobody has given it', async () => {
    const server = await serving({});
    const failure = { code: 'sop-class-unsupported' };
    await expect(all(entity().find(server, 'STUDY', {}))).rejects.toMatchObject(failure);
    await expect(all(entity().worklist(server, {}))).rejects.toMatchObject(failure);
    await expect(entity().move(server, { StudyInstanceUID: study })).rejects.toMatchObject(failure);
    await expect(entity().commit(server, [])).rejects.toMatchObject(failure);
  });
});

describe('an application entity that hands on what it is asked', () => {
  it('answers in words where whoever it asks goes away in the middle', async () => {
    const gone = await serving({
      search: async function* () {
        yield studyOf(1);
        await closing.close({ graceMs: 0 });
        yield studyOf(2);
      },
    });
    const closing = open.at(-1)!;
    const own = entity();
    const proxy = await serving({
      search: async function* ({ level, keys }) {
        for await (const { attributes } of own.find(gone, level, keys)) yield attributes;
      },
    });
    const told: unknown[] = [];
    const asking = async () => {
      for await (const one of entity().find(proxy, 'STUDY', { StudyInstanceUID: '' })) told.push(one);
    };
    await expect(asking()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('A700') });
    expect(told).toHaveLength(1);
  });
});

describe('retrieve of an application entity', () => {
  const target = { StudyInstanceUID: study };
  const names = (number: number) => ({
    sopClassUid: ctImageStorage,
    sopInstanceUid: uidOf(number),
    transferSyntaxUid: explicitVr,
  });

  it('gives paths, bytes and streams; each of them comes byte for byte', async () => {
    const server = await serving({
      async *retrieve() {
        yield image(1);
        yield slice(2);
        yield { ...names(3), file: () => createReadStream(image(3)) };
      },
    });
    const into = join(folder, 'got');
    const progress: (number | undefined)[] = [];
    const result = await entity({ receive: storeIn(into) }).get(server, target, {
      onProgress: ({ remaining }) => progress.push(remaining),
    });
    expect(result).toMatchObject({ completed: slices, failed: 0, warning: 0, cancelled: false });
    expect(progress).toEqual([2, 1]);
    expect(dataSetHashesIn(into)).toEqual(dataSetHashes);
  });

  it('sends the data set of a file whose names are known before it is opened, whatever its head is like', async () => {
    const file = slice(1);
    const groupLength = file.subarray(132, 144);
    const withoutGroupLength = Buffer.concat([file.subarray(0, 132), file.subarray(144)]);
    const wrongGroupLength = Buffer.from(file);
    wrongGroupLength.writeUInt32LE(groupLength.readUInt32LE(8) - 60, 140);
    const files = [withoutGroupLength, wrongGroupLength, dataSetOf(file)];
    const server = await serving({ retrieve: () => files.map((one) => ({ ...names(1), file: one })) });
    const received: Buffer[] = [];
    const reader = entity({ receive: async ({ file: sent }) => void received.push(dataSetOf(await buffer(sent))) });
    expect(await reader.get(server, target)).toMatchObject({ completed: files.length, failed: 0 });
    expect(received).toEqual(files.map(() => dataSetOf(file)));
  });

  it('sends to where an AE title can be called, and to nobody else', async () => {
    const into = join(folder, 'moved');
    const receiver = await serving({ aeTitle: 'RECEIVER', receive: storeIn(into) });
    const server = await serving({
      retrieve: () => numbers.map(image),
      addressOf: (aeTitle) => (aeTitle === 'RECEIVER' ? { ...receiver, aeTitle } : undefined),
    });
    const moved = await entity().move(server, target, { destination: 'RECEIVER' });
    expect(moved).toMatchObject({ completed: slices, failed: 0 });
    expect(dataSetHashesIn(into)).toEqual(dataSetHashes);
    await expect(entity().move(server, target, { destination: 'NOBODY' })).rejects.toThrow('A801');
  });

  /** As what comes from a peer, which ends its association. */
  const goneAway = (): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new CausewayError('aborted', 'The association ended before the peer answered.')),
    }),
  });

  it('counts and names what could not be sent, and sends the rest', async () => {
    const log = createMemoryLog();
    const server = await serving({
      log,
      retrieve: () => [
        join(folder, 'DOE^JOHN.dcm'),
        { ...names(2), file: join(folder, 'gone.dcm') },
        { ...names(1), file: slice(1).subarray(0, -10) },
        { ...names(4), file: goneAway },
        { ...names(3), file: image(3) },
      ],
    });
    const received: string[] = [];
    const reader = entity({ receive: async ({ sopInstanceUid }) => void received.push(sopInstanceUid) });
    const result = await reader.get(server, target);
    expect(result).toMatchObject({ completed: 1, failed: 4, failedSopInstanceUids: [uidOf(2), uidOf(1), uidOf(4)] });
    expect(received).toEqual([uidOf(3)]);
    expect(JSON.stringify(log.lines)).not.toContain('DOE');
  });

  it('ends at C-CANCEL, with what remains', async () => {
    const cancel = new AbortController();
    const server = await serving({ retrieve: () => numbers.map(image) });
    const reader = entity({
      async receive() {
        cancel.abort();
        await delay(20); // the cancellation is on its way
      },
    });
    const result = await reader.get(server, target, { signal: cancel.signal });
    expect(result).toMatchObject({ cancelled: true });
    expect(result.completed).toBeLessThan(slices);
  });
});

describe('who may do what', () => {
  it('is for `refuse` to say, operation by operation', async () => {
    const operations: string[] = [];
    const server = await serving({
      search: () => [],
      retrieve: () => [],
      worklist: () => [],
      commitment: () => [],
      receive: async () => {},
      refuse(_caller, operation) {
        operations.push(operation);
        return operation === 'query' ? undefined : 'You may not.';
      },
    });
    const caller = entity({ receive: async () => {} });
    expect(await all(caller.find(server, 'STUDY', { StudyInstanceUID: '' }))).toEqual([]);
    expect(await all(caller.worklist(server, { PatientName: '' }))).toEqual([]);
    await expect(caller.get(server, { StudyInstanceUID: study })).rejects.toThrow('You may not.');
    expect(await all(caller.store(server, [slice(1)]))).toMatchObject([{ outcome: 'failed', status: '0124' }]);
    const asked = [{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3' }];
    await expect(caller.commit(server, asked)).rejects.toThrow('You may not.');
    // C-GET asks first what there is.
    expect(operations).toEqual(['query', 'query', 'query', 'retrieve', 'store', 'store']);
  });

  it('is for `checkUser` to say, which knows who calls, and those it lets in are told so', async () => {
    const users: (string | undefined)[] = [];
    const server = await serving({
      async receive({ user }) {
        users.push(user);
      },
      checkUser(user, { callingAeTitle }) {
        if (callingAeTitle === 'BROKEN') throw new Error('no database');
        if (user === undefined) return callingAeTitle === 'CT1' && 'modality';
        return user.kind === 'user-name' || (user.kind === 'user-name-and-passcode' && user.passcode === 'secret');
      },
    });
    const alice = { name: 'alice', mustBeAccepted: true };
    const as = (user: NonNullable<PeerNode['user']>): PeerNode => ({ ...server, user });
    const caller = entity();
    const stored = (peer: PeerNode, by = caller): Promise<StoreResult[]> => all(by.store(peer, [slice(1)]));
    expect(await stored(as({ ...alice, passcode: 'secret' }))).toMatchObject([{ outcome: 'stored' }]);
    // The association of one who was right is not for one who is not.
    const refused = [{ outcome: 'failed', reason: expect.stringContaining('users rejected') }];
    expect(await stored(as({ ...alice, passcode: 'guess' }))).toMatchObject(refused);
    expect(await stored(as(alice))).toMatchObject([{ outcome: 'stored' }]);
    expect(await stored(server)).toMatchObject(refused);
    expect(await stored(server, entity({ aeTitle: 'CT1' }))).toMatchObject([{ outcome: 'stored' }]);
    expect(await stored(as(alice), entity({ aeTitle: 'BROKEN' }))).toMatchObject(refused);
    expect(users).toEqual(['alice', 'alice', 'modality']);
    const knowsNoUsers = await serving({});
    await expect(caller.echo({ ...knowsNoUsers, user: alice })).rejects.toThrow('does not say that it accepts');
  });
});

describe('a receiver that keeps what it has', () => {
  it('has not stored what it answers so, which a warning of others does not say', async () => {
    const { ingest, port, server } = await startDimseServer({ aeTitle: 'KEEPS' });
    const receiver = { aeTitle: 'KEEPS', host: '127.0.0.1', port };
    try {
      ingest.outcome = () => ({ ...stored(), status: 'kept' }) as InstanceOutcome;
      expect(await all(entity().store(receiver, [slice(1)]))).toMatchObject([
        { outcome: 'failed', status: 'B006', reason: expect.stringContaining('Not stored: other content') },
      ]);
      ingest.outcome = () =>
        ({ ...stored(), warnings: [{ reason: 0xb006, message: 'Elements Discarded' }] }) as InstanceOutcome;
      expect(await all(entity().store(receiver, [slice(1)]))).toMatchObject([{ outcome: 'warning', status: 'B006' }]);
    } finally {
      await server.close({ graceMs: 0 });
    }
  });
});

describe('commitment of an application entity', () => {
  it('promises what it is told to be here, and says why it does not promise the rest', async () => {
    const kept = { sopClassUid: ctImageStorage, sopInstanceUid: uidOf(1) };
    const conflict = { sopClassUid: ctImageStorage, sopInstanceUid: uidOf(2) };
    const other = { ...conflict, sopClassUid: '1.2.840.10008.5.1.4.1.1.4' };
    const absent = { sopClassUid: ctImageStorage, sopInstanceUid: uidOf(3) };
    const server = await serving({ commitment: async () => [kept, other] });
    const report = await entity().commit(server, [kept, conflict, absent], { timeoutMs: 10_000 });
    expect(report).toMatchObject({
      committed: [kept],
      failed: [
        { ...conflict, failureReason: 0x0119 },
        { ...absent, failureReason: 0x0112 },
      ],
    });
  });
});

describe('commitment of a peer', () => {
  it('has committed to what its report names as it was asked about, and to nothing else', async () => {
    const [kept, unnamed, otherClass, both] = [1, 2, 3, 4].map((number) => ({
      sopClassUid: ctImageStorage,
      sopInstanceUid: uidOf(number),
    }));
    const strange = { sopClassUid: ctImageStorage, sopInstanceUid: uidOf(5) };
    const report = {
      committed: [kept!, strange, { ...otherClass!, sopClassUid: '1.2.840.10008.5.1.4.1.1.4' }, both!],
      failed: [{ ...both!, failureReason: 0x0110 }],
    };
    const commitment: Commitment = {
      begin: () => ({
        take: async () => {},
        abandon: async () => {},
        finish: async (transactionUid) => ({
          report: {
            transactionUid,
            hasFailures: true,
            async *parts() {
              yield report;
            },
          },
          committed: 1,
          failed: 0,
          missed: async () => {},
          acknowledged: async () => {},
        }),
      }),
    };
    const named = { aeTitle: 'FORGETS', strictAeTitle: false, host: '127.0.0.1', port: 0 };
    const access = async () => undefined;
    const services = [createCommitmentService({ commitment, access, aeTitle: named.aeTitle, patienceMs: 0 })];
    const forgetful = createDimseServer({ ...named, services, log: silentLog });
    const { port } = await forgetful.listen();
    try {
      const asked = [kept!, unnamed!, otherClass!, both!];
      expect(await entity().commit({ ...named, port }, asked, { timeoutMs: 10_000 })).toMatchObject({
        committed: [kept],
        failed: [
          { ...unnamed, failureReason: undefined },
          { ...otherClass, failureReason: undefined },
          { ...both, failureReason: 0x0110 },
        ],
      });
    } finally {
      await forgetful.close({ graceMs: 0 });
    }
  });
});

const tools = ['storescp', 'dcmconv', 'dcmcjpeg', 'dcmcrle'];

describe.skipIf(!tools.every(hasProgram))('a receiver that takes Implicit VR Little Endian only', () => {
  const compressed = () => join(folder, 'compressed');
  let port: number;
  let received: string;
  let receiver: ReturnType<typeof spawn>;

  beforeAll(async () => {
    mkdirSync(compressed());
    const made = await Promise.all([
      runProgram('dcmcjpeg', ['+e1', image(1), join(compressed(), '1.dcm')]),
      runProgram('dcmcrle', [image(2), join(compressed(), '2.dcm')]),
      runProgram('dcmconv', ['+td', image(3), join(compressed(), '3.dcm')]),
    ]);
    expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
    received = join(folder, 'received');
    mkdirSync(received);
    port = await freePort();
    receiver = spawn('storescp', ['+xi', '+B', '-od', received, String(port)], { stdio: 'ignore' });
    for (let isThere = false; !isThere; ) {
      const socket = connect(port, '127.0.0.1');
      isThere = await once(socket, 'connect').then(
        () => true,
        () => delay(20).then(() => false),
      );
      socket.destroy();
    }
  });
  afterAll(() => void receiver.kill());

  const send = (sources: Parameters<ApplicationEntity['store']>[1], convert?: boolean): Promise<StoreResult[]> =>
    all(entity().store(`STORESCP@127.0.0.1:${port}`, sources, convert === undefined ? {} : { convert }));

  it('gets files converted without loss, whatever they were in, from a disk or from memory', async () => {
    const inMemory = numbers.map((number) => readFileSync(join(compressed(), `${number}.dcm`)));
    for (const sources of [[compressed()], inMemory]) {
      const results = await send(sources);
      expect(results).toMatchObject(numbers.map(() => ({ outcome: 'stored', convertedTo: implicitVr })));
      for (const name of readdirSync(received)) {
        const file = readFileSync(join(received, name));
        const [number] = numbers.filter((one) => name.includes(uidOf(one)));
        expect(file.subarray(-128)).toEqual(Buffer.alloc(128, number));
        const { '7FE00010': _, ...attributes } = await readDataSet(file);
        const { '7FE00010': __, ...before } = await readDataSet(join(compressed(), `${number}.dcm`));
        expect(attributes).toEqual(before);
      }
      expect(readdirSync(received)).toHaveLength(slices);
      for (const name of readdirSync(received)) rmSync(join(received, name));
    }
  });

  it('gets nothing that would have to be converted where that is not wanted', async () => {
    const results = await send([join(compressed(), '2.dcm'), slice(1)], false);
    expect(results).toMatchObject([
      { outcome: 'failed', convertedTo: undefined, reason: expect.stringContaining('does not take RLE') },
      { outcome: 'failed' },
    ]);
  });

  it('gets what it wants by C-MOVE, from a stream as well', async () => {
    const server = await serving({
      retrieve: () => [
        join(compressed(), '1.dcm'),
        {
          sopClassUid: ctImageStorage,
          sopInstanceUid: uidOf(2),
          transferSyntaxUid: '1.2.840.10008.1.2.5',
          file: () => createReadStream(join(compressed(), '2.dcm')),
        },
      ],
      addressOf: () => `STORESCP@127.0.0.1:${port}`,
    });
    const moved = await entity().move(server, { StudyInstanceUID: study }, { destination: 'STORESCP' });
    expect(moved).toMatchObject({ completed: 2, failed: 0 });
    const pixels = readdirSync(received).map((name) => readFileSync(join(received, name)).at(-1));
    expect(pixels.sort()).toEqual([1, 2]);
  });

  it('is told by a file that cannot be decoded that it failed, and gets the rest', async () => {
    const damaged = readFileSync(join(compressed(), '1.dcm'));
    damaged.fill(0xff, damaged.length - 60, damaged.length - 8);
    writeFileSync(join(folder, 'damaged.dcm'), damaged);
    const [first, second] = await send([join(folder, 'damaged.dcm'), join(compressed(), '2.dcm')]);
    expect(first).toMatchObject({ outcome: 'failed', convertedTo: undefined, reason: expect.any(String) });
    expect(second).toMatchObject({ outcome: 'stored' });
  });
});
