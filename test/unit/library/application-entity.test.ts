import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createDimseServer } from '../../../src/dimse/create-dimse-server.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { createApplicationEntity } from '../../../src/library/application-entity.ts';
import { freePort } from '../../support/free-port.ts';

describe('an application entity', () => {
  it('does not listen by TLS with files that cannot be used, and looks at them anew', async () => {
    const tls = { key: '/nowhere/key.pem', certificate: '/nowhere/certificate.pem' };
    const server = createApplicationEntity({ aeTitle: 'SERVER', tls });
    for (let tried = 0; tried < 2; tried++) {
      const listening = server.listen(0, { host: '127.0.0.1', tls: { port: 0 } });
      await expect(listening).rejects.toMatchObject({ code: 'configuration-invalid' });
    }
    await server.close();
  });

  it('does not listen at all where one of its ports is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port: tlsPort } = taken.address() as AddressInfo;
    const port = await freePort();
    const server = createDimseServer({
      host: '127.0.0.1',
      port,
      aeTitle: 'SERVER',
      strictAeTitle: false,
      services: [],
      tlsIdentity: { current: async () => ({}) as never },
      tls: { host: '127.0.0.1', port: tlsPort, clientCertificate: 'none' },
      log: silentLog,
    });
    await expect(server.listen()).rejects.toMatchObject({ code: 'unavailable' });
    taken.close();
    const again = createServer().listen(port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });

  it.each(['LONGER_THAN_SIXTEEN', '', 'BACK\\SLASH'])('calls nobody by the title "%s"', async (aeTitle) => {
    const caller = createApplicationEntity({ aeTitle: 'CALLER' });
    const calling = createApplicationEntity({ aeTitle });
    const isBad = { code: 'bad-request', message: expect.stringContaining('1 to 16 characters') };
    await expect(caller.echo({ aeTitle, host: '127.0.0.1', port: 1 })).rejects.toMatchObject(isBad);
    await expect(calling.echo({ aeTitle: 'PEER', host: '127.0.0.1', port: 1 })).rejects.toMatchObject(isBad);
  });
});
