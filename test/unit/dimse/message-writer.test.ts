import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMessageWriter } from '../../../src/dimse/association/message-writer.ts';
import { createPduReader } from '../../../src/dimse/association/pdu-reader.ts';
import { until } from '../../support/dimse-server.ts';

let server: Server;
/** The side that writes. */
let socket: Socket;
let peer: Socket;

beforeEach(async () => {
  server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  peer = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  [socket] = await once(server, 'connection');
});

afterEach(() => {
  peer.destroy();
  socket.destroy();
  server.close();
});

interface Message {
  readonly contextId: number;
  readonly command: Buffer;
  readonly dataSet: Buffer;
}

/** Reads whole messages, each of a command and a data set. @param lengths takes those of the fragments */
function readMessages(maxPduBytes: number, lengths: number[] = []): Message[] {
  const reader = createPduReader({ maxPduBytes, maxAssociatePduBytes: 1 });
  const messages: Message[] = [];
  let command: Buffer[] = [];
  let dataSet: Buffer[] = [];
  peer.on('data', (chunk) => {
    reader.push(chunk);
    for (let part = reader.next(); part !== undefined; part = reader.next()) {
      if (part.kind !== 'fragment') throw new Error('only P-DATA-TF was expected');
      lengths.push(part.bytes.length);
      (part.isCommand ? command : dataSet).push(part.bytes);
      if (!part.ends || part.isCommand) continue;
      messages.push({
        contextId: part.contextId,
        command: Buffer.concat(command),
        dataSet: Buffer.concat(dataSet),
      });
      command = [];
      dataSet = [];
    }
  });
  return messages;
}

describe('message writer', () => {
  it.each([20, 1000, 131_072])('cuts command and data set to PDUs of %d bytes', async (maxPduBytes) => {
    const messages = readMessages(maxPduBytes);
    const writer = createMessageWriter({ socket, maxPduBytes, onBlocked() {} });
    const command = Buffer.alloc(150, 'c');
    const chunks = [0, 1, 14, 15, 3000, 200].map((length, index) => Buffer.alloc(length, index));
    await writer.send(7, command, chunks);
    await until(() => messages.length === 1);
    expect(messages).toEqual([{ contextId: 7, command, dataSet: Buffer.concat(chunks) }]);
  });

  it.each([20, 21, 1000, 131_072])(
    'gives every fragment an even number of bytes in PDUs of %d',
    async (maxPduBytes) => {
      const lengths: number[] = [];
      const messages = readMessages(maxPduBytes, lengths);
      const writer = createMessageWriter({ socket, maxPduBytes, onBlocked() {} });
      const chunks = [1, 1, 1, 0, 13, 15, 3001, 200, 4097, 1, 2].map((length, index) => Buffer.alloc(length, index));
      await writer.send(7, Buffer.alloc(150, 'c'), chunks);
      await until(() => messages.length === 1);
      expect(messages[0]?.dataSet).toEqual(Buffer.concat(chunks));
      expect(lengths.filter((length) => length % 2 !== 0)).toEqual([]);
    },
  );

  it('does not end a data set of an odd number of bytes', async () => {
    const messages = readMessages(1000);
    const writer = createMessageWriter({ socket, maxPduBytes: 1000, onBlocked() {} });
    await expect(writer.send(1, Buffer.from('cc'), [Buffer.alloc(3001)])).rejects.toMatchObject({ code: 'malformed' });
    socket.end();
    await once(peer, 'end');
    expect(messages).toEqual([]);
  });

  it('is not made for PDUs in which there is no room', () => {
    expect(() => createMessageWriter({ socket, maxPduBytes: 7, onBlocked() {} })).toThrow('No fragment fits');
  });

  it('ends an empty data set', async () => {
    const messages = readMessages(1000);
    const writer = createMessageWriter({ socket, maxPduBytes: 1000, onBlocked() {} });
    await writer.send(1, Buffer.from('cc'), []);
    await until(() => messages.length === 1);
    expect(messages[0]?.dataSet).toHaveLength(0);
  });

  it('never mixes messages that are sent at the same time', async () => {
    const messages = readMessages(1000);
    const writer = createMessageWriter({ socket, maxPduBytes: 1000, onBlocked() {} });
    async function* slowly(byte: number) {
      for (let count = 0; count < 5; count += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        yield Buffer.alloc(1500, byte);
      }
    }
    await Promise.all([1, 2, 3].map((byte) => writer.send(byte, Buffer.alloc(10, byte), slowly(byte))));
    await until(() => messages.length === 3);
    for (const [index, { contextId, command, dataSet }] of messages.entries()) {
      expect(contextId).toBe(index + 1);
      expect(command).toEqual(Buffer.alloc(10, contextId));
      expect(dataSet).toEqual(Buffer.alloc(7500, contextId));
    }
  });

  it('asks for no more of a data set than the peer takes', async () => {
    peer.pause();
    const blocked: boolean[] = [];
    const writer = createMessageWriter({ socket, maxPduBytes: 16_384, onBlocked: (now) => blocked.push(now) });
    let asked = 0;
    function* endless() {
      for (let count = 0; count < 2000; count += 1) {
        asked += 1;
        yield Buffer.alloc(100_000);
      }
    }
    const sent = writer.send(1, Buffer.from('cc'), endless());
    await until(() => blocked.at(-1) === true && socket.writableLength > 0);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBeLessThan(200);
    expect(socket.writableLength).toBeLessThan(1_000_000);
    peer.resume();
    await sent;
    expect(asked).toBe(2000);
    expect(blocked.at(-1)).toBe(false);
  });

  it('fails for whoever waits, and for whoever comes later, when the connection ends', async () => {
    peer.pause();
    const writer = createMessageWriter({ socket, maxPduBytes: 16_384, onBlocked() {} });
    const waiting = writer.send(
      1,
      Buffer.from('cc'),
      (function* () {
        while (true) yield Buffer.alloc(100_000);
      })(),
    );
    const queued = writer.send(1, Buffer.from('dd'));
    const failures = Promise.allSettled([waiting, queued]);
    await until(() => socket.writableNeedDrain);
    socket.destroy();
    expect(await failures).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'aborted' }) },
      { status: 'rejected', reason: expect.objectContaining({ code: 'aborted' }) },
    ]);
    await expect(writer.send(1, Buffer.from('ee'))).rejects.toMatchObject({ code: 'aborted' });
  });

  it('writes nothing after the connection is being closed', async () => {
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    const writer = createMessageWriter({ socket, maxPduBytes: 16_384, onBlocked() {} });
    socket.end();
    await expect(writer.send(1, Buffer.from('cc'))).rejects.toMatchObject({ code: 'aborted' });
    expect(errors).toEqual([]);
  });
});
