import type { KnownPeer } from './peers.ts';

const written = /^([ -?A-[\]-~]{1,16})@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5})(?:\/(tls|tls-any-host))?)?$/;

/** What holds for a peer of which nobody has said otherwise. */
export const peerDefaults = {
  port: undefined,
  tls: undefined,
  callingAeTitle: undefined,
  user: undefined,
  may: ['query', 'retrieve', 'store'],
  transferSyntaxUids: [],
  characterSets: [],
  onDifferentContent: undefined,
  retrieveBy: 'auto',
  maxAssociations: 4,
} as const satisfies Partial<KnownPeer>;

/**
 * Reads `AETITLE@host` or `AETITLE@host:port`; an IPv6 address stands in brackets. `/tls` behind the port calls it by TLS,
 * `/tls-any-host` whatever host name its certificate is for.
 * @returns undefined for what is none
 */
export function parseKnownPeer(text: string): KnownPeer | undefined {
  const [, aeTitle = '', host = '', port, tls] = written.exec(text) ?? [];
  if (aeTitle.trim() === '' || host === '' || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return {
    ...peerDefaults,
    aeTitle: aeTitle.trim(),
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
    ...(tls === undefined ? {} : { tls: { checkHostName: tls === 'tls' } }),
  };
}
