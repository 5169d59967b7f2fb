import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readInto } from '../../../src/dimse/association/read-into.ts';

const server = createServer({ pauseOnConnect: true });
let client: Socket;
let accepted: Socket;

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  [accepted] = (await once(server, 'connection')) as [Socket];
});

afterEach(() => {
  client.destroy();
  server.close();
});

test('what arrives is read into the same memory, in order, and waits while the socket is paused', async () => {
  const memory = Buffer.alloc(1000);
  const pieces: Buffer[] = [];
  const socket = readInto(memory, accepted, (bytes) => {
    expect(bytes.buffer).toBe(memory.buffer);
    pieces.push(Buffer.from(bytes));
    socket.pause();
    setImmediate(() => socket.resume());
  });
  const sent = randomBytes(100_000);
  client.end(sent);
  await once(socket, 'close');
  expect(Buffer.concat(pieces).equals(sent)).toBe(true);
});

test('the socket knows its peer, writes, and closes for both', async () => {
  const socket = readInto(Buffer.alloc(10), accepted, () => {});
  expect(socket.remotePort).toBe(client.localPort);
  const answer = once(client, 'data');
  socket.end('answer');
  expect(String((await answer)[0])).toBe('answer');
  await Promise.all([once(client, 'close'), once(socket, 'close')]);
});

test('a connection whose handle is not to be had is read as any other', () => {
  const handleless = new Socket();
  const received: string[] = [];
  expect(readInto(Buffer.alloc(10), handleless, (bytes) => received.push(String(bytes)))).toBe(handleless);
  handleless.emit('data', Buffer.from('longer than ten bytes'));
  expect(received).toEqual(['longer than ten bytes']);
  accepted.destroy();
});
