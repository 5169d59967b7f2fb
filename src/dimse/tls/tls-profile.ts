import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/** Secure Transport Connection Profiles that may be asked for. */
export const tlsProfiles = ['bcp195', 'bcp195-modified'] as const;
export type TlsProfile = (typeof tlsProfiles)[number];

/** TLS 1.2: the four that RFC 9325 §4.2 recommends. */
const recommended = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'];
const recommendedWith128Bits = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'];
const ofTls13 = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/**
 * TLS 1.2 or newer in either profile, and nothing else whatever the peer offers; the modified one has no 128-bit suites
 * for TLS 1.2. A session is never resumed, so that a certificate is checked in every connection.
 * @see PS3.15 §B.12, §B.13, RFC 8996, RFC 9325
 */
export function tlsProfileOptions(profile: TlsProfile): SecureContextOptions {
  const suites = profile === 'bcp195' ? [...recommended, ...recommendedWith128Bits] : recommended;
  return {
    minVersion: 'TLSv1.2',
    ciphers: [...ofTls13, ...suites].join(':'),
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}
