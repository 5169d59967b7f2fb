import { parseArgs } from 'node:util';
import type { Command } from './command.ts';

/** `causeway start`: the server, until it is asked to stop. */
export const startCommand: Command = {
  about: 'run the server',
  usage: `Usage: causeway start

Runs the server until it gets SIGINT or SIGTERM. Settings come from causeway.config.json and the environment;
docs/configuration.md lists them.`,
  async run(args, { signal }) {
    parseArgs({ args: [...args], options: {} });
    // What takes long to read. From the next line on the server handles signals by itself.
    await import('../compose.ts');
    if (signal.aborted) return 0;
    await import('../main.ts');
    return new Promise<never>(() => {});
  },
};
