/** Somebody whom the configuration names. */
export interface KnownPeer {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  /** Where it listens, if it does. */
  readonly port: number | undefined;
}

const written = /^([ -?A-[\]-~]{1,16})@(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

/**
 * Reads `AETITLE@host` or `AETITLE@host:port`; an IPv6 address stands in brackets.
 * @returns undefined for what is none
 */
export function parseKnownPeer(text: string): KnownPeer | undefined {
  const [, aeTitle = '', host = '', port] = written.exec(text) ?? [];
  if (aeTitle.trim() === '' || host === '' || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) return undefined;
  return {
    aeTitle: aeTitle.trim(),
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
  };
}
