import { describe, expect, it } from 'vitest';
import { tlsDoor } from '../../../src/dimse/tls/tls-door.ts';
import { createTlsIdentity } from '../../../src/dimse/tls/tls-identity.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { parseKnownPeer } from '../../../src/peers/parse-known-peer.ts';

const settings = {
  dimseHost: '127.0.0.1',
  dimseTlsHost: undefined,
  dimseTlsPort: 2762,
  dimseTlsKey: 'our.key',
  dimseTlsCa: 'ca.pem',
  dimseTlsClientCertificate: 'required' as const,
};
const refused = (message: string) => ({ code: 'configuration-invalid', message: expect.stringContaining(message) });

describe('the TLS port', () => {
  it('is where it is asked for, and nowhere unless it is', () => {
    expect(tlsDoor(settings)).toEqual({ host: '127.0.0.1', port: 2762, clientCertificate: 'required' });
    expect(tlsDoor({ ...settings, dimseTlsHost: '0.0.0.0' })).toMatchObject({ host: '0.0.0.0' });
    expect(tlsDoor({ ...settings, dimseTlsPort: undefined, dimseTlsKey: undefined })).toBeUndefined();
  });

  it('cannot be without a key, nor check certificates without authorities', () => {
    expect(() => tlsDoor({ ...settings, dimseTlsKey: undefined })).toThrow(
      expect.objectContaining(refused('dimseTlsKey')),
    );
    const noCa = { ...settings, dimseTlsCa: undefined };
    expect(() => tlsDoor(noCa)).toThrow(expect.objectContaining(refused('needs dimseTlsCa')));
    expect(tlsDoor({ ...noCa, dimseTlsClientCertificate: 'none' })).toMatchObject({ clientCertificate: 'none' });
  });

  it.each([
    [{ key: '/nowhere.key' }, 'go together'],
    [{ ca: '/nowhere.pem' }, 'dimseTlsCa: the file /nowhere.pem cannot be read'],
    [{ ca: import.meta.filename }, 'there is no certificate in dimseTlsCa'],
    [{ key: import.meta.filename, certificate: import.meta.filename }, 'cannot be used'],
  ])('is refused with %o', async (files, message) => {
    await expect(createTlsIdentity(files, 'bcp195', silentLog)).rejects.toMatchObject(refused(message));
  });
});

describe('a peer', () => {
  it('is called by TLS where that is written behind its port', () => {
    expect(parseKnownPeer('PACS1@pacs.example:2762/tls')).toMatchObject({
      aeTitle: 'PACS1',
      host: 'pacs.example',
      port: 2762,
      tls: { checkHostName: true },
    });
    expect(parseKnownPeer('PACS1@10.0.0.7:2762/tls-any-host')?.tls).toEqual({ checkHostName: false });
    expect(parseKnownPeer('PACS1@[::1]:104')?.tls).toBeUndefined();
    for (const wrong of ['PACS1@pacs.example/tls', 'PACS1@pacs.example:104/ssl']) {
      expect(parseKnownPeer(wrong)).toBeUndefined();
    }
  });
});
