import type { PeerCertificate } from 'node:tls';

/** Why a certificate is not accepted; AUTHORITIES stands for those that are. Codes are those of OpenSSL's verification and of Node. */
const certificateFailures: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed and not among AUTHORITIES',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not among AUTHORITIES',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not among AUTHORITIES',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not among AUTHORITIES',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not among AUTHORITIES',
  INVALID_PURPOSE: 'it is not meant for this use',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host name',
};

/** How handshakes fail. Alerts are the peer's words about us. */
const handshakeFailures: readonly (readonly [RegExp, string])[] = [
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE/, 'it does not speak TLS'],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|ALERT_PROTOCOL_VERSION/, 'it does not speak TLS 1.2 or newer'],
  [/NO_SHARED_CIPHER|NO_CIPHERS_AVAILABLE|ALERT_HANDSHAKE_FAILURE/, 'there is no cipher suite that both sides accept'],
  [/NO_SHARED_SIGNATURE_ALGORITHMS|NO_SUITABLE_SIGNATURE/, 'there is no signature algorithm that both sides accept'],
  [/ALERT_CERTIFICATE_REQUIRED/, 'it wants a certificate from us'],
  [/ALERT_CERTIFICATE_EXPIRED/, 'it says that our certificate has expired'],
  [/ALERT_UNKNOWN_CA/, 'it does not know the authority of our certificate'],
  [/ALERT_(BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)/, 'it does not accept our certificate'],
  [/HANDSHAKE_TIMEOUT/, 'the handshake took too long'],
  [/ECONNRESET|ECONNABORTED|EPIPE/, 'it closed the connection'],
];

/**
 * @param authorities whose certificates are accepted
 * @returns why TLS failed, to go on a sentence with; undefined if the error is none of TLS
 */
export function tlsFailureInWords(error: Error, authorities = 'those of dimseTlsCa'): string | undefined {
  const code = 'code' in error ? String(error.code) : '';
  const certificate = certificateFailures[code]?.replace('AUTHORITIES', authorities);
  if (certificate !== undefined) return `its certificate is not accepted, ${certificate} (${code})`;
  const handshake = handshakeFailures.find(([codes]) => codes.test(code))?.[1];
  if (handshake !== undefined) return `${handshake} (${code})`;
  return /SSL|TLS/.test(code) ? `${error.message} (${code})` : undefined;
}

/** @param code as `authorizationError` of a socket says @returns a sentence */
export function certificateRefusalInWords(certificate: PeerCertificate, code: string): string {
  if (Object.keys(certificate).length === 0)
    return 'The peer shows no certificate (dimseTlsClientCertificate=required).';
  const why = certificateFailures[code]?.replace('AUTHORITIES', 'those of dimseTlsCa') ?? 'it cannot be verified';
  return `The certificate of the peer is not accepted, ${why} (${code}).`;
}

/** Whose certificate it is, as far as it says. */
export function subjectInWords({ subject }: PeerCertificate): string | undefined {
  const parts = Object.entries(subject ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  // Anybody may write anything into a certificate.
  return parts.length === 0
    ? undefined
    : parts
        .join(', ')
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 256);
}
