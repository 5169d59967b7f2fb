import { CausewayError } from '../../kernel/errors.ts';
import type { ClientCertificate } from './tls-acceptor.ts';

export interface TlsDoorSettings {
  readonly dimseHost: string;
  readonly dimseTlsHost: string | undefined;
  readonly dimseTlsPort: number | undefined;
  readonly dimseTlsKey: string | undefined;
  readonly dimseTlsCa: string | undefined;
  readonly dimseTlsClientCertificate: ClientCertificate;
}

/**
 * Where to listen for TLS.
 * @returns undefined if there is to be no TLS port
 * @throws CausewayError `configuration-invalid` if a setting is missing that a TLS port cannot be without
 */
export function tlsDoor(settings: TlsDoorSettings) {
  const { dimseTlsPort: port, dimseTlsClientCertificate: clientCertificate } = settings;
  if (port === undefined) return undefined;
  if (settings.dimseTlsKey === undefined) {
    throw new CausewayError('configuration-invalid', 'dimseTlsPort needs dimseTlsKey and dimseTlsCertificate.');
  }
  if (clientCertificate !== 'none' && settings.dimseTlsCa === undefined) {
    const message = `dimseTlsClientCertificate=${clientCertificate} needs dimseTlsCa, the authorities of those certificates.`;
    throw new CausewayError('configuration-invalid', message);
  }
  return { host: settings.dimseTlsHost ?? settings.dimseHost, port, clientCertificate };
}
