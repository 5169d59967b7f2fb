import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createTlsAcceptor } from '../../../src/dimse/tls/tls-acceptor.ts';
import { silentLog } from '../../../src/kernel/log.ts';

it('a connection for which there is no TLS is closed, and that is logged', async () => {
  const logged: string[] = [];
  const accept = createTlsAcceptor({
    identity: { current: () => Promise.reject(new Error('no key')) },
    clientCertificate: 'none',
    handshakeTimeoutMs: 10_000,
    log: { ...silentLog, error: (message) => logged.push(message) },
  });
  const server = createServer((socket) => accept(socket, () => expect.unreachable()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(caller.resume(), 'close');
  expect(logged).toEqual([expect.stringContaining('no TLS')]);
  server.close();
});
