import { networkInterfaces } from 'node:os';

/** Addresses at which other machines reach what listens on `host`, IPv4; of this machine alone, if it has no other. */
export function reachableAddresses(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  return addresses.length > 0 ? addresses : ['127.0.0.1'];
}
