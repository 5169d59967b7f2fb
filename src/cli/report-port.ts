import { UsageError } from './command.ts';

/** What `--help` says of `--listen`. */
export const reportPortUsage = `      --listen PORT take the report here where the peer calls us for it, as our AE title at this port (it has to know both)`;

/** Reads `--listen`. @throws UsageError */
export function reportPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError('--listen must be a port from 1 to 65535.');
  return port;
}
