import type { UserIdentity } from './association/associate-request.ts';

/** Somebody whom the configuration names. */
export interface KnownPeer {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  /** Where it listens, if it does. */
  readonly port: number | undefined;
  /** How it is called by TLS; undefined: without. */
  readonly tls?: PeerTls | undefined;
  /** As whom it is called. PS3.7 §D.3.3.7 */
  readonly userIdentity?: UserIdentity | undefined;
}

export interface PeerTls {
  /** Whether its certificate has to be for the host name or address by which it is called. */
  readonly checkHostName: boolean;
}

const written = /^([ -?A-[\]-~]{1,16})@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5})(?:\/(tls|tls-any-host))?)?$/;

/**
 * Reads `AETITLE@host` or `AETITLE@host:port`; an IPv6 address stands in brackets. `/tls` behind the port calls it by TLS,
 * `/tls-any-host` whatever host name its certificate is for.
 * @returns undefined for what is none
 */
export function parseKnownPeer(text: string): KnownPeer | undefined {
  const [, aeTitle = '', host = '', port, tls] = written.exec(text) ?? [];
  if (aeTitle.trim() === '' || host === '' || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return {
    aeTitle: aeTitle.trim(),
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
    ...(tls === undefined ? {} : { tls: { checkHostName: tls === 'tls' } }),
  };
}
