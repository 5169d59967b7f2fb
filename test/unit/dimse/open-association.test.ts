import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultDimseLimits } from '../../../src/dimse/limits.ts';
import { contextsFor } from '../../../src/dimse/scu/contexts-for.ts';
import { createOpenAssociation, type OpenedAssociation } from '../../../src/dimse/scu/open-association.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { pdu, uids } from '../../support/dimse-raw-client.ts';
import { startDimseServer } from '../../support/dimse-server.ts';

const limits = { ...defaultDimseLimits, associateTimeoutMs: 200, responseTimeoutMs: 200, closeTimeoutMs: 200 };
const open = createOpenAssociation({ aeTitle: 'CAUSEWAY', limits });
const contexts = [{ id: 1, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] }];
const echo = { commandField: 0x30, affectedSopClassUid: uids.verification };
const to = (port: number) => open({ aeTitle: 'OTHER', host: '127.0.0.1', port, contexts, log: silentLog });

let server: Server | undefined;
let connected: Socket[] = [];

/** Answers the association request, and all that follows, as the test says. */
async function answering(answer: (socket: Socket, chunk: Buffer) => void): Promise<number> {
  server = createServer((socket) => {
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
    ['aborts', (socket: Socket) => socket.write(pdu(7, Buffer.from([0, 0, 2, 0])))],
    ['hangs up', (socket: Socket) => socket.destroy()],
  ])('fails where the peer %s', async (_what, answer) => {
    const port = await answering(answer);
    await expect(to(port)).rejects.toMatchObject({ name: 'CausewayError' });
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['never answers', () => {}],
    ['answers a request that was never sent', (socket: Socket) => socket.write(pdu(4, Buffer.alloc(40)))],
  ])('ends what waits for a response where the peer %s', async (_what, answer) => {
    const other = await startDimseServer({ aeTitle: 'OTHER' });
    const acceptance = await acceptanceOf(other.port);
    await other.server.close({ graceMs: 0 });
    let requests = 0;
    const port = await answering((socket) => {
      requests += 1;
      if (requests === 1) socket.write(acceptance);
      else answer(socket);
    });
    const association: OpenedAssociation = await to(port);
    await expect(association.peer.invoke(1, echo)).rejects.toMatchObject({ code: 'aborted' });
    expect(association.isOpen).toBe(false);
    await association.release();
  });
});

/** The bytes with which our own server accepts. */
async function acceptanceOf(port: number): Promise<Buffer> {
  const { connect } = await import('node:net');
  const { associateRq } = await import('../../support/dimse-raw-client.ts');
  const socket = connect(port, '127.0.0.1');
  socket.write(associateRq({ calledAeTitle: 'OTHER', contexts }));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
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

  it('are never more than an association can have', async () => {
    const many = Array.from({ length: 300 }, (_, at): [string, string] => [`1.2.${at}`, uids.jpegBaseline]);
    const proposed = await contextsFor(kinds(...many));
    expect(proposed).toHaveLength(128);
    expect(proposed.at(-1)?.id).toBe(255);
  });
});
