import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeCommandSet, encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import type { InstanceOutcome } from '../../src/ingest/ingest.ts';
import { createAccess } from '../../src/peers/create-access.ts';
import type { StoredSearch } from '../../src/search/search.ts';
import {
  associateRaw,
  echoRq,
  lastCommandFragment,
  lastDataFragment,
  moreData,
  pdu,
  pdv,
  type RawClient,
  releaseRq,
  storeCommand,
  storeRq,
  uids,
} from '../support/dimse-raw-client.ts';
import {
  dataSetOf,
  searchNothing,
  startDimseServer,
  stored,
  type TestDimseServer,
  until,
} from '../support/dimse-server.ts';

let dimse: TestDimseServer;
let client: RawClient;

beforeEach(async () => {
  dimse = await startDimseServer();
  client = await associateRaw(dimse.port);
});

afterEach(async () => {
  client.destroy();
  await dimse.server.close({ graceMs: 0 });
});

describe('C-ECHO', () => {
  it('answers 0000', async () => {
    client.send(echoRq(77));
    expect(await client.nextCommand()).toEqual({
      affectedSopClassUid: uids.verification,
      commandField: 0x8030,
      messageIdBeingRespondedTo: 77,
      commandDataSetType: 0x0101,
      status: 0,
    });
  });
});

describe('C-STORE', () => {
  it('gives ingest a Part 10 file: header from command and association, data set bytes as they came', async () => {
    const dataSet = randomBytes(300_001);
    client.send(storeRq(dataSet, { messageId: 5, sopInstanceUid: '1.2.3.4' }));
    expect(await client.nextCommand()).toEqual({
      affectedSopClassUid: uids.ctImageStorage,
      commandField: 0x8001,
      messageIdBeingRespondedTo: 5,
      commandDataSetType: 0x0101,
      status: 0,
      affectedSopInstanceUid: '1.2.3.4',
    });
    const [instance] = dimse.ingest.finished;
    expect(instance?.source).toEqual({
      door: 'dimse',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      callingAeTitle: 'MODALITY',
      address: '127.0.0.1',
      affected: { sopClassUid: uids.ctImageStorage, sopInstanceUid: '1.2.3.4' },
    });
    const file = instance!.bytes;
    expect(file.subarray(0, 132).toString('latin1')).toBe(`${'\0'.repeat(128)}DICM`);
    const meta = file.subarray(132, file.length - dataSet.length).toString('latin1');
    for (const value of [uids.ctImageStorage, '1.2.3.4', uids.explicitLittleEndian, 'MODALITY']) {
      expect(meta).toContain(value);
    }
    expect(dataSetOf(file).equals(dataSet)).toBe(true);
  });

  it('data that is not in the negotiated transfer syntax is handed on as it is, never transcoded', async () => {
    // (0008,0016) in Implicit VR on a context of Explicit VR: whether that can be kept is for ingest to say.
    const implicit = Buffer.concat([Buffer.from([8, 0, 0x16, 0, 4, 0, 0, 0]), Buffer.from('1.2\0')]);
    client.send(storeRq(implicit));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
    const file = dimse.ingest.finished[0]!.bytes;
    expect(dataSetOf(file)).toEqual(implicit);
    expect(file.toString('latin1')).toContain(uids.explicitLittleEndian);
  });

  it('answers only when ingest has made the instance durable', async () => {
    let commit = (): void => {};
    dimse.ingest.beforeFinish = () =>
      new Promise((resolve) => {
        commit = resolve;
      });
    client.send(storeRq(Buffer.alloc(10)));
    await until(() => dimse.ingest.bytesWritten > 10);
    const before = client.socket.bytesRead;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(client.socket.bytesRead).toBe(before);
    commit();
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  const refused = (
    code: 'malformed' | 'storage-full' | 'internal',
    message: string,
    tag?: string,
  ): InstanceOutcome => ({
    status: 'refused',
    code,
    message,
    details: tag === undefined ? {} : { tag },
  });

  it('says why an instance is refused, and at which attribute', async () => {
    dimse.ingest.outcome = () =>
      refused('malformed', 'The length of (0010,0010) runs past the end of the file.', '00100010');
    client.send(storeRq(Buffer.alloc(10)));
    expect(await client.nextCommand()).toMatchObject({
      status: 0xc000,
      offendingElement: ['00100010'],
      errorComment: 'The length of (0010,0010) runs past the end of the file.',
    });
    expect(dimse.log.lines.find(({ message }) => message === 'An instance was refused.')).toMatchObject({
      level: 'warn',
      facts: { association: expect.any(String), status: 'C000', sopInstanceUid: '1.2.3', offendingElement: '00100010' },
    });
  });

  it('goes on after a refused instance', async () => {
    dimse.ingest.outcome = () => refused('storage-full', 'There is no space left to store the instance.');
    client.send(storeRq(randomBytes(500_000)));
    expect(await client.nextCommand()).toMatchObject({ status: 0xa700 });
    dimse.ingest.outcome = stored;
    client.send(storeRq(randomBytes(500_000)));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it('identical content that was there already is success', async () => {
    dimse.ingest.outcome = () => ({ ...stored(), status: 'duplicate', warnings: [] }) as InstanceOutcome;
    client.send(storeRq(Buffer.alloc(10)));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it('a warning is answered with its reason', async () => {
    const warnings = [{ reason: 0xb006, tag: '00080016', message: 'A value was left out.' }] as const;
    dimse.ingest.outcome = () => ({ ...stored(), warnings }) as InstanceOutcome;
    client.send(storeRq(Buffer.alloc(10)));
    expect(await client.nextCommand()).toMatchObject({
      status: 0xb006,
      offendingElement: ['00080016'],
      errorComment: 'A value was left out.',
    });
  });

  it.each([
    ['another SOP class than its context', { sopClassUid: '1.2.840.10008.5.1.4.1.1.4' }, 0x0122, '00000002'],
    ['no SOP Instance UID', { sopInstanceUid: '' }, 0x0117, '00001000'],
  ])(
    'with %s is refused, its data set is passed over, and the association lives on',
    async (_name, store, status, tag) => {
      client.send(storeRq(randomBytes(50_000), store));
      expect(await client.nextCommand()).toMatchObject({ status, offendingElement: [tag] });
      expect(dimse.ingest.bytesWritten).toBe(0);
      client.send(echoRq());
      expect(await client.nextCommand()).toMatchObject({ status: 0 });
    },
  );

  it('without a data set is refused', async () => {
    const command = {
      affectedSopClassUid: uids.ctImageStorage,
      commandField: 1,
      messageId: 1,
      commandDataSetType: 0x0101,
      affectedSopInstanceUid: '1.2.3',
    };
    client.send(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet(command))));
    expect(await client.nextCommand()).toMatchObject({ status: 0x0212 });
  });

  it('an association that drops in the middle of a data set leaves nothing behind', async () => {
    client.send(pdu(4, pdv(1, lastCommandFragment, storeCommand())), pdu(4, pdv(1, moreData, randomBytes(50_000))));
    await until(() => dimse.ingest.bytesWritten > 0);
    client.destroy();
    await until(() => dimse.ingest.aborted.length > 0);
    expect(dimse.ingest.aborted[0]?.affected?.sopInstanceUid).toBe('1.2.3');
    expect(dimse.ingest.finished).toHaveLength(0);
  });

  it.each([
    ['A-ABORT', pdu(7, Buffer.alloc(4))],
    ['a broken PDU', Buffer.from('nonsense')],
  ])('%s in the middle of a data set leaves nothing behind', async (_name, bytes) => {
    client.send(pdu(4, pdv(1, lastCommandFragment, storeCommand())), pdu(4, pdv(1, moreData, randomBytes(50_000))));
    client.send(bytes);
    await until(() => dimse.ingest.aborted.length > 0);
    await client.closed;
    expect(dimse.ingest.finished).toHaveLength(0);
  });

  it('an instance that was complete when the association dropped is stored', async () => {
    client.send(storeRq(Buffer.alloc(10)));
    client.socket.end();
    await until(() => dimse.ingest.finished.length > 0);
    expect(dimse.ingest.aborted).toHaveLength(0);
  });

  it('data sets in many tiny fragments reach ingest in few chunks', async () => {
    const dataSet = randomBytes(100_000);
    let writes = 0;
    dimse.ingest.onWrite = () => {
      writes += 1;
      return undefined;
    };
    client.send(storeRq(dataSet, { fragmentBytes: 50 }));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
    expect(dataSetOf(dimse.ingest.finished[0]!.bytes).equals(dataSet)).toBe(true);
    expect(writes).toBeLessThan(10);
  });
});

describe('C-FIND', () => {
  const studyRoot = '1.2.840.10008.5.1.4.1.2.2.1';
  const find = (contextId: number) => {
    const command = encodeCommandSet({
      affectedSopClassUid: studyRoot,
      commandField: 0x20,
      messageId: 9,
      commandDataSetType: 0,
    });
    const identifier = Buffer.from('\x08\0\x52\0\x06\0\0\0STUDY ', 'latin1');
    return pdu(4, pdv(contextId, lastCommandFragment, command), pdv(contextId, lastDataFragment, identifier));
  };
  const contexts = [{ id: 1, abstractSyntaxUid: studyRoot, transferSyntaxUids: [uids.implicitLittleEndian] }];

  it('is answered 0122 on a presentation context that is not one for queries', async () => {
    client.send(find(1));
    expect(await client.nextCommand()).toMatchObject({ commandField: 0x8020, status: 0x0122 });
  });

  it('is refused with 0124, in words, to callers who are no known peers', async () => {
    const closed = await startDimseServer({
      access: createAccess({ query: 'peers', store: 'anyone', peers: { all: async () => [] } }),
    });
    const stranger = await associateRaw(closed.port, { contexts });
    stranger.send(find(1));
    expect(await stranger.nextCommand()).toMatchObject({
      status: 0x0124,
      errorComment: 'The calling AE title is not among the known peers.',
    });
    expect(closed.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'A query was refused.' }),
    );
    stranger.destroy();
    await closed.server.close({ graceMs: 0 });
  });

  it('is answered 0000 where nothing matches', async () => {
    const workstation = await associateRaw(dimse.port, { contexts });
    workstation.send(find(1));
    expect(await workstation.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 9, status: 0 });
    workstation.destroy();
  });

  it('ends with FE00 when it is cancelled, however much there is still to tell', async () => {
    let told = 0;
    const endless: StoredSearch = {
      ...searchNothing,
      async *findAll() {
        for (;;) {
          told += 1;
          yield { matches: [{ '0020000D': { vr: 'UI', Value: [`1.${told}`] } }], warnings: [] };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    const talkative = await startDimseServer({ search: endless });
    const workstation = await associateRaw(talkative.port, { contexts });
    workstation.send(find(1));
    const nextStatus = async (): Promise<number | undefined> => {
      for (;;) {
        const { body } = await workstation.nextPdu();
        const isCommand = (body.readUInt8(5) & 1) === 1;
        if (isCommand) return decodeCommandSet(body.subarray(6)).status;
      }
    };
    expect(await nextStatus()).toBe(0xff00);
    const cancel = { commandField: 0x0fff, messageIdBeingRespondedTo: 9, commandDataSetType: 0x0101 };
    workstation.send(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet(cancel))));
    const statuses: (number | undefined)[] = [];
    while (statuses.at(-1) !== 0xfe00) statuses.push(await nextStatus());
    expect(new Set(statuses)).toEqual(new Set([0xff00, 0xfe00]));
    workstation.destroy();
    await talkative.server.close({ graceMs: 0 });
  });
});

describe('what is not served', () => {
  it.each([
    ['N-GET', 0x0110],
    ['N-DELETE', 0x0150],
  ])('%s is answered 0211, and the association lives on', async (_name, commandField) => {
    const command = encodeCommandSet({
      affectedSopClassUid: '1.2.840.10008.5.1.4.1.2.2.1',
      commandField,
      messageId: 9,
      commandDataSetType: 0,
    });
    client.send(pdu(4, pdv(1, lastCommandFragment, command), pdv(1, lastDataFragment, Buffer.alloc(100))));
    expect(await client.nextCommand()).toMatchObject({
      commandField: commandField | 0x8000,
      messageIdBeingRespondedTo: 9,
      status: 0x0211,
    });
    client.send(echoRq());
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it.each([
    ['N-EVENT-REPORT', 0x0100],
    ['N-ACTION', 0x0130],
    ['N-SET', 0x0120],
    ['N-CREATE', 0x0140],
  ])('%s outside of its SOP class is answered 0122, and the association lives on', async (_name, commandField) => {
    const command = encodeCommandSet({
      requestedSopClassUid: '1.2.840.10008.5.1.4.1.2.2.1',
      commandField,
      messageId: 9,
      commandDataSetType: 0,
    });
    client.send(pdu(4, pdv(1, lastCommandFragment, command), pdv(1, lastDataFragment, Buffer.alloc(100))));
    expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 9, status: 0x0122 });
    client.send(echoRq());
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it('C-CANCEL of nothing is passed over', async () => {
    const cancel = encodeCommandSet({ commandField: 0x0fff, messageIdBeingRespondedTo: 1, commandDataSetType: 0x0101 });
    client.send(pdu(4, pdv(1, lastCommandFragment, cancel)), echoRq());
    expect(await client.nextCommand()).toMatchObject({ commandField: 0x8030 });
  });

  it('a failure of ours is answered 0110 and logged as an error', async () => {
    dimse.ingest.beforeFinish = () => Promise.reject(new Error('out of order'));
    client.send(storeRq(Buffer.alloc(10)));
    expect(await client.nextCommand()).toMatchObject({ status: 0x0110 });
    expect(dimse.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('release', () => {
  it('waits for the operations that run', async () => {
    let commit = (): void => {};
    dimse.ingest.beforeFinish = () =>
      new Promise((resolve) => {
        commit = resolve;
      });
    client.send(storeRq(Buffer.alloc(10)), releaseRq);
    await until(() => dimse.ingest.bytesWritten > 10);
    commit();
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
    expect((await client.nextPdu()).type).toBe(6);
    await client.closed;
    await until(() => dimse.log.lines.some(({ message }) => message === 'Association ended.'));
    expect(dimse.log.lines.at(-1)).toMatchObject({ level: 'info', facts: { end: 'released', 'C-STORE': 1 } });
  });
});
