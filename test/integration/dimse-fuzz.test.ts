import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  associateRaw,
  associateRq,
  connectRaw,
  echoRq,
  lastCommandFragment,
  lastDataFragment,
  pdu,
  pdv,
  releaseRq,
  storeCommand,
  storeRq,
} from '../support/dimse-raw-client.ts';
import { dataSetOf, startDimseServer, type TestDimseServer, until } from '../support/dimse-server.ts';

let dimse: TestDimseServer;
let received = 0;

beforeAll(async () => {
  dimse = await startDimseServer({ limits: { receiveTimeoutMs: 1000 } });
  const receive = dimse.ingest.receive.bind(dimse.ingest);
  dimse.ingest.receive = (source) => {
    received += 1;
    return receive(source);
  };
});

afterAll(async () => {
  await dimse.server.close({ graceMs: 0 });
});

const conversation = [
  associateRq(),
  echoRq(1),
  storeRq(Buffer.alloc(300, 7), { messageId: 2, fragmentBytes: 100 }),
  storeRq(Buffer.alloc(5, 9), { messageId: 3 }),
  releaseRq,
];
const bytes = Buffer.concat(conversation);

const position = fc.nat(bytes.length - 1);
const byte = fc.oneof(fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 }));

/** What a damaged or hostile sender does with an honest conversation. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), at: position, byte }),
  fc.record({ kind: fc.constant('remove' as const), at: position, length: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: position, length: fc.integer({ min: 1, max: 300 }) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: position,
    noise: fc.uint8Array({ minLength: 1, maxLength: 20 }),
  }),
);

function apply(sound: Buffer, changes: readonly (typeof damage extends fc.Arbitrary<infer T> ? T : never)[]): Buffer {
  let damaged = sound;
  for (const change of changes) {
    const before = damaged.subarray(0, change.at);
    const after = damaged.subarray(change.at);
    if (change.kind === 'change') damaged = Buffer.concat([before, Buffer.from([change.byte]), after.subarray(1)]);
    if (change.kind === 'remove') damaged = Buffer.concat([before, after.subarray(change.length)]);
    if (change.kind === 'repeat') damaged = Buffer.concat([before, after.subarray(0, change.length), after]);
    if (change.kind === 'insert') damaged = Buffer.concat([before, change.noise, after]);
  }
  return damaged;
}

async function converse(sent: Buffer, cuts: readonly number[]): Promise<number[]> {
  const client = await connectRaw(dimse.port);
  const ends = [...new Set(cuts.map((cut) => cut % sent.length))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, sent.length]) {
    client.send(sent.subarray(start, end));
    start = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.end();
  await client.closed;
  const types: number[] = [];
  while (true) {
    const next = await client.nextPdu().catch(() => undefined);
    if (next === undefined) return types;
    types.push(next.type);
  }
}

describe('an association with a damaged peer', () => {
  it('ends cleanly, leaves nothing behind and harms no other, whatever is sent', async () => {
    const honest = await associateRaw(dimse.port);
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (changes, cuts) => {
          const types = await converse(apply(bytes, changes), cuts);
          // Acceptance, rejection, responses, release and abort: nothing else is ever sent, and nothing after an abort.
          for (const type of types) expect([2, 3, 4, 6, 7]).toContain(type);
          expect(types.slice(0, -1)).not.toContain(7);
        },
      ),
      { numRuns: 400 },
    );
    await until(() => received === dimse.ingest.finished.length + dimse.ingest.aborted.length);
    expect(dimse.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    honest.send(echoRq(), releaseRq);
    expect(await honest.nextCommand()).toMatchObject({ status: 0 });
    expect((await honest.nextPdu()).type).toBe(6);
  });

  it('is answered as PS3.8 says where it is sound, wherever it is split', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (cuts) => {
        expect(await converse(bytes, cuts)).toEqual([2, 4, 4, 4, 6]);
      }),
      { numRuns: 50 },
    );
  });

  it('is answered as PS3.8 says where it is split at each of its bytes', async () => {
    for (let cut = 1; cut < bytes.length; cut += 1) expect(await converse(bytes, [cut])).toEqual([2, 4, 4, 4, 6]);
  });

  it('stores the same where command and data set are cut in two at each of their bytes', async () => {
    const dataSet = Buffer.from(Array.from({ length: 301 }, (_, at) => at & 0xff));
    const client = await associateRaw(dimse.port);
    const before = dimse.ingest.finished.length;
    const command = storeCommand();
    const halves = (whole: Buffer, at: number, last: number): Buffer[] => [
      ...(at === 0 ? [] : [pdv(1, last & ~2, whole.subarray(0, at))]),
      pdv(1, last, whole.subarray(at)),
    ];
    for (let cut = 0; cut <= Math.max(command.length, dataSet.length); cut += 1) {
      const ofCommand = halves(command, Math.min(cut, command.length), lastCommandFragment);
      const ofDataSet = halves(dataSet, Math.min(cut, dataSet.length), lastDataFragment);
      // All in one PDU, and each in one of its own.
      if (cut % 2 === 0) client.send(pdu(4, ...ofCommand, ...ofDataSet));
      else client.send(...[...ofCommand, ...ofDataSet].map((one) => pdu(4, one)));
      expect(await client.nextCommand(), String(cut)).toMatchObject({ status: 0 });
    }
    const stored = dimse.ingest.finished.slice(before);
    expect(stored.length).toBe(Math.max(command.length, dataSet.length) + 1);
    expect(stored.every((one) => dataSetOf(one.bytes).equals(dataSet))).toBe(true);
    client.destroy();
  });

  it('that drops at any byte leaves nothing behind', async () => {
    for (let length = 1; length < bytes.length; length += 1) {
      const client = await connectRaw(dimse.port);
      client.send(bytes.subarray(0, length));
      await new Promise((resolve) => setImmediate(resolve));
      client.socket.resetAndDestroy();
    }
    await until(() => dimse.log.lines.filter(({ facts }) => facts.end === 'connection-lost').length > 0);
    await until(() => received === dimse.ingest.finished.length + dimse.ingest.aborted.length);
    expect(dimse.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
