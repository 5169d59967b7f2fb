import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProposedContext } from '../../../src/dimse/association/associate-request.ts';
import { encodeCommandSet } from '../../../src/dimse/command/command-set.ts';
import { createCommitmentReports } from '../../../src/dimse/commitment-reports.ts';
import { defaultDimseLimits } from '../../../src/dimse/limits.ts';
import { createMoveArrivals } from '../../../src/dimse/move-arrivals.ts';
import { contextsFor } from '../../../src/dimse/scu/contexts-for.ts';
import { createScu } from '../../../src/dimse/scu/create-scu.ts';
import { createOpenAssociation, type OpenedAssociation } from '../../../src/dimse/scu/open-association.ts';
import { createPeerAssociations, type LentAssociation } from '../../../src/dimse/scu/peer-associations.ts';
import { identityType } from '../../../src/dimse/user-identity.ts';
import type { InstanceSource } from '../../../src/ingest/ingest.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { associateRq, lastCommandFragment, pdu, pdv, uids } from '../../support/dimse-raw-client.ts';
import { createFakeIngest, createMemoryLog, dataSetOf, startDimseServer } from '../../support/dimse-server.ts';
import { filesAsTheyAre } from '../../support/files-as-they-are.ts';

const limits = {
  ...defaultDimseLimits,
  associateTimeoutMs: 200,
  sendTimeoutMs: 200,
  responseTimeoutMs: 200,
  closeTimeoutMs: 200,
};
const open = createOpenAssociation({ aeTitle: 'CAUSEWAY', limits });
const contexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] },
];
const echo = { commandField: 0x30, affectedSopClassUid: uids.verification };
const ctContexts = [{ id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] }];
const moveContexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.2.2.2', transferSyntaxUids: [uids.implicitLittleEndian] },
];
const to = (port: number, proposed = contexts) =>
  open({ aeTitle: 'OTHER', host: '127.0.0.1', port, contexts: proposed, log: silentLog });

let server: Server | undefined;
let connected: Socket[] = [];

/** Answers the association request, and all that follows, as the test says. */
async function answering(answer: (socket: Socket, chunk: Buffer) => void, allowHalfOpen = false): Promise<number> {
  server = createServer({ allowHalfOpen }, (socket) => {
    connected.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => answer(socket, chunk));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

afterEach(() => {
  for (const socket of connected) socket.destroy();
  connected = [];
  server?.close();
  server = undefined;
});

function lentOnce(association: OpenedAssociation): LentAssociation {
  return { ...association, isReused: false, isOpen: true, endedBy: undefined, giveBack: association.release };
}

describe('an association of ours', () => {
  it('is opened, used and released', async () => {
    const other = await startDimseServer({ strictAeTitle: true, aeTitle: 'OTHER' });
    const association = await to(other.port);
    expect(association.peer.contexts).toMatchObject([{ id: 1, transferSyntaxUid: uids.implicitLittleEndian }]);
    for (let times = 0; times < 3; times++) expect(await association.peer.invoke(1, echo)).toMatchObject({ status: 0 });
    await association.release();
    expect(association.isOpen).toBe(false);
    await other.server.close({ graceMs: 0 });
    expect(other.log.lines.at(-1)?.facts).toMatchObject({ end: 'released', callingAeTitle: 'CAUSEWAY', 'C-ECHO': 3 });
  });

  it('fails in words where the peer rejects it', async () => {
    const other = await startDimseServer({ strictAeTitle: true, aeTitle: 'ELSE' });
    await expect(to(other.port)).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'The peer rejects associations permanently: its AE title is another than the one that was called (A-ASSOCIATE-RJ 1/1/7).',
    });
    await other.server.close({ graceMs: 0 });
  });

  it('fails where nobody listens', async () => {
    const port = await answering(() => {});
    server!.close();
    await once(server!, 'close');
    await expect(to(port)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('that shows a passcode in the clear leaves a line, once', async () => {
    const port = await answering((socket) => socket.destroy());
    const log = createMemoryLog();
    const userIdentity = {
      type: identityType.userNameAndPasscode,
      responseRequested: false,
      primary: Buffer.from('we'),
      secondary: Buffer.from('sesame'),
    };
    for (let times = 0; times < 2; times++) {
      const opening = open({ aeTitle: 'OTHER', host: '127.0.0.1', port, contexts, log, userIdentity });
      await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(log.lines.map(({ message }) => message)).toEqual([expect.stringContaining('in the clear')]);
  });

  it('fails in time where the peer says nothing', async () => {
    const port = await answering(() => {});
    await expect(to(port)).rejects.toMatchObject({ code: 'timed-out' });
  });

  it.each([
    [
      'answers as TLS does',
      (socket: Socket) => socket.end(Buffer.from('15030100020246', 'hex')),
      'wants TLS at this port',
    ],
    ['hangs up at once', (socket: Socket) => socket.destroy(), 'it may want TLS'],
  ])('says that TLS may be wanted where the peer %s', async (_what, answer, words) => {
    const port = await answering(answer);
    await expect(to(port)).rejects.toThrow(words);
  });

  it.each([
    ['answers what is no DICOM', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['answers half an acceptance', (socket: Socket) => socket.write(pdu(2, Buffer.alloc(10)))],
    ['answers with a message', (socket: Socket) => socket.write(pdu(4, Buffer.alloc(40)))],
    ['aborts', (socket: Socket) => socket.write(pdu(7, Buffer.from([0, 0, 2, 0])))],
    ['hangs up', (socket: Socket) => socket.destroy()],
  ])('fails for now, not for good, where the peer %s', async (_what, answer) => {
    const port = await answering(answer);
    await expect(to(port)).rejects.toMatchObject({ name: 'CausewayError', code: 'unavailable' });
  });

  it('fails where the peer leaves no room for messages in its PDUs', async () => {
    const acceptance = await acceptanceOfOther();
    acceptance.writeUInt32BE(4, acceptance.indexOf(Buffer.from([0x51, 0, 0, 4])) + 4);
    const port = await answering((socket) => socket.write(acceptance));
    await expect(to(port)).rejects.toMatchObject({ message: expect.stringContaining('no room for data') });
  });

  it('is not lent again with half a message on it, whatever that failed of', async () => {
    const other = await startDimseServer({ aeTitle: 'OTHER' });
    const associations = createPeerAssociations({ open });
    const peer = { aeTitle: 'OTHER', host: '127.0.0.1', port: other.port, maxAssociations: 1 };
    const store = { commandField: 1, affectedSopClassUid: uids.ctImageStorage, affectedSopInstanceUid: '1.2.3' };
    async function* failing() {
      yield Buffer.alloc(300_000);
      throw new CausewayError('aborted', 'Sending was ended.');
    }
    const lend = () => associations.borrow(peer, { contexts: ctContexts }, silentLog);
    const first = await lend();
    await expect(first.peer.invoke(1, store, failing())).rejects.toMatchObject({ code: 'aborted' });
    await first.giveBack();
    const second = await lend();
    expect(await second.peer.invoke(1, store, [Buffer.from('whole!')])).toMatchObject({ status: 0 });
    await second.giveBack();
    expect(other.ingest.finished.map(({ bytes }) => dataSetOf(bytes).toString())).toEqual(['whole!']);
    await associations.close();
    await other.server.close({ graceMs: 0 });
  });

  it.each([
    ['before it is ready for TLS', { tls: { checkHostName: false } }, 'associateTimeoutMs'],
    ['with its association request', {}, 'associateTimeoutMs'],
  ])('leaves no connection behind where the peer lets it wait %s', async (_when, how, limit) => {
    const port = await answering(() => {});
    const hungUp = new Promise<void>((resolve) =>
      server!.once('connection', (socket) => socket.once('close', () => resolve())),
    );
    const opening = open({ aeTitle: 'OTHER', host: '127.0.0.1', port, contexts, log: silentLog, ...how });
    await expect(opening).rejects.toMatchObject({ code: 'timed-out', message: expect.stringContaining(limit) });
    await hungUp;
  });

  it('is ended, connection and all, where the peer takes nothing of what is sent', async () => {
    const acceptance = await acceptanceOfOther(ctContexts);
    const port = await answering((socket) => {
      socket.write(acceptance);
      socket.pause();
    });
    const association = await to(port, ctContexts);
    const store = { commandField: 1, affectedSopClassUid: uids.ctImageStorage, affectedSopInstanceUid: '1.2.3' };
    function* endless() {
      while (true) yield Buffer.alloc(1_000_000);
    }
    await expect(association.peer.invoke(1, store, endless())).rejects.toMatchObject({ code: 'aborted' });
    await association.release();
  });

  it('is over in time where the peer leaves the connection open behind its release', async () => {
    const acceptance = await acceptanceOfOther();
    const port = await answering((socket, chunk) => {
      socket.write(chunk[0] === 5 ? pdu(6, Buffer.alloc(4)) : acceptance);
    }, true);
    const association = await to(port);
    await association.release();
  });

  it('waits on for a peer that answers again and again, however little, for longer than one answer may take', async () => {
    const acceptance = await acceptanceOfOther();
    let answers = 0;
    const respond = (socket: Socket) => {
      answers += 1;
      const status = answers < 5 ? 0xff00 : 0;
      const common = { commandField: 0x8021, messageIdBeingRespondedTo: 1, commandDataSetType: 0x0101 };
      socket.write(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet({ ...common, status }))));
      if (answers < 5) setTimeout(() => respond(socket), 120);
    };
    const port = await answering((socket, chunk) => {
      if (chunk[0] === 1) socket.write(acceptance);
      else if (chunk[0] === 4) respond(socket);
    });
    const association = await to(port);
    expect(await association.peer.request(1, { commandField: 0x21 }, {})).toMatchObject({ response: { status: 0 } });
    expect(answers).toBe(5);
  });

  it('waits on for the answer to a C-MOVE for as long as what is moved arrives', async () => {
    const acceptance = await acceptanceOfOther(moveContexts);
    const arrivals = createMoveArrivals();
    const ingest = arrivals.through(createFakeIngest());
    const source: InstanceSource = { door: 'dimse', id: 'a', moveOriginatorAeTitle: 'CAUSEWAY' };
    const port = await answering((socket, chunk) => {
      if (chunk[0] === 1) socket.write(acceptance);
      if (chunk[0] !== 4) return;
      for (const at of [120, 240]) setTimeout(() => ingest.receive(source), at);
      const response = { commandField: 0x8021, messageIdBeingRespondedTo: 1, commandDataSetType: 0x0101, status: 0 };
      setTimeout(() => socket.write(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet(response)))), 360);
    });
    const scu = createScu({
      open,
      associations: { borrow: async () => lentOnce(await to(port, moveContexts)), close: async () => {} },
      ingest,
      retrieve: filesAsTheyAre,
      reports: createCommitmentReports(),
      aeTitle: 'CAUSEWAY',
      arrivals,
      privateSopClassUids: [],
    });
    const peer = { aeTitle: 'OTHER', host: '127.0.0.1', port, maxAssociations: 1 };
    const moved = await scu.move(peer, { studyInstanceUid: '1.2' }, 'CAUSEWAY', {}, silentLog);
    expect(moved.failed).toBe(0);
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.destroy(), 'The peer closed the connection.'],
    [
      'aborts',
      (socket: Socket) => socket.write(pdu(7, Buffer.from([0, 0, 2, 0]))),
      'The peer aborted the association.',
    ],
    ['never answers', () => {}, 'for the response to our request (responseTimeoutMs)'],
    [
      'answers a request that was never sent',
      (socket: Socket) => socket.write(pdu(4, Buffer.alloc(40))),
      'before the peer answered: ',
    ],
  ])('ends what waits for a response where the peer %s, and says that', async (_what, answer, words) => {
    const acceptance = await acceptanceOfOther();
    let requests = 0;
    const port = await answering((socket) => {
      requests += 1;
      if (requests === 1) socket.write(acceptance);
      else answer(socket);
    });
    const association: OpenedAssociation = await to(port);
    const ended = { code: 'aborted', message: expect.stringContaining(words) };
    await expect(association.peer.invoke(1, echo)).rejects.toMatchObject(ended);
    expect(association.isOpen).toBe(false);
    await association.release();
  });
});

/** The bytes with which our own server accepts. */
async function acceptanceOfOther(proposed = contexts): Promise<Buffer> {
  const other = await startDimseServer({ aeTitle: 'OTHER' });
  const socket = connect(other.port, '127.0.0.1');
  socket.write(associateRq({ calledAeTitle: 'OTHER', contexts: proposed }));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  await other.server.close({ graceMs: 0 });
  return bytes;
}

describe('the presentation contexts of a retrieval', () => {
  const kinds = async function* (...pairs: [string, string][]) {
    for (const [sopClassUid, transferSyntaxUid] of pairs) yield { sopClassUid, transferSyntaxUid };
  };

  it('are one for each transfer syntax in which a SOP class is stored, and one each for what they can be converted to', async () => {
    const {
      ctImageStorage: ct,
      jpegBaseline: jpeg,
      explicitLittleEndian: explicit,
      implicitLittleEndian: implicit,
    } = uids;
    expect(await contextsFor(kinds([ct, jpeg], [ct, jpeg], ['1.2', explicit], ['1.3', implicit]))).toEqual([
      { id: 1, abstractSyntaxUid: ct, transferSyntaxUids: [jpeg] },
      { id: 3, abstractSyntaxUid: ct, transferSyntaxUids: [explicit] },
      { id: 5, abstractSyntaxUid: '1.2', transferSyntaxUids: [explicit] },
      { id: 7, abstractSyntaxUid: '1.3', transferSyntaxUids: [implicit] },
      { id: 9, abstractSyntaxUid: '1.3', transferSyntaxUids: [explicit] },
      { id: 11, abstractSyntaxUid: ct, transferSyntaxUids: [implicit] },
      { id: 13, abstractSyntaxUid: '1.2', transferSyntaxUids: [implicit] },
    ]);
  });

  it('are one for each transfer syntax that the peer prefers, and for those without compression', async () => {
    const { ctImageStorage: ct, explicitLittleEndian: explicit, implicitLittleEndian: implicit } = uids;
    const proposed = await contextsFor(kinds([ct, explicit], ['1.3', explicit]), [implicit, uids.jpegBaseline]);
    const pairs = proposed.map((one) => [one.abstractSyntaxUid, ...one.transferSyntaxUids]);
    expect(pairs).toEqual([
      ...[ct, '1.3'].flatMap((uid) => [implicit, uids.jpegBaseline].map((syntax) => [uid, syntax])),
      ...[ct, '1.3'].map((uid) => [uid, explicit]),
    ]);
  });

  it('are never more than an association can have', async () => {
    const many = Array.from({ length: 300 }, (_, at): [string, string] => [`1.2.${at}`, uids.jpegBaseline]);
    const proposed = await contextsFor(kinds(...many));
    expect(proposed).toHaveLength(128);
    expect(proposed.at(-1)?.id).toBe(255);
  });
});
