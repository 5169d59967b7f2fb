import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import { dimseWithCleanup } from '../support/dimse-cleanup.ts';
import {
  associateRaw,
  associateRq,
  connectRaw,
  echoRq,
  item,
  lastCommandFragment,
  lastDataFragment,
  moreData,
  pdu,
  pdv,
  readAccept,
  releaseRq,
  storeCommand,
  storeRq,
  uids,
} from '../support/dimse-raw-client.ts';
import { dataSetOf, until } from '../support/dimse-server.ts';

const { start, track } = dimseWithCleanup();

const associate = (port: number, options: Parameters<typeof associateRaw>[1] = {}) =>
  track(associateRaw(port, options));
const connectTo = (port: number) => track(connectRaw(port));

const abortByProvider = (reason: number) => ({ type: 7, body: Buffer.from([0, 0, 2, reason]) });

describe('length of PDUs', () => {
  it('a P-DATA-TF that claims 64 MiB is aborted from its header, before anything of it is read', async () => {
    const { port, log } = await start();
    const client = await associate(port);
    const header = Buffer.from([4, 0, 0x04, 0, 0, 0]);
    client.send(header);
    expect(await client.nextPdu()).toEqual(abortByProvider(6));
    await client.closed;
    await until(() => log.lines.some(({ message }) => message === 'Association ended.'));
    expect(log.lines.at(-1)?.facts).toMatchObject({ end: 'aborted', reason: expect.stringContaining('67108864') });
  });

  it('an A-ASSOCIATE-RQ that claims 4 GiB is aborted from its header', async () => {
    const { port } = await start();
    const client = await connectTo(port);
    client.send(Buffer.from([1, 0, 0xff, 0xff, 0xff, 0xff]));
    expect(await client.nextPdu()).toEqual(abortByProvider(6));
  });

  it('a PDU of exactly the announced length is taken', async () => {
    const { port, ingest } = await start({ limits: { maxPduBytes: 4096 } });
    const client = await associate(port);
    const dataSet = randomBytes(4090);
    client.send(pdu(4, pdv(1, lastCommandFragment, storeCommand())), pdu(4, pdv(1, lastDataFragment, dataSet)));
    expect(await client.nextCommand()).toMatchObject({ commandField: 0x8001, status: 0 });
    expect(dataSetOf(ingest.finished[0]!.bytes)).toEqual(dataSet);
  });

  it('announces its own maximum, however small or unlimited the one of the caller is', async () => {
    const { port } = await start();
    for (const maxPduBytes of [0, 16, 16384, 0xffffffff]) {
      const client = await connectTo(port);
      client.send(associateRq({ maxPduBytes }));
      expect(readAccept(await client.nextPdu()).maxPduBytes).toBe(128 * 1024);
    }
  });

  it('cuts what it sends to the maximum of the caller', async () => {
    const { port } = await start();
    const client = await associate(port, { maxPduBytes: 32 });
    client.send(echoRq());
    const fragments: Buffer[] = [];
    for (let last = false; !last; ) {
      const { body } = await client.nextPdu();
      expect(body.length).toBeLessThanOrEqual(32);
      fragments.push(body.subarray(6));
      last = (body.readUInt8(5) & 2) !== 0;
    }
    expect(fragments.length).toBeGreaterThan(1);
    expect(Buffer.concat(fragments)).toEqual(
      encodeCommandSet({
        affectedSopClassUid: uids.verification,
        commandField: 0x8030,
        messageIdBeingRespondedTo: 1,
        commandDataSetType: 0x0101,
        status: 0,
      }),
    );
  });
});

describe('presentation data values', () => {
  const dataSet = randomBytes(100);
  // Command and data set in one PDU, the data set in several values, one of them empty.
  const message = pdu(
    4,
    pdv(1, lastCommandFragment, storeCommand()),
    pdv(1, moreData, dataSet.subarray(0, 31)),
    pdv(1, moreData, dataSet.subarray(31, 32)),
    pdv(1, moreData, Buffer.alloc(0)),
    pdv(1, lastDataFragment, dataSet.subarray(32)),
  );

  it('several in one PDU are all taken', async () => {
    const { port, ingest } = await start();
    const client = await associate(port);
    client.send(message);
    expect(await client.nextCommand()).toMatchObject({ status: 0, affectedSopInstanceUid: '1.2.3' });
    expect(dataSetOf(ingest.finished[0]!.bytes)).toEqual(dataSet);
  });

  it('a message is taken whole wherever it is split on its way', async () => {
    const { port, ingest } = await start();
    const client = await associate(port);
    for (let at = 1; at < message.length; at += 1) {
      client.send(message.subarray(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      client.send(message.subarray(at));
      expect(await client.nextCommand()).toMatchObject({ status: 0 });
    }
    expect(ingest.finished).toHaveLength(message.length - 1);
    for (const { bytes } of ingest.finished) expect(dataSetOf(bytes)).toEqual(dataSet);
  });

  it('a message that comes byte by byte is taken whole', async () => {
    const { port, ingest } = await start();
    const client = await associate(port);
    for (const byte of message) {
      client.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
    expect(dataSetOf(ingest.finished[0]!.bytes)).toEqual(dataSet);
  });

  it('an empty last fragment ends a data set', async () => {
    const { port, ingest } = await start();
    const client = await associate(port);
    client.send(pdu(4, pdv(1, lastCommandFragment, storeCommand())), pdu(4, pdv(1, moreData, dataSet)));
    client.send(pdu(4, pdv(1, lastDataFragment, Buffer.alloc(0))));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
    expect(dataSetOf(ingest.finished[0]!.bytes)).toEqual(dataSet);
  });

  it.each([
    ['a length past its PDU', Buffer.from([0, 0, 0, 99, 1, 3])],
    ['a length that has no room for its own header', Buffer.from([0, 0, 0, 1, 1, 3])],
    ['too few bytes for a header', Buffer.from([0, 0, 0])],
    ['nothing at all', Buffer.alloc(0)],
  ])('a P-DATA-TF with %s is aborted', async (_name, body) => {
    const { port } = await start();
    const client = await associate(port);
    client.send(pdu(4, body));
    expect(await client.nextPdu()).toEqual(abortByProvider(6));
  });

  it.each([
    ['data without a command', pdu(4, pdv(1, lastDataFragment, dataSet))],
    ['a context that was not accepted', pdu(4, pdv(9, lastCommandFragment, storeCommand()))],
    [
      'a command in the middle of a data set',
      pdu(4, pdv(1, 3, storeCommand()), pdv(1, moreData, dataSet), pdv(1, 3, storeCommand())),
    ],
    ['a data set on another context', pdu(4, pdv(1, 3, storeCommand()), pdv(3, lastDataFragment, dataSet))],
    ['a command on two contexts', pdu(4, pdv(1, 1, storeCommand()), pdv(3, 3, storeCommand()))],
    ['a response that nobody asked for', pdu(4, pdv(1, 3, encodeCommandSet({ commandField: 0x8001, status: 0 })))],
    ['a request without Message ID', pdu(4, pdv(3, 3, encodeCommandSet({ commandField: 0x30 })))],
  ])('%s is aborted with reason 5', async (_name, bytes) => {
    const { port } = await start();
    const client = await associate(port);
    client.send(bytes);
    expect(await client.nextPdu()).toEqual(abortByProvider(5));
  });

  it('a command without an end is aborted at its limit', async () => {
    const { port } = await start({ limits: { maxCommandBytes: 1000 } });
    const client = await associate(port);
    client.send(pdu(4, pdv(1, 1, Buffer.alloc(600))), pdu(4, pdv(1, 1, Buffer.alloc(600))));
    expect(await client.nextPdu()).toEqual(abortByProvider(5));
  });
});

describe('PDUs out of order', () => {
  it.each([
    ['an unknown type', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 1],
    ['a TLS greeting', Buffer.from([0x16, 3, 1, 0, 200, 1, 0]), 1],
    ['P-DATA-TF before the association', echoRq(), 2],
    ['A-RELEASE-RQ before the association', releaseRq, 2],
    ['A-ASSOCIATE-AC', pdu(2, Buffer.alloc(68)), 2],
  ])('%s is aborted', async (_name, bytes, reason) => {
    const { port } = await start();
    const client = await connectTo(port);
    client.send(bytes);
    expect(await client.nextPdu()).toEqual(abortByProvider(reason));
    await client.closed;
  });

  it.each([
    ['a second A-ASSOCIATE-RQ', associateRq()],
    ['A-RELEASE-RP', pdu(6, Buffer.alloc(4))],
    [
      'A-RELEASE-RQ in the middle of a data set',
      Buffer.concat([pdu(4, pdv(1, 3, storeCommand()), pdv(1, moreData, Buffer.alloc(9))), releaseRq]),
    ],
    [
      'data after A-RELEASE-RQ of a store that is not answered',
      Buffer.concat([storeRq(Buffer.alloc(9)), releaseRq, echoRq()]),
    ],
  ])('%s is aborted with reason 2', async (_name, bytes) => {
    const { port, ingest } = await start();
    ingest.beforeFinish = () => new Promise(() => {});
    const client = await associate(port);
    client.send(bytes);
    expect(await client.nextPdu()).toEqual(abortByProvider(2));
  });

  it('A-ABORT of the peer closes the connection and is logged with its reason', async () => {
    const { port, log } = await start();
    const client = await associate(port);
    client.send(pdu(7, Buffer.from([0, 0, 2, 6])));
    await client.closed;
    await until(() => log.lines.some(({ message }) => message === 'Association ended.'));
    expect(log.lines.at(-1)?.facts).toMatchObject({
      end: 'aborted-by-peer',
      reason: expect.stringContaining('reason 6'),
    });
  });
});

describe('asynchronous operations', () => {
  const window = (invoked: number, performed: number) => item(0x53, Buffer.from([0, invoked, 0, performed]));

  it('four pipelined C-STOREs without a window are stored and answered in order', async () => {
    const { port, ingest } = await start();
    const client = await associate(port);
    const sent = [1, 2, 3, 4].map((messageId) => ({ messageId, dataSet: randomBytes(50_000) }));
    client.send(...sent.map(({ messageId, dataSet }) => storeRq(dataSet, { messageId })));
    for (const { messageId } of sent) {
      expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: messageId, status: 0 });
    }
    for (const [index, { dataSet }] of sent.entries()) {
      expect(dataSetOf(ingest.finished[index]!.bytes).equals(dataSet)).toBe(true);
    }
    client.send(releaseRq);
    expect((await client.nextPdu()).type).toBe(6);
  });

  it('without a window one operation runs at a time and nothing more is read', async () => {
    const { port, ingest } = await start();
    let release = (): void => {};
    ingest.beforeFinish = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const client = await associate(port);
    client.send(storeRq(Buffer.alloc(10), { messageId: 1 }), storeRq(Buffer.alloc(10), { messageId: 2 }));
    await until(() => ingest.bytesWritten > 0);
    const afterFirst = ingest.bytesWritten;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(ingest.bytesWritten).toBe(afterFirst);
    ingest.beforeFinish = () => Promise.resolve();
    release();
    expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 1 });
    expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 2 });
  });

  it('within the negotiated window operations run side by side', async () => {
    const { port, ingest } = await start({ limits: { maxOperations: 3 } });
    const releases: (() => void)[] = [];
    ingest.beforeFinish = () => new Promise((resolve) => releases.push(resolve));
    const client = await connectTo(port);
    client.send(associateRq({ userItems: [window(0, 5)] }));
    expect(readAccept(await client.nextPdu()).userItem(0x53)).toEqual(Buffer.from([0, 3, 0, 1]));
    client.send(...[1, 2, 3, 4].map((messageId) => storeRq(Buffer.alloc(10), { messageId })));
    await until(() => releases.length === 3);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(releases).toHaveLength(3);
    releases[1]?.();
    expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 2, status: 0 });
    await until(() => releases.length === 4);
    for (const release of releases) release();
    const answered = [];
    for (let count = 0; count < 3; count += 1) answered.push((await client.nextCommand()).messageIdBeingRespondedTo);
    expect(answered.sort()).toEqual([1, 3, 4]);
  });

  it('a Message ID that is in use is refused with 0210', async () => {
    const { port, ingest } = await start();
    const releases: (() => void)[] = [];
    ingest.beforeFinish = () => new Promise((resolve) => releases.push(resolve));
    const client = await associate(port, { userItems: [window(4, 1)] });
    client.send(storeRq(Buffer.alloc(10), { messageId: 7 }), storeRq(Buffer.alloc(10), { messageId: 7 }));
    expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 7, status: 0x0210 });
    releases[0]?.();
    expect(await client.nextCommand()).toMatchObject({ messageIdBeingRespondedTo: 7, status: 0 });
  });
});

describe('backpressure', () => {
  it('a slow sink stops the sender: what is read ahead stays bounded', async () => {
    const { port, ingest } = await start();
    let goOn = (): void => {};
    ingest.discard = true;
    ingest.onWrite = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    const client = await associate(port);
    client.send(pdu(4, pdv(1, 3, storeCommand())));
    const piece = pdu(4, pdv(1, moreData, Buffer.alloc(100_000)));
    for (let count = 0; count < 1000; count += 1) client.socket.write(piece);
    await until(() => ingest.bytesWritten > 0);
    for (let turn = 0; turn < 50; turn += 1) {
      goOn();
      await new Promise((resolve) => setImmediate(resolve));
    }
    // 51 writes of at most one socket buffer each, and the header.
    expect(ingest.bytesWritten).toBeLessThanOrEqual(52 * 65_536);
    expect(client.socket.writableLength).toBeGreaterThan(50_000_000);
  });

  it('a peer that does not read its responses stops being read, and is closed in the end', async () => {
    const { port, log } = await start({ limits: { sendTimeoutMs: 200 } });
    const client = await associate(port, { paused: true });
    const flood = Buffer.concat(Array.from({ length: 500 }, (_, index) => echoRq(index + 1)));
    const keepSending = setInterval(() => {
      if (client.socket.writableLength < 1_000_000) client.socket.write(flood);
    }, 1);
    try {
      await until(() => log.lines.some(({ message }) => message === 'Association ended.'));
    } finally {
      clearInterval(keepSending);
    }
    expect(log.lines.find(({ message }) => message === 'Association ended.')?.facts).toMatchObject({
      end: 'timed-out',
      reason: expect.stringContaining('to take what is sent'),
    });
  });
});

describe('listening', () => {
  it('is on the given host only', async () => {
    const { port } = await start({ host: '127.0.0.1' });
    const refused = await new Promise<string>((resolve) => {
      const socket = connect({ port, host: '127.0.0.2' });
      socket.on('connect', () => resolve('connected')).on('error', (error) => resolve(error.message));
    });
    expect(refused).toContain('ECONNREFUSED');
  });

  it('names the address that is taken', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({
      code: 'unavailable',
      message: `Cannot listen for DIMSE on 127.0.0.1 port ${port}: another program uses it.`,
    });
  });
});
