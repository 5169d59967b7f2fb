import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has had, in MiB. Linux counts what its parent had when it was started into `maxRSS`,
 * too: here only what is its own.
 */
export function peakMegabytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
