import { describe, expect, it } from 'vitest';
import { writeIdentifier } from '../../src/dicom/identifier.ts';
import { encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import { createMetrics } from '../../src/kernel/metrics.ts';
import type { StoredRetrieve } from '../../src/retrieve/retrieve.ts';
import { dimseWithCleanup } from '../support/dimse-cleanup.ts';
import {
  associateRaw,
  associateRq,
  connectRaw,
  counted,
  echoRq,
  item,
  lastCommandFragment,
  lastDataFragment,
  moreData,
  pdu,
  pdv,
  type RawClient,
  readAccept,
  releaseRq,
  storeCommand,
  storeRq,
  uids,
} from '../support/dimse-raw-client.ts';
import { searchNothing, type TestDimseServer, until } from '../support/dimse-server.ts';

const { start, track } = dimseWithCleanup();

async function endOf(dimse: TestDimseServer) {
  await until(() => dimse.log.lines.some(({ message }) => message === 'Association ended.'));
  return dimse.log.lines.find(({ message }) => message === 'Association ended.')?.facts;
}

const rejection = (result: number, source: number, reason: number) => ({
  type: 3,
  body: Buffer.from([0, result, source, reason]),
});

const abort = (source: number, reason: number) => ({ type: 7, body: Buffer.from([0, 0, source, reason]) });

describe('rejection', () => {
  it.each([
    ['another AE title', { calledAeTitle: 'SOMEONE' }, rejection(1, 1, 7)],
    ['no calling AE title', { callingAeTitle: '' }, rejection(1, 1, 3)],
    ['another application context', { applicationContextName: '1.2.3' }, rejection(1, 1, 2)],
    ['another protocol version', { protocolVersion: 2 }, rejection(1, 2, 2)],
    ['no presentation context', { contexts: [] }, rejection(1, 1, 1)],
  ])('of %s carries its reason, and the log says why', async (_name, request, expected) => {
    const dimse = await start({ strictAeTitle: true });
    const client = await track(connectRaw(dimse.port));
    client.send(associateRq(request));
    expect(await client.nextPdu()).toEqual(expected);
    await client.closed;
    expect(await endOf(dimse)).toMatchObject({ end: 'rejected', reason: expect.stringContaining('A-ASSOCIATE-RJ') });
  });

  it('any called AE title is taken unless strictAeTitle is set', async () => {
    const { port } = await start();
    await track(associateRaw(port, { calledAeTitle: 'SOMEONE', callingAeTitle: '' }));
  });

  it('an association beyond maxAssociations is rejected as transient, and taken once another has ended', async () => {
    const metrics = createMetrics();
    const { port } = await start({ limits: { maxAssociations: 2 }, metrics });
    const first = await track(associateRaw(port));
    await track(associateRaw(port));
    const third = await track(connectRaw(port));
    third.send(associateRq());
    expect(await third.nextPdu()).toEqual(rejection(2, 3, 2));
    first.send(releaseRq);
    await first.closed;
    await track(associateRaw(port));
    expect((await metrics.associationsOpen.get()).values[0]?.value).toBe(2);
    const ends = (await metrics.associations.get()).values.map(({ labels, value }) => [labels.end, value]);
    expect(Object.fromEntries(ends)).toEqual({ rejected: 1, released: 1 });
  });

  it('connections that say nothing lock nobody out: a new one closes the oldest of them', async () => {
    const dimse = await start({ limits: { maxAssociations: 1, maxPendingConnections: 3 } });
    const silent: RawClient[] = [];
    for (let count = 0; count < 3; count += 1) silent.push(await track(connectRaw(dimse.port)));
    const caller = await track(associateRaw(dimse.port));
    await silent[0]!.closed;
    expect(await endOf(dimse)).toMatchObject({
      end: 'crowded-out',
      reason: 'It was the oldest of 3 without an association (maxPendingConnections).',
    });
    caller.send(echoRq(), releaseRq);
    expect(await caller.nextCommand()).toMatchObject({ status: 0 });
    await caller.closed;
    silent[1]!.send(associateRq());
    readAccept(await silent[1]!.nextPdu());
  });
});

describe('time', () => {
  it('a connection that sends nothing is closed', async () => {
    const dimse = await start({ limits: { associateTimeoutMs: 30 } });
    const client = await track(connectRaw(dimse.port));
    await client.closed;
    expect(await endOf(dimse)).toMatchObject({
      end: 'timed-out',
      reason: expect.stringContaining('association request'),
    });
  });

  it('an association request that trickles in is aborted when its time is over', async () => {
    const dimse = await start({ limits: { associateTimeoutMs: 60 } });
    const client = await track(connectRaw(dimse.port));
    const request = associateRq();
    let sent = 0;
    const trickle = setInterval(() => {
      client.send(request.subarray(sent, sent + 1));
      sent += 1;
    }, 1);
    try {
      expect(await client.nextPdu()).toEqual(abort(2, 0));
      expect(sent).toBeLessThan(request.length);
    } finally {
      clearInterval(trickle);
    }
  });

  it('an idle association is aborted, and what it does in between starts the time anew', async () => {
    const dimse = await start({ limits: { idleTimeoutMs: 500 } });
    const client = await track(associateRaw(dimse.port));
    const startedAt = performance.now();
    while (performance.now() - startedAt < 600) {
      client.send(echoRq());
      expect(await client.nextCommand()).toMatchObject({ status: 0 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await client.nextPdu()).toEqual(abort(2, 0));
    expect(await endOf(dimse)).toMatchObject({
      end: 'timed-out',
      reason: 'Waited 0.5 s for the next message (idleTimeoutMs).',
    });
  });

  it.each([
    ['a PDU', Buffer.from([4, 0, 0])],
    ['a command', pdu(4, pdv(1, 1, Buffer.alloc(10)))],
    ['a data set', pdu(4, pdv(1, lastCommandFragment, storeCommand()), pdv(1, moreData, Buffer.alloc(10)))],
  ])('a peer that stops in the middle of %s is aborted', async (_name, bytes) => {
    const dimse = await start({ limits: { receiveTimeoutMs: 50 } });
    const client = await track(associateRaw(dimse.port));
    client.send(bytes);
    expect(await client.nextPdu()).toEqual(abort(2, 0));
    expect(await endOf(dimse)).toMatchObject({
      end: 'timed-out',
      reason: expect.stringContaining('rest of a message'),
    });
    expect(dimse.ingest.finished).toHaveLength(0);
  });

  it('a peer that sends a data set byte by byte is aborted, one that sends it steadily is not', async () => {
    const dimse = await start({ limits: { receiveTimeoutMs: 400 } });
    const begin = pdu(4, pdv(1, lastCommandFragment, storeCommand()));
    const slow = await track(associateRaw(dimse.port));
    const steady = await track(associateRaw(dimse.port));
    slow.send(begin);
    steady.send(begin);
    const sending = setInterval(() => {
      slow.send(pdu(4, pdv(1, moreData, Buffer.alloc(1))));
      steady.send(pdu(4, pdv(1, moreData, Buffer.alloc(2000))));
    }, 10);
    try {
      expect(await slow.nextPdu()).toEqual(abort(2, 0));
      await new Promise((resolve) => setTimeout(resolve, 500));
      steady.send(pdu(4, pdv(1, 2, Buffer.alloc(1))));
    } finally {
      clearInterval(sending);
    }
    expect(await steady.nextCommand()).toMatchObject({ status: 0 });
  });

  it.each([
    ['asks for more than it may ask for at a time', echoRq(9)],
    ['releases the association', releaseRq],
  ])('a peer that %s instead of answering our C-STORE is aborted', async (_what, instead) => {
    const getSopClass = '1.2.840.10008.5.1.4.1.2.2.3';
    const instance = { sopClassUid: uids.ctImageStorage, sopInstanceUid: '1.2.3', size: 10, dataSetOffset: 0 };
    const dimse = await start({
      limits: { responseTimeoutMs: 50 },
      search: {
        ...searchNothing,
        count: async () => ({ count: 1, warnings: [] }),
        async *findAll() {
          yield { matches: [{ '0020000D': { vr: 'UI', Value: ['1.2'] } }], warnings: [] };
        },
      },
      retrieve: {
        async *instances() {
          yield { ...instance, transferSyntaxUid: uids.explicitLittleEndian };
        },
        producible: () => [],
        dataSet: async () => Buffer.alloc(10),
      } as unknown as StoredRetrieve,
    });
    const client = await track(
      associateRaw(dimse.port, {
        contexts: [
          { id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] },
          { id: 3, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] },
          { id: 5, abstractSyntaxUid: getSopClass, transferSyntaxUids: [uids.implicitLittleEndian] },
        ],
        userItems: [item(0x54, counted(uids.ctImageStorage), Buffer.from([0, 1]))],
      }),
    );
    const command = encodeCommandSet({
      commandField: 0x10,
      affectedSopClassUid: getSopClass,
      messageId: 7,
      priority: 0,
      commandDataSetType: 0,
    });
    const identifier = writeIdentifier(
      { '00080052': { vr: 'CS', Value: ['STUDY'] }, '0020000D': { vr: 'UI', Value: ['1.2'] } },
      uids.implicitLittleEndian,
    );
    client.send(pdu(4, pdv(5, lastCommandFragment, command), pdv(5, lastDataFragment, identifier)));
    expect(await client.nextCommand()).toMatchObject({ commandField: 1, affectedSopInstanceUid: '1.2.3' });
    expect((await client.nextPdu()).type).toBe(4);
    client.send(instead);
    expect(await client.nextPdu()).toEqual(abort(2, 0));
    expect(await endOf(dimse)).toMatchObject({
      end: 'timed-out',
      reason: expect.stringContaining('responseTimeoutMs'),
    });
  });

  it('an operation of ours that takes longer than every timeout is not aborted', async () => {
    const limits = { idleTimeoutMs: 150, receiveTimeoutMs: 150, sendTimeoutMs: 150 };
    const { port, ingest } = await start({ limits });
    ingest.beforeFinish = () => new Promise((resolve) => setTimeout(resolve, 400));
    const client = await track(associateRaw(port));
    client.send(storeRq(Buffer.alloc(10)));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it('a sink that takes longer than every timeout is not blamed on the peer', async () => {
    const limits = { idleTimeoutMs: 150, receiveTimeoutMs: 150, sendTimeoutMs: 150 };
    const { port, ingest } = await start({ limits });
    ingest.onWrite = () => new Promise((resolve) => setTimeout(resolve, 200));
    const client = await track(associateRaw(port));
    client.send(storeRq(Buffer.alloc(20_000)));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it('a peer that does not close after its release is closed', async () => {
    const dimse = await start({ limits: { closeTimeoutMs: 30 } });
    const client = await track(associateRaw(dimse.port));
    client.socket.allowHalfOpen = true;
    client.send(releaseRq);
    expect((await client.nextPdu()).type).toBe(6);
    expect(await endOf(dimse)).toMatchObject({ end: 'released' });
  });
});

describe('closing the server', () => {
  it('aborts idle associations and lets running operations end', async () => {
    const dimse = await start();
    let commit = (): void => {};
    dimse.ingest.beforeFinish = () =>
      new Promise((resolve) => {
        commit = resolve;
      });
    const idle = await track(associateRaw(dimse.port));
    const busy = await track(associateRaw(dimse.port));
    busy.send(storeRq(Buffer.alloc(10)));
    await until(() => dimse.ingest.bytesWritten > 10);
    const closed = dimse.server.close({ graceMs: 10_000 });
    expect(await idle.nextPdu()).toEqual(abort(0, 0));
    await expect(connectRaw(dimse.port)).rejects.toThrow('ECONNREFUSED');
    commit();
    expect(await busy.nextCommand()).toMatchObject({ status: 0 });
    expect(await busy.nextPdu()).toEqual(abort(0, 0));
    await closed;
  });

  it('aborts what is still running when the grace is over', async () => {
    const dimse = await start();
    const client = await track(associateRaw(dimse.port));
    client.send(pdu(4, pdv(1, lastCommandFragment, storeCommand()), pdv(1, moreData, Buffer.alloc(10))));
    await until(() => dimse.ingest.bytesWritten > 0);
    await dimse.server.close({ graceMs: 20 });
    expect(dimse.ingest.aborted).toHaveLength(1);
    expect(await client.nextPdu()).toEqual(abort(0, 0));
  });

  it('a port monitor that connects and closes leaves no line above debug', async () => {
    const dimse = await start();
    const client = await track(connectRaw(dimse.port));
    client.destroy();
    await until(() => dimse.log.lines.length > 0);
    expect(dimse.log.lines.map(({ level }) => level)).toEqual(['debug']);
  });
});
