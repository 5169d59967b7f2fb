import { errnoOf } from '../../kernel/errors.ts';

/** Why nobody answers at an address. Codes are those of Node. */
const networkFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there; check the port, and whether it runs',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up just now',
  EHOSTUNREACH: 'the host cannot be reached; check the address and the network',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'the host does not answer; check the address and the firewall',
  ECONNRESET: 'it closed the connection; it may want TLS, or not know us',
};

/** @returns a sentence that names the address, what is wrong and what to look at */
export function callFailureInWords({ host, port }: { host: string; port: number }, error: Error): string {
  const code = errnoOf(error) ?? ('code' in error ? String(error.code) : undefined);
  const why = code === undefined ? undefined : networkFailures[code];
  const words = why === undefined ? error.message : `${why} (${code})`;
  return `The peer cannot be reached at ${host} port ${port}: ${words}.`;
}

/** @param why as `tlsFailureInWords` says */
export function tlsCallFailureInWords(why: string): string {
  const hint = /does not speak TLS \(/.test(why) ? ' Call it without TLS, or at its port for TLS.' : '';
  return `There is no TLS with the peer: ${why}.${hint}`;
}

/** First bytes of an alert of TLS: what a TLS port says to who does not speak it. RFC 8446 §5.1 */
export function isTlsAlert(bytes: Buffer): boolean {
  return bytes[0] === 0x15 && bytes[1] === 0x03;
}
