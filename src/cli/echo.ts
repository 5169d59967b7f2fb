import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { callOptions, callOptionsUsage, thePeer, withPeer } from './scu-command.ts';

/** `causeway echo PEER`: C-ECHO. */
export const echoCommand: Command = {
  about: 'ask whether a peer is there (C-ECHO)',
  usage: `Usage: causeway echo [options] PEER

PEER is AETITLE@host:port, or the AE title of a known peer.

Options
${callOptionsUsage}

Exit code 0 if the peer answers, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: callOptions });
    return withPeer(thePeer(positionals), context, { ...values, endsAtOnce: true }, async ({ scu, peer, log }) => {
      const durationMs = Math.round((await scu.echo(peer, log)) * 10) / 10;
      const { aeTitle, host, port } = peer;
      if (values.json) context.terminal.print(JSON.stringify({ aeTitle, host, port, durationMs }));
      else context.terminal.print(`${aeTitle} at ${host} port ${port} answers, in ${durationMs} ms.`);
      return 0;
    });
  },
};
